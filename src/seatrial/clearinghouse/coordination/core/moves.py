"""What somebody can do next: every event of the tables that the rules would let happen now."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from seatrial.clearinghouse.coordination.types import EmbargoState, EndReason, ReportStatus
from seatrial.kernel.lifecycle import Machine

from .case import Case, standing
from .standing import IN_FORCE, Ending, NewTerms, Standing, embargo_state
from .tables import CASE, EMBARGO, REPORT

_WORLD = ("public", "exploit_public", "attacks")


def party_moves(case: Case, party: str, now: datetime) -> tuple[str, ...]:
    """What a party that takes part can do with the report, its fix and the embargo; ``tell`` is reading it first."""
    own = standing(case, party)
    state = embargo_state(own, now)
    found = [f"report:{event}" for event in REPORT.transitions if event != "receive" and _can(REPORT, own, event, now)]
    found += [event for event in CASE.transitions if event not in _WORLD and _can(CASE, own, event, now)]
    if _can(REPORT, own, "receive", now):
        found += ["tell"]
    open_ = own.report is not ReportStatus.CLOSED
    if open_ and state in (EmbargoState.PROPOSED, EmbargoState.REVISE):
        found += ["answer"]
    if open_ and state in IN_FORCE and not own.bound:
        found += ["adhere"]
    soon = min(case.embargo.bound, now + timedelta(days=1))
    if EMBARGO.refusal(own, "propose", NewTerms(soon), now) is None:
        found += ["propose"]
    return tuple(found)


def case_moves(case: Case, mine: Collection[str], analyst: bool, now: datetime) -> tuple[str, ...]:
    """What can be done with the case by whoever speaks for the told parties ``mine``."""
    found = []
    able = [standing(case, party) for party in mine]
    found += [event for event in _WORLD if any(_can(CASE, one, event, now) for one in able)]
    if any(one.report is not ReportStatus.CLOSED for one in able):
        found += ["say"]
    if analyst:
        found += ["invite", "milestone"]
        ends = [Ending(reason) for reason in EndReason]
        if any(EMBARGO.refusal(one, "terminate", end, now) is None for one in able for end in ends):
            found += ["terminate"]
    return tuple(found)


def _can(machine: Machine[Standing], own: Standing, event: str, now: datetime) -> bool:
    return machine.refusal(own, event, None, now) is None
