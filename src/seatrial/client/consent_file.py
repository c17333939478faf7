"""A consent as a TOML file: reviewed and versioned like code, signed from a pipeline.

artefact = "sha256:…"
upstream = "https://api.lab.example/v1"
people   = ["person-…"]
purposes = ["capability-evaluation"]
opens    = 2026-07-01T09:00:00Z
closes   = 2026-07-11T09:00:00Z
requests = 10_000
tokens   = 5_000_000
# may be left out: model, variant, level, concurrency, label
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from seatrial.kernel.clock import Window, aware, parse_time
from seatrial.kernel.digests import parse_digest
from seatrial.kernel.errors import Misuse
from seatrial.kernel.labels import Label
from seatrial.review.cases.types import AccessLevel, Budget, ConsentTerms, Variant

_TEXT, _NUMBER, _LIST, _TIME = "a text", "a whole number", "a list of texts", "a time with a zone"
_BUILDS = "a list of tables with model, name, artefact, upstream and level"
_BUILD = frozenset({"model", "name", "artefact", "upstream", "level"})
FIELDS: Mapping[str, str] = {
    "model": _TEXT,
    "artefact": _TEXT,
    "variant": _TEXT,
    "people": _LIST,
    "purposes": _LIST,
    "levels": _LIST,
    "upstream": _TEXT,
    "requests": _NUMBER,
    "tokens": _NUMBER,
    "concurrency": _NUMBER,
    "opens": _TIME,
    "closes": _TIME,
    "label": _TEXT,
    "variants": _BUILDS,
}
DEFAULTS: Mapping[str, Any] = {
    "variant": "safeguarded",
    "levels": [AccessLevel.API],
    "concurrency": 4,
    "label": "open//-//TLP:CLEAR//*",
    "variants": [],
}


def from_toml(text: str, what: str) -> dict[str, Any]:
    """The fields of a consent file; ``what`` names it. Raises ``Misuse`` (``consent-file-invalid``) by line, field."""
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _invalid(what, str(error)) from error
    for name, value in said.items():
        wanted = FIELDS.get(name)
        if wanted is None:
            raise _invalid(f"{what}{_line(text, name)}", f"there is no field {name!r}; there are {', '.join(FIELDS)}")
        if not _fits(value, wanted):
            raise _invalid(f"{what}{_line(text, name)}", f"{name} must be {wanted}")
    return said


def consent_terms(said: Mapping[str, Any], what: str) -> ConsentTerms:
    """Terms from their fields by name. Raises ``Misuse`` (``consent-incomplete``) naming all that lack."""
    given = {**DEFAULTS, **said}
    lacking = [name for name in FIELDS if name not in given]
    if lacking:
        raise Misuse("consent-incomplete", f"{what} does not say {', '.join(lacking)}; a consent names each of them.")
    levels = frozenset(_level(level, what) for level in given["levels"])
    variants = tuple(
        Variant(
            model=one["model"],
            name=one["name"],
            artefact=parse_digest(one["artefact"]),
            upstream=one["upstream"],
            level=_level(one["level"], what),
        )
        for one in given["variants"]
    )
    return ConsentTerms(
        model=given["model"],
        artefact=parse_digest(given["artefact"]),
        variant=given["variant"],
        people=frozenset(given["people"]),
        purposes=frozenset(given["purposes"]),
        levels=levels,
        upstream=given["upstream"],
        budget=Budget(requests=given["requests"], tokens=given["tokens"], concurrency=given["concurrency"]),
        window=Window(_time(given["opens"]), _time(given["closes"])),
        label=Label.parse(given["label"]),
        variants=variants,
    )


def _level(word: str, what: str) -> AccessLevel:
    try:
        return AccessLevel(word)
    except ValueError as error:
        known = ", ".join(level.value for level in AccessLevel)
        raise _invalid(what, f"a level is {word!r}; use one of {known}") from error


def _fits(value: object, wanted: str) -> bool:
    if wanted == _TIME:
        return isinstance(value, datetime | str)
    if wanted == _LIST:
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if wanted == _BUILDS:
        return isinstance(value, list) and all(
            isinstance(item, dict) and set(item) == _BUILD and all(isinstance(part, str) for part in item.values())
            for item in value
        )
    if wanted == _NUMBER:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, str)


def _time(value: datetime | str) -> datetime:
    return parse_time(value) if isinstance(value, str) else aware(value)


def _line(text: str, name: str) -> str:
    """Where a field stands, as far as it can be told."""
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(rf"""\s*(\[+\s*)?["']?{re.escape(name)}["']?\s*([=.\]])""", line):
            return f", line {number}"
    return ""


def _invalid(where: str, why: str) -> Misuse:
    return Misuse("consent-file-invalid", f"{where}: {why}.")
