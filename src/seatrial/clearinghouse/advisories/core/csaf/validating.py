"""Judging one document: the schema of its version, then every official test that its version has.

A test that meets a shape which the schema has already refused may not be able to finish; it is then listed as unjudged.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from seatrial.clearinghouse.advisories.core.csaf.aids import Aids
from seatrial.clearinghouse.advisories.core.csaf.checks import (
    documents,
    extensions,
    flaws,
    history,
    identities,
    licences,
    products,
    profiles,
    prose,
    ranges,
    scores,
    ssvc,
    weaknesses,
)
from seatrial.clearinghouse.advisories.core.csaf.reading import Reading
from seatrial.clearinghouse.advisories.core.csaf.report import Finding, Group, Report
from seatrial.clearinghouse.advisories.core.csaf.schemas import schema_faults
from seatrial.clearinghouse.advisories.core.csaf.table import Check

_THEMES = (
    products,
    flaws,
    scores,
    weaknesses,
    documents,
    history,
    profiles,
    identities,
    ranges,
    licences,
    ssvc,
    extensions,
    prose,
)
VERSIONS = ("2.0", "2.1")
_STRICT = "6.2.20"
_UNNAMED = "The document does not say that it is CSAF 2.0 or 2.1."


def _order(check: Check) -> tuple[int, ...]:
    return tuple(int(part) for part in check.number.split("."))


@lru_cache(maxsize=2)
def checks_of(version: str) -> tuple[Check, ...]:
    """Every test that a version of CSAF has, by number."""
    found = [check for theme in _THEMES for check in theme.TABLE.checks if version in check.versions]
    return tuple(sorted(found, key=_order))


def version_of(document: Mapping[str, Any]) -> str:
    """The version that a document names, or an empty text."""
    head = document.get("document")
    version = head.get("csaf_version") if isinstance(head, dict) else None
    return version if isinstance(version, str) and version in VERSIONS else ""


def validate(
    document: Mapping[str, Any],
    *,
    now: datetime | None = None,
    aids: Aids | None = None,
    groups: Collection[Group] = tuple(Group),
) -> Report:
    """Everything that is wrong with a document, by the official tests of the version that it names.

    `now` (aware) and `aids` let the tests be run that need the day, the network, a dictionary or an extension's rules;
    without them these are unjudged. With `groups` only these are judged (the schema always). Never raises on a
    document of JSON values.
    """
    version = version_of(document)
    if not version:
        return Report("", (Finding("schema", Group.SCHEMA, "/document/csaf_version", _UNNAMED),))
    plain, strict = schema_faults(document, version)
    found = [Finding("schema", Group.SCHEMA, place, sentence) for place, sentence in plain]
    reading = Reading(document, version, now=now, aids=aids)
    unjudged = []
    for check in checks_of(version):
        number, group = check.number, check.group
        if group not in groups:
            continue
        if check.needs and getattr(reading if check.needs == "now" else reading.aids, check.needs) is None:
            unjudged.append(number)
            continue
        try:
            hits = strict if number == _STRICT else check.judge(reading)
            found += [Finding(number, group, place, sentence) for place, sentence in hits]
        except (TypeError, KeyError, AttributeError, ValueError):
            if not plain:
                raise
            unjudged.append(number)
    return Report(version, tuple(found), tuple(unjudged))
