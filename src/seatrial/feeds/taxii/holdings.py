"""The objects of a collection: every version once, in the order in which they were added, as the bytes that are sent.

When an object was added grows strictly along a collection, also where the clock went back or many were added at once,
so that a client who asks for what came after the last one misses nothing. It grows by whole milliseconds: importers
that cut a time there (as JavaScript's do) would otherwise be given the last publication again at every call.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from seatrial.clearinghouse.advisories.types import Document
from seatrial.kernel.clock import iso, parse_time
from seatrial.kernel.errors import Misuse

_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Piece:
    """An object of one bundle. ``version`` is empty where it has none of its own (STIX's observables)."""

    id: str
    type: str
    spec_version: str
    version: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Bundle:
    """What is kept of a document."""

    published: datetime
    pieces: tuple[Piece, ...]


def bundle_of(document: Document) -> Bundle:
    """The objects of a published STIX bundle, each as bytes."""
    objects = json.loads(document.content).get("objects", ())
    return Bundle(document.updated, tuple(_piece(one) for one in objects))


def _piece(one: dict[str, Any]) -> Piece:
    written = json.dumps(one, ensure_ascii=False, separators=(",", ":")).encode()
    version = one.get("modified") or one.get("created") or ""
    # STIX 2.1, 3.2: an object of the earlier format has no spec_version
    return Piece(one["id"], one["type"], one.get("spec_version", "2.0"), version, written)


@dataclass(frozen=True, slots=True)
class Entry:
    """An object as it stands in a collection. ``key`` orders them, also across revisions of the collection."""

    key: tuple[int, int]
    added: datetime
    piece: Piece
    version: str


@dataclass
class Collection:
    """One state of a collection. ``last`` are the newest versions, ``added`` when each of ``entries`` came."""

    entries: list[Entry]
    last: list[Entry] = field(default_factory=list)
    of_id: dict[str, list[Entry]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for one in self.entries:
            self.of_id.setdefault(one.piece.id, []).append(one)
        for versions in self.of_id.values():
            if len(versions) > 1:
                versions.sort(key=lambda one: parse_time(one.version))
        newest = {versions[-1].key for versions in self.of_id.values()}
        self.last = [one for one in self.entries if one.key in newest]


def collected(bundles: dict[int, Bundle]) -> Collection:
    """The collection of these bundles, by number. An object that stands in several was added with the first."""
    seen, entries, before = set[tuple[str, str]](), list[Entry](), None
    for number, bundle in bundles.items():
        for place, piece in enumerate(bundle.pieces):
            name = (piece.id, piece.version)
            if name in seen:
                continue
            seen.add(name)
            published = _whole(bundle.published)
            added = published if before is None else max(published, before + _MILLISECOND)
            entries.append(Entry((number, place), added, piece, piece.version or iso(added)))
            before = added
    return Collection(entries)


def _whole(moment: datetime) -> datetime:
    """The millisecond that has begun when ``moment`` has passed, so that nothing was added before it was published."""
    rest = timedelta(microseconds=moment.microsecond % 1_000)
    return moment - rest + _MILLISECOND if rest else moment


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request asks for. ``versions`` are ``first``, ``last``, ``all`` and times; none means ``last``."""

    ids: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    spec_versions: frozenset[str] = frozenset()
    versions: tuple[str, ...] = ()
    added_after: datetime | None = None
    next: tuple[int, int] | None = None
    limit: int = 100


def matching(collection: Collection, wanted: Wanted) -> list[Entry]:
    """The entries asked for, in the order in which they were added; of each id the versions asked for."""
    last_only = wanted.versions in ((), ("last",))
    if wanted.ids:
        found = [one for id in wanted.ids for one in _versions(collection.of_id.get(id, []), wanted.versions)]
        found.sort(key=lambda one: one.key)
    elif last_only:
        found = collection.last
    elif "all" in wanted.versions:
        found = collection.entries
    else:
        found = [one for versions in collection.of_id.values() for one in _versions(versions, wanted.versions)]
        found.sort(key=lambda one: one.key)
    if wanted.added_after is not None:
        found = found[bisect_right(found, wanted.added_after, key=lambda one: one.added) :]
    if wanted.next is not None:
        found = found[bisect_right(found, wanted.next, key=lambda one: one.key) :]
    if wanted.types:
        found = [one for one in found if one.piece.type in wanted.types]
    if wanted.spec_versions:
        found = [one for one in found if one.piece.spec_version in wanted.spec_versions]
    return found


def _versions(versions: list[Entry], asked: tuple[str, ...]) -> list[Entry]:
    if not asked:
        return versions[-1:]
    if "all" in asked:
        return versions
    ends = {"first": versions[0], "last": versions[-1]} if versions else {}
    chosen = [ends[word] for word in asked if word in ends]
    moments = {parse_time(one) for one in asked if one not in ("first", "last")}
    return [one for one in versions if one in chosen or parse_time(one.version) in moments]


def wanted_of(parameters: dict[str, str], *, most: int) -> Wanted:
    """What the query asks for (TAXII 2.1, 3.4 and 3.5). Raises ``Misuse`` for what cannot be understood."""
    known = {"added_after", "limit", "next", "match[id]", "match[type]", "match[version]", "match[spec_version]"}
    if unknown := sorted(set(parameters) - known):
        raise Misuse("bad-query", f"{unknown[0][:60]!r} is no filter here; use {', '.join(sorted(known))}.")
    versions = _words(parameters.get("match[version]", ""))
    for one in versions:
        if one not in ("first", "last", "all"):
            parse_time(one)
    return Wanted(
        ids=frozenset(_words(parameters.get("match[id]", ""))),
        types=frozenset(_words(parameters.get("match[type]", ""))),
        spec_versions=frozenset(_words(parameters.get("match[spec_version]", ""))),
        versions=versions,
        added_after=parse_time(parameters["added_after"]) if "added_after" in parameters else None,
        next=_key(parameters["next"]) if "next" in parameters else None,
        limit=min(_limit(parameters["limit"]), most) if "limit" in parameters else most,
    )


def _words(text: str) -> tuple[str, ...]:
    return tuple(one for one in text.split(",") if one)


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0):
        raise Misuse("bad-query", f"limit is {text[:40]!r}; write a whole number greater than 0.")
    return int(text)


def _key(text: str) -> tuple[int, int]:
    number, _, place = text.partition(".")
    if not all(one.isascii() and one.isdigit() and len(one) < 19 for one in (number, place)):
        raise Misuse("bad-query", "next is not what a page of this collection gave; begin without it.")
    return int(number), int(place)
