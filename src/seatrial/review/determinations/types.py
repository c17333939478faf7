"""The words of a determination. It informs; nothing depends on it (V3, V4). Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from seatrial.kernel.digests import Digest
from seatrial.kernel.labels import Label


class Finding(enum.StrEnum):
    """The only three words there are."""

    COVERED = "covered"
    NOT_COVERED = "not_covered"
    NOT_DETERMINED = "not_determined"


class DeterminationState(enum.StrEnum):
    DRAFT = "draft"
    SIGNED_ONCE = "signed_once"
    SIGNED = "signed"  # by two persons
    SHARED = "shared"  # with the developer


@dataclass(frozen=True, slots=True)
class SignatureView:
    """One of the two signatures, with all it takes to verify it offline (the room's README says how)."""

    person: str
    name: str
    organisation: str
    at: datetime
    public_key: str  # hex of the raw Ed25519 key
    value: str  # hex


@dataclass(frozen=True, slots=True)
class DeterminationView:
    """A determination as the asker may see it. ``may`` lists the events the asker could trigger now."""

    id: str
    review: str
    campaign: str
    finding: Finding
    reasons: str
    state: DeterminationState
    memo_digest: Digest
    signatures: tuple[SignatureView, ...]
    shared_at: datetime | None
    statement: str | None  # the developer's own words, attached as they are
    label: Label
    may: tuple[str, ...]
