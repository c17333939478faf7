"""The words of likeness."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from seatrial.clearinghouse.proofs.types import CrashFacts


class How(enum.StrEnum):
    """What a link rests on, the strongest first."""

    PEOPLE = "people"
    PATCH = "patch"
    EXACT = "exact"


@dataclass(frozen=True, slots=True)
class Item:
    """One finding as deduplication sees it."""

    id: str
    target: str  # what ran, to the version: lines and offsets mean the same in it
    scope: str  # the product: suggestions do not leave it
    facts: CrashFacts | None = None  # none where nothing crashed: only a patch or people say more


@dataclass(frozen=True, slots=True)
class Relation:
    """What one patch showed about two findings: it stops both, or it stops one and leaves the other. Undirected."""

    a: str
    b: str
    same: bool
    patch: str  # its digest or name


class Act(enum.StrEnum):
    MERGE = "merge"  # all of ``left`` and ``right`` are one flaw
    SPLIT = "split"  # nothing of ``left`` is the flaw of anything of ``right``


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's word. ``number`` orders decisions: for a pair the latest counts. To undo one, leave it out."""

    number: int
    act: Act
    left: frozenset[str]
    right: frozenset[str] = frozenset()
    by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """Why ``b`` is with ``a``. A cluster of n has n - 1 of them."""

    a: str
    b: str
    how: How
    reason: str  # one sentence


@dataclass(frozen=True, slots=True)
class Objection:
    """Evidence that was overruled: ``how`` spoke for joining or parting a and b; ``reason`` says what outweighs it."""

    a: str
    b: str
    how: How
    reason: str


@dataclass(frozen=True, slots=True)
class Cluster:
    id: str  # of its first item, in order
    items: tuple[str, ...]
    links: tuple[Link, ...]
    objections: tuple[Objection, ...] = ()  # that touch its items


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Two findings that may be one. ``score``, 0 to 1, only orders suggestions; ``worth`` is what people read of it.

    ``share`` is how many in 100 such pairs had one fix, ``None`` where that was not measured (``shares``).
    """

    a: str
    b: str
    score: float
    reason: str  # one sentence
    share: int | None = None
    worth: str = ""  # one sentence
