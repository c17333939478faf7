"""OSV records (ossf.github.io/osv-schema, 1.x): one record is one report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seatrial.clearinghouse.findings.core.document import CREDIT_TYPES
from seatrial.kernel.errors import Misuse

from . import words

KNOWN = "1."


def is_osv(data: Mapping[str, Any]) -> bool:
    """By the two fields that every record has, and one that says what it is about."""
    return isinstance(data.get("id"), str) and "modified" in data and not {"runs", "document"} & data.keys()


def document(record: Mapping[str, Any], pointer: str) -> dict[str, Any]:
    """The report. Raises ``Misuse`` (``unknown-version``, ``not-a-finding``)."""
    version = record.get("schema_version", "1.0.0")
    if not isinstance(version, str) or not version.startswith(KNOWN):
        raise Misuse(
            "unknown-version",
            f"This OSV record is of version {words.line(str(version), 40)!r}, and 1.x is known here; convert it, or "
            "attach it to a report in your own words.",
        )
    if record.get("withdrawn"):
        raise Misuse("not-a-finding", f"The OSV record {words.line(record['id'], 80)} was withdrawn by its publisher.")
    affected = words.items(record.get("affected"))
    package = words.mapping(affected[0].get("package")) if affected else {}
    summary, details = words.text(record.get("summary")), words.text(record.get("details"))
    purl = words.line(package.get("purl"), 500)
    said = words.mapping(record.get("database_specific"))
    cwes = [*words.texts(said.get("cwe_ids")), *words.texts(said.get("cwes"))]
    name = words.line(package.get("name"), 200)
    return words.report(
        title=words.titled(words.line(record["id"], 80), summary or words.first_line(details)),
        description=words.described(summary if summary not in details else "", details),
        product={
            "name": name or _repository(affected) or "unnamed",
            **({"purl": purl} if purl.startswith("pkg:") and " " not in purl else {}),
            **({"vendor": ecosystem} if (ecosystem := words.line(package.get("ecosystem"), 200)) else {}),
        },
        versions=list(dict.fromkeys(_versions(affected)))[:1_000],
        weaknesses=words.weaknesses(*cwes),
        severity=_severity([*words.items(record.get("severity")), *_inner(affected)]),
        credits=[_credit(one) for one in words.items(record.get("credits")) if words.line(one.get("name"), 300)][:200],
        references=words.references(
            (words.line(one.get("type"), 40), one.get("url")) for one in words.items(record.get("references"))
        ),
        handling=words.handling((_organisation(one), one) for one in _identifiers(record)),
        origin=words.origin("osv", version, pointer, record),
    )


def _identifiers(record: Mapping[str, Any]) -> list[str]:
    others = [one for name in ("aliases", "upstream") for one in words.texts(record.get(name))]
    return [record["id"], *others]


def _organisation(identifier: str) -> str:
    """Whose identifier it is, by its prefix, which OSV reserves for one database each."""
    return identifier.partition("-")[0] or identifier


def _versions(affected: list[Mapping[str, Any]]) -> Iterator[str]:
    """Ranges first, for they say most in least; then versions one by one."""
    for one in affected:
        for reach in words.items(one.get("ranges")):
            if reach.get("type") != "GIT":
                yield from _reaches(words.items(reach.get("events")))
    for one in affected:
        yield from (named for version in words.texts(one.get("versions")) if (named := words.line(version, 200)))


def _reaches(events: list[Mapping[str, Any]]) -> Iterator[str]:
    since = ""
    for event in events:
        if "introduced" in event:
            introduced = words.line(event["introduced"], 90)
            since = "" if introduced == "0" else f">={introduced}"
            if event is events[-1]:
                yield since or "*"
        for name, sign in (("fixed", "<"), ("last_affected", "<="), ("limit", "<")):
            if name in event:
                yield ",".join(filter(None, (since, f"{sign}{words.line(event[name], 90)}")))


def _severity(found: list[Mapping[str, Any]]) -> dict[str, Any]:
    vectors = dict.fromkeys(words.line(one.get("score"), 300) for one in found)
    return {"vectors": [one for one in vectors if one][:10]} if any(vectors) else {}


def _inner(affected: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [severity for one in affected for severity in words.items(one.get("severity"))]


def _credit(one: Mapping[str, Any]) -> dict[str, Any]:
    contact = [said for address in words.texts(one.get("contact")) if (said := words.line(address, 300))][:10]
    return {
        "name": words.line(one["name"], 300),
        **({"type": one["type"]} if one.get("type") in CREDIT_TYPES else {}),
        **({"contact": contact} if contact else {}),
    }


def _repository(affected: list[Mapping[str, Any]]) -> str:
    for one in affected:
        for reach in words.items(one.get("ranges")):
            if named := words.line(reach.get("repo"), 200):
                return named
    return ""
