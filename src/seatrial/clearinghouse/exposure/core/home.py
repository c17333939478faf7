"""Matching at an operator's home: files in, matches out, nothing kept and nobody told. Pure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from seatrial.clearinghouse.advisories.types import OPENVEX
from seatrial.clearinghouse.exposure.types import AdvisoryRead, LocalMatch, Reading, Verdict
from seatrial.kernel.canonical import from_json
from seatrial.kernel.errors import Misuse
from seatrial.kernel.text import harmless

from .affects import from_document
from .keeping import vulnerability
from .matching import Statements, settle

COLUMNS = ("system", "component", "version", "vulnerability", "verdict", "advisory", "reason")


def read_advisories(data: bytes, name: str) -> list[AdvisoryRead]:
    """One document, a list of them, or one a line. Raises ``Misuse`` (``not-json``, ``not-an-advisory``, …)."""
    documents: Iterable[object]
    lines = data.split(b"\n")
    if name.endswith((".jsonl", ".ndjson")):
        documents = (from_json(one, f"{name}, line {number}") for number, one in enumerate(lines, 1) if one.strip())
    else:
        found = from_json(data, name)
        documents = found if isinstance(found, list) else [found]
    return [_advisory(one, name) for one in documents]


def _advisory(document: object, name: str) -> AdvisoryRead:
    if not isinstance(document, Mapping):
        raise Misuse("not-an-advisory", f"{name} holds something that is neither an OSV record nor a CSAF document.")
    try:
        return from_document(document)
    except Misuse as error:
        raise Misuse(error.code, f"{name}: {error.message}") from error


def match(reading: Reading, advisories: Iterable[AdvisoryRead]) -> Iterator[LocalMatch]:
    """Each system's components with what stands of them; each release is looked at once."""
    newest = {one.id: one for one in advisories}  # of two documents of one name the later given counts
    statements = Statements(statement for one in newest.values() for statement in one.statements)
    known: dict[object, tuple[Any, ...]] = {}
    for system in reading.systems:
        for component in system.components:
            if (found := known.get(component.releases)) is None:
                hits = [hit for release in component.releases for hit in statements.of(release)]
                found = known[component.releases] = settle(hits) if hits else ()
            for settled in found:
                yield LocalMatch(system.name, component.name, component.version, settled)


def table(matches: Iterable[LocalMatch]) -> list[dict[str, str]]:
    """A line for each, by ``COLUMNS``."""
    return [
        {
            "system": one.system,
            "component": one.component,
            "version": one.version,
            "vulnerability": vulnerability(one.settled.names),
            "verdict": one.settled.hit.verdict.value,
            "advisory": one.settled.hit.advisory,
            "reason": one.settled.hit.reason,
        }
        for one in matches
    ]


def as_csv(matches: Iterable[LocalMatch]) -> str:
    """CSV that no spreadsheet takes for formulas: a cell that begins like one has an apostrophe before it."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    for row in table(matches):
        writer.writerow(map(harmless, row.values()))
    return out.getvalue()


def as_vex(matches: Iterable[LocalMatch], *, author: str, at: str) -> str:
    """An OpenVEX document (0.2.0) of what stands; *cannot tell* is under investigation there."""
    statements: dict[tuple[str, str, str], dict[str, Any]] = {}
    for one in matches:
        hit, name = one.settled.hit, vulnerability(one.settled.names)
        status = "under_investigation" if hit.verdict is Verdict.CANNOT_TELL else hit.verdict.value
        made = statements.setdefault(
            (name, status, hit.reason),
            {
                "vulnerability": {"name": name, "aliases": [other for other in one.settled.names if other != name]},
                "products": [],
                "status": status,
                **_wanted(status, hit.reason),
            },
        )
        product = {"@id": one.system, "subcomponents": [{"@id": _id(one)}]}
        if product not in made["products"]:
            made["products"].append(product)
    document = {
        "@context": OPENVEX,
        "@id": f"urn:seatrial:match:{at}",
        "author": author,
        "timestamp": at,
        "version": 1,
        "statements": list(statements.values()),
    }
    return json.dumps(document, ensure_ascii=False, indent=2)


def _wanted(status: str, reason: str) -> dict[str, str]:
    """What OpenVEX asks for with a status."""
    if status == "affected":
        return {"action_statement": reason}
    if status == "not_affected":
        return {"impact_statement": reason}
    return {"status_notes": reason}


def _id(one: LocalMatch) -> str:
    release = one.settled.hit.release
    return f"{release.package}@{release.version}" if release.version else release.package
