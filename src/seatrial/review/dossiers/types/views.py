"""What the room says of a dossier: versions, twins for audiences, and what changed between two. Pure."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from seatrial.kernel.digests import Digest
from seatrial.parties.types import Signature

from .document import Dossier
from .marking import Audience, Category


@dataclass(frozen=True, slots=True)
class Withheld:
    """A piece left out: where it stands and why; never its text, never its length."""

    place: str  # such as evaluations[2].elicitation[1], counted from 1
    category: Category


@dataclass(frozen=True, slots=True)
class TwinView:
    """A derived document of one version for an audience, as it was shared.

    ``statement`` is what the developer's key signed (``signature``, if a signatory shared it).
    """

    audience: Audience
    partner: str  # organisation; empty unless the audience is a partner
    digest: Digest  # of the derived document
    source: Digest  # salted commitment to the source's digest: it pins, and confirms no guess
    withheld: tuple[Withheld, ...]
    at: datetime
    statement: Mapping[str, Any]
    signature: Signature | None


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version in a list."""

    version: int
    at: datetime
    twins: tuple[TwinView, ...]  # those the asker may know of


@dataclass(frozen=True, slots=True)
class DossierView:
    """A version as the asker may read it: ``document`` lacks what is ``withheld``.

    ``digest`` pins the whole source for the developer's people who may read all of it; for everybody else it pins
    exactly the derived document they were given.
    """

    review: str
    version: int
    document: Dossier
    withheld: tuple[Withheld, ...]
    digest: Digest
    source: Digest  # salted commitment to the source's digest
    at: datetime
    twins: tuple[TwinView, ...]


@dataclass(frozen=True, slots=True)
class TwinPreview:
    """The twin that sharing would make, for its developer to read first."""

    audience: Audience
    partner: str
    version: int
    document: Dossier
    withheld: tuple[Withheld, ...]
    digest: Digest
    statement: str


class ChangeKind(enum.StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MARKED = "marked differently"


@dataclass(frozen=True, slots=True)
class Word:
    """A run of words that stayed, came or went; ``kind`` of ``None`` is what stayed."""

    kind: ChangeKind | None
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One difference at one place; ``words`` holds both texts, word by word."""

    place: str
    kind: ChangeKind
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class DiffView:
    """What changed between two versions; ``hidden`` are places that are withheld from the asker in either."""

    review: str
    old: int
    new: int
    changes: tuple[Change, ...]
    hidden: tuple[str, ...]
