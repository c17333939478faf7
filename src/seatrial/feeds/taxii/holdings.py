"""The objects of a collection: every version once, in the order in which they were added, as the bytes that are sent.

When an object was added grows strictly along a collection, also where the clock went back or many were added at once,
so that a client who asks for what came after the last one misses nothing. It grows by whole milliseconds: importers
that cut a time there (as JavaScript's do) would otherwise be given the last publication again at every call.
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right, insort_right
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


@dataclass(frozen=True, slots=True)
class Collection:
    """One state of a collection; it never changes. ``last`` are the entries that hold the newest version of their
    object, ``of_id`` the versions of each object by their own time, ``numbers`` the bundles it is made of."""

    entries: list[Entry] = field(default_factory=list)
    last: list[Entry] = field(default_factory=list)
    of_id: dict[str, list[Entry]] = field(default_factory=dict)
    numbers: tuple[int, ...] = ()


def collected(bundles: dict[int, Bundle], before: Collection | None = None) -> Collection:
    """The collection of these bundles, by number. An object that stands in several was added with the first.

    ``before`` is an earlier state of it: what begins alike is taken from there, and nothing but what came, and what
    stands behind the first bundle that is gone, is put together anew. A bundle never changes under its number.
    """
    known, numbers = before or Collection(), tuple(bundles)
    alike = _alike(known.numbers, numbers)
    growing = _Growing(known, known.numbers[alike] if alike < len(known.numbers) else None)
    for number in numbers[alike:]:
        growing.add(number, bundles[number])
    return Collection(growing.entries, growing.last, growing.of_id, numbers)


def _alike(some: tuple[int, ...], others: tuple[int, ...]) -> int:
    """How many numbers both begin with."""
    if others[: len(some)] == some:
        return len(some)
    return next((at for at, (one, other) in enumerate(zip(some, others, strict=False)) if one != other), len(others))


class _Growing:
    """A copy of a collection without what stands from the bundle ``end`` on, to which bundles are added."""

    def __init__(self, known: Collection, end: int | None) -> None:
        kept = len(known.entries) if end is None else bisect_left(known.entries, (end, 0), key=_key_of)
        self.entries, gone = known.entries[:kept], known.entries[kept:]
        self.of_id = known.of_id.copy()
        for id in {one.piece.id for one in gone}:
            self.of_id[id] = [one for one in self.of_id[id] if one.key < gone[0].key]
            if not self.of_id[id]:
                del self.of_id[id]
        self.last = known.last.copy()
        if gone:
            newest = {versions[-1].key for versions in self.of_id.values()}
            self.last = [one for one in self.entries if one.key in newest]
        self._own = set[str]()  # ids whose lists are no longer those of the collection that was copied

    def add(self, number: int, bundle: Bundle) -> None:
        published = _whole(bundle.published)
        for place, piece in enumerate(bundle.pieces):
            versions = self._versions(piece.id)
            if any(one.piece.version == piece.version for one in versions):
                continue
            added = max(published, self.entries[-1].added + _MILLISECOND) if self.entries else published
            entry = Entry((number, place), added, piece, piece.version or iso(added))
            self.entries.append(entry)
            self._place(entry, versions)

    def _versions(self, id: str) -> list[Entry]:
        if id not in self._own:
            self._own.add(id)
            self.of_id[id] = list(self.of_id.get(id, ()))
        return self.of_id[id]

    def _place(self, entry: Entry, versions: list[Entry]) -> None:
        """Among the versions of its object; of two of the same moment the later added counts."""
        if not versions:
            versions.append(entry)
            self.last.append(entry)
            return
        newest = versions[-1]
        insort_right(versions, entry, key=_time_of)
        if versions[-1] is entry:
            del self.last[bisect_left(self.last, newest.key, key=_key_of)]
            self.last.append(entry)


def _key_of(entry: Entry) -> tuple[int, int]:
    return entry.key


def _time_of(entry: Entry) -> datetime:
    return parse_time(entry.version)


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
