"""What the protocol calls a participant's state, S_i = (q_cs, q_rm, q_em), as one value that all three machines read.

The report and the vendor's fix path are a party's own; the embargo and what the world knows are the case's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from seatrial.clearinghouse.coordination.types import EmbargoState, EndReason, PartyRole, ReportStatus


@dataclass(frozen=True, slots=True)
class Proposal:
    """A date that somebody proposes, and who has said what to it so far. The proposer stands among the accepting."""

    until: datetime
    by: str  # a party's id
    at: datetime
    accepted_by: frozenset[str] = frozenset()
    rejected_by: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Terms:
    """An agreed date, and the parties that agreed to it."""

    until: datetime
    accepted_by: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Embargo:
    """``active`` stays after the end, so that one can see what was agreed. Nothing may be agreed beyond ``bound``."""

    bound: datetime
    active: Terms | None = None
    proposal: Proposal | None = None
    ended_at: datetime | None = None
    reason: EndReason | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """One party's view of the case. ``party`` is its id."""

    party: str
    role: PartyRole
    embargo: Embargo
    report: ReportStatus = ReportStatus.START
    aware: bool = False  # V
    ready: bool = False  # F
    deployed: bool = False  # D
    public: bool = False  # P
    exploit: bool = False  # X
    attacks: bool = False  # A
    all_fixed: bool = False  # every vendor of the case has a fix out

    @property
    def is_vendor(self) -> bool:
        return self.role is PartyRole.VENDOR

    @property
    def bound(self) -> bool:
        """True if this party agreed to the embargo in force."""
        return self.embargo.active is not None and self.party in self.embargo.active.accepted_by


@dataclass(frozen=True, slots=True)
class NewTerms:
    """What is proposed."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Counted:
    """Whose agreement it takes."""

    parties: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Ending:
    """Why an embargo is to end before its date."""

    reason: EndReason


def embargo_state(standing: Standing, now: datetime) -> EmbargoState:
    """Where the embargo is at ``now``: a date that has come ends it without anybody's doing."""
    embargo = standing.embargo
    proposed = embargo.proposal is not None and embargo.proposal.until > now
    if embargo.active is None:
        return EmbargoState.PROPOSED if proposed else EmbargoState.NONE
    if embargo.ended_at is not None or embargo.active.until <= now:
        return EmbargoState.EXITED
    return EmbargoState.REVISE if proposed else EmbargoState.ACTIVE


IN_FORCE = frozenset({EmbargoState.ACTIVE, EmbargoState.REVISE})


def in_force(standing: Standing, now: datetime) -> bool:
    """True while nothing may be published."""
    return embargo_state(standing, now) in IN_FORCE


def longest_until(opened_at: datetime, longest: timedelta) -> datetime:
    """The last moment any embargo of a case may end: counted from its opening, so that extending never adds up."""
    return opened_at + longest
