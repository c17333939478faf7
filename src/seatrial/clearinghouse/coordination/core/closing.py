"""The end of a case: its owner closes it for a reason that holds, and may open it again. The fourth machine, as data.

    open → closed   close     nothing unfinished, and the reason holds
    closed → open   reopen

The protocol closes a report for each party (RM); that all have ends no case by itself. Closing publishes
nothing and frees nobody: an embargo in force stays agreed until its date.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from seatrial.clearinghouse.coordination.types import CaseEnd, EmbargoState, PartyRole, ReportStatus
from seatrial.kernel.lifecycle import Machine, Transition

from .case import Case, standing
from .standing import embargo_state

OPEN, CLOSED = "open", "closed"


@dataclass(frozen=True, slots=True)
class Life:
    """What the rules need of a case that is to end.

    ``reported``: how many reports it is about; ``withdrawn``: how many of those were taken back. ``silent``: each
    vendor whose word is waited for, with the moment since when. ``patience``: how long a silence the terms bear.
    """

    case: Case
    ended: CaseEnd | None = None
    reported: int = 0
    withdrawn: int = 0
    silent: tuple[tuple[str, datetime], ...] = ()
    patience: timedelta = timedelta(days=45)


@dataclass(frozen=True, slots=True)
class Close:
    """Why a case is to end. ``other_stands``: the case that goes on is there and itself no duplicate."""

    reason: CaseEnd
    other: str = ""
    other_stands: bool = False


def life_state(life: Life, now: datetime) -> str:
    """``open`` or ``closed``."""
    return OPEN if life.ended is None else CLOSED


def no_date_undecided(life: Life, details: Close, now: datetime) -> str | None:
    """A proposed date is decided before the case ends, for parties wait for what comes of it."""
    if embargo_state(standing(life.case, life.case.parties[0].id), now) in (EmbargoState.PROPOSED, EmbargoState.REVISE):
        return "A date is proposed and not decided; accept or reject it before the case is closed."
    return None


def duplicate_named(life: Life, details: Close, now: datetime) -> str | None:
    """A duplicate names the case that goes on; another reason names none."""
    if details.reason is CaseEnd.DUPLICATE:
        return None if details.other_stands else "Name the case that goes on: another one, and no duplicate itself."
    return f"Only a duplicate names another case, and this is closed as {details.reason}." if details.other else None


def end_shown(life: Life, details: Close, now: datetime) -> str | None:
    """The case shows the reason. What is unfinished is said in one sentence."""
    case, reason = life.case, details.reason
    vendors = [one for one in case.parties if one.role is PartyRole.VENDOR and one.joined]
    if reason is CaseEnd.FIXED:
        if not case.public:
            return "It is not public yet; a case is closed as fixed and public once it is both."
        left = sum(1 for one in vendors if not one.deployed and one.report is not ReportStatus.CLOSED)
        fixed = any(one.deployed for one in vendors)
        if left:
            return f"{left} of {len(vendors)} vendors have no fix out and have not closed the report."
        return None if fixed else "No vendor of the case has a fix out."
    if reason is CaseEnd.NO_FLAW:
        if case.exploit or case.attacks:
            return "An exploit is public or attacks are seen; that is a vulnerability."
        held = (ReportStatus.VALID, ReportStatus.ACCEPTED, ReportStatus.DEFERRED)
        if any(one.report in held or one.ready for one in vendors):
            return "A vendor has found the report valid; it closes the report first if it sees that otherwise now."
        return None
    if reason is CaseEnd.WITHDRAWN:
        left = life.reported - life.withdrawn
        return None if life.reported and not left else f"{left} of its {life.reported} reports were not withdrawn."
    if reason is CaseEnd.ABANDONED:
        waited = [since for _, since in life.silent]
        working = [one for one in vendors if one.report is not ReportStatus.CLOSED and not one.deployed]
        if {one.id for one in working} - {party for party, _ in life.silent}:
            return "A vendor has not fixed it and its word is not waited for."
        if not waited:
            return "No vendor of the case is silent."
        until = max(waited) + life.patience
        if until > now:
            return f"A vendor has until {until:%Y-%m-%d %H:%M} UTC to give word, by the case's terms."
    return None


def closed_for_it(life: Life, details: Close, now: datetime) -> Life:
    return replace(life, ended=details.reason)


def open_again(life: Life, details: object, now: datetime) -> Life:
    return replace(life, ended=None)


LIFE: Machine[Life] = Machine.of(
    life_state,
    [
        Transition(
            "close",
            "owner",
            frozenset({OPEN}),
            "coordination.closed",
            (no_date_undecided, duplicate_named, end_shown),
            (closed_for_it,),
        ),
        Transition("reopen", "owner", frozenset({CLOSED}), "coordination.reopened", (), (open_again,)),
    ],
)
