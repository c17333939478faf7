"""What other rooms may hold of the ledger: entries, openings, receipts, checkpoints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from seatrial.kernel.digests import Digest
from seatrial.kernel.labels import Label

MAIN = "main"  # the log both sides share; a developer's drafts go to the developer's own log


@dataclass(frozen=True, slots=True)
class EntryRef:
    """Where an entry stands: its log, its index in that log (from 0) and its leaf hash (hex)."""

    log: str
    index: int
    leaf: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as a reader may see it.

    ``commitments`` maps each fact's name to its salted commitment; ``openings`` maps the names this
    reader may open to ``{"salt", "value"}``. Without the label's consent there are no openings.
    """

    log: str
    index: int
    at: datetime
    kind: str  # e.g. "case.withdrawn", "access.exchanges"
    leaf: str
    label: Label
    commitments: Mapping[str, Digest]
    openings: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Committed:
    """That something was recorded, for those who only tell others so: no fact but who did it and in which review.

    ``actor`` is empty when the entry's openings were erased, ``review`` when it concerns none.
    """

    log: str
    index: int
    kind: str
    review: str
    actor: str
    label: Label


@dataclass(frozen=True, slots=True)
class Audit:
    """What recomputing a log from its stored bytes showed; ``fault`` is ``None`` if all agree."""

    log: str
    entries: int
    root: str  # hex
    checkpoints: int
    fault: str | None


@dataclass(frozen=True, slots=True)
class Verified:
    """What a receipt proves: the entry's kind, time, place and opened facts under a signed checkpoint."""

    origin: str
    log: str
    index: int
    size: int
    kind: str
    at: str
    facts: Mapping[str, Any]
