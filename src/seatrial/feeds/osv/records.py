"""OSV records as they were published, found by package, and asked by the engine that inventories are matched by."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from seatrial.clearinghouse.advisories.types import Document
from seatrial.clearinghouse.exposure import api as exposure
from seatrial.clearinghouse.exposure.types import AdvisoryRead, Component, Reading, Release, System, Verdict
from seatrial.kernel.errors import Misuse

# What cannot be told is not silence: whoever asks is given the record, and decides.
_SPEAKING = (Verdict.AFFECTED, Verdict.UNDER_INVESTIGATION, Verdict.CANNOT_TELL)


@dataclass(frozen=True, slots=True)
class Record:
    """``content`` is what was published; ``read`` what the engine makes of it."""

    id: str
    modified: str
    content: bytes
    read: AdvisoryRead


def record_of(document: Document) -> Record:
    """A published OSV document."""
    said = json.loads(document.content)
    try:
        (read,) = exposure.read_advisories(document.content, document.name)
    except Misuse:  # it can be had by its id; one record that cannot be read must not silence the others
        read = AdvisoryRead(said["id"], said["modified"], "", ())
    return Record(said["id"], said["modified"], document.content, read)


@dataclass
class Book:
    """The records of one state of a shelf."""

    records: Iterable[Record]
    by_id: dict[str, Record] = field(default_factory=dict)
    by_package: dict[str, list[Record]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for one in self.records:
            self.by_id[one.id] = one
            for package in dict.fromkeys(said.package for said in one.read.statements):
                self.by_package.setdefault(package, []).append(one)

    def speaking_of(self, release: Release) -> list[Record]:
        """The records that say something of this version; of any version where it names none."""
        found = self.by_package.get(release.package, [])
        if not release.version:
            return found
        asked = Reading("query", (System("query", (Component("", release.version, (release,)),)),))
        return [
            one
            for one in found
            if any(hit.settled.hit.verdict in _SPEAKING for hit in exposure.match_at_home(asked, [one.read]))
        ]


def release_of(query: Mapping[str, Any]) -> Release | None:
    """What a query asks for; ``None`` where it is of a kind of package that no advisory here can be about.

    Raises ``Misuse`` (``bad-query``) for what is no query. The package is read as that of a record is, so that
    both are called alike.
    """
    package, version = query.get("package", {}), query.get("version", "")
    if not isinstance(package, Mapping) or not isinstance(version, str) or len(version) > 200:
        raise _bad("its package is an object and its version a text of at most 200 characters")
    if "commit" in query and not package:
        return None
    name, ecosystem, purl = (package.get(word, "") for word in ("name", "ecosystem", "purl"))
    if not all(isinstance(one, str) and len(one) <= 500 for one in (name, ecosystem, purl)):
        raise _bad("name, ecosystem and purl are texts of at most 500 characters")
    if bool(purl) == bool(name and ecosystem):
        raise _bad("name a package by name and ecosystem, or by its purl, not by both")
    said = json.dumps(
        {"schema_version": "1.7.0", "id": "query", "modified": "", "affected": [{"package": {**package}}]}
    ).encode()
    (read,) = exposure.read_advisories(said, "query.json")
    if not read.statements:
        return None
    statement = read.statements[0]
    in_purl = statement.versions[0] if statement.versions else ""
    if version and in_purl:
        raise _bad("give the version in the purl or beside it, not in both")
    return Release(statement.package, version or in_purl, statement.scheme, statement.distro)


def _bad(what: str) -> Misuse:
    return Misuse("bad-query", f"This query cannot be answered: {what}.")
