"""The end of a case: every reason with what it takes, enumerated; and that each guard and effect is missed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from seatrial.clearinghouse.coordination.core.case import Case, Party
from seatrial.clearinghouse.coordination.core.closing import LIFE, Close, Life, life_state
from seatrial.clearinghouse.coordination.core.standing import Embargo, Proposal, Terms
from seatrial.clearinghouse.coordination.types import CaseEnd, PartyRole, ReportStatus
from seatrial.kernel.errors import Refused
from seatrial.kernel.lifecycle import Machine

NOW = datetime(2026, 7, 1, tzinfo=UTC)
BOUND = NOW + timedelta(days=90)
LEAD = Party("lead", PartyRole.COORDINATOR, report=ReportStatus.ACCEPTED)
EMBARGOES = (
    Embargo(BOUND),
    Embargo(BOUND, Terms(BOUND, frozenset({"lead"}))),
    Embargo(BOUND, None, Proposal(BOUND, "lead", NOW)),
    Embargo(BOUND, Terms(BOUND), Proposal(NOW + timedelta(days=9), "lead", NOW)),
)


def lives() -> Iterator[Life]:
    """Every case of one vendor (or none) in every report state, fix and knowledge, open and closed."""
    for embargo, status, fixed, public, attacks, back, silent, ended, there in product(
        EMBARGOES, ReportStatus, (False, True), (False, True), (False, True), (0, 1), (None, 1, 45), (None, "x"), (0, 1)
    ):
        vendor = Party("vendor", PartyRole.VENDOR, report=status, aware=True, ready=fixed, deployed=fixed)
        case = Case(embargo, (LEAD, vendor) if there else (LEAD,), public=public, attacks=attacks)
        since = (("vendor", NOW - timedelta(days=silent)),) if silent and there and not fixed else ()
        yield Life(case, CaseEnd.FIXED if ended else None, 1, back, since)


def closes() -> Iterator[Close]:
    for reason, (other, stands) in product(CaseEnd, (("", False), ("case-b", False), ("case-b", True))):
        yield Close(reason, other, stands)


def right(life: Life, asked: Close) -> bool:
    """The same said another way."""
    case, vendors = life.case, [one for one in life.case.parties if one.role is PartyRole.VENDOR]
    if life.ended or case.embargo.proposal:
        return False
    if asked.reason is CaseEnd.DUPLICATE:
        return asked.other_stands
    if asked.other:
        return False
    gone = {ReportStatus.CLOSED}
    return {
        CaseEnd.FIXED: case.public
        and any(one.deployed for one in vendors)
        and all(one.deployed or one.report in gone for one in vendors),
        CaseEnd.NO_FLAW: not case.attacks
        and not any(one.ready or one.report in {"valid", "accepted", "deferred"} for one in vendors),
        CaseEnd.WITHDRAWN: life.withdrawn == 1,
        CaseEnd.ABANDONED: bool(life.silent) and all(NOW - since >= life.patience for _, since in life.silent),
    }[asked.reason]


def wrong(machine: Machine[Life]) -> Iterator[str]:
    for life in lives():
        for asked in closes():
            try:
                after = machine.apply(life, "close", asked, NOW)
            except Refused:
                if right(life, asked):
                    yield f"{asked} was refused to {life}"
                continue
            if not right(life, asked):
                yield f"{asked} was let happen to {life}"
            if after != replace(life, ended=asked.reason):
                yield "it is not closed for its reason"
        if life.ended:
            if machine.apply(life, "reopen", None, NOW) != replace(life, ended=None):
                yield "it is not open again"
        elif machine.refusal(life, "reopen", None, NOW) is None:
            yield "an open case is opened again"


def test_a_case_ends_for_a_reason_that_holds_and_for_no_other() -> None:
    assert not list(wrong(LIFE))
    assert sum(1 for _ in lives()) * sum(1 for _ in closes()) > 50_000


@pytest.mark.parametrize("name", dict(LIFE.mutants()))
def test_the_checker_objects_when_a_guard_or_an_effect_is_missing(name: str) -> None:
    assert next(wrong(dict(LIFE.mutants())[name]), None), f"nobody noticed: {name}"


def test_what_is_unfinished_is_said_in_one_sentence() -> None:
    vendor = Party("vendor", PartyRole.VENDOR, report=ReportStatus.ACCEPTED, aware=True)
    life = Life(Case(EMBARGOES[0], (LEAD, vendor), public=True), None, 2, 1, (("vendor", NOW - timedelta(days=3)),))
    said = {reason: LIFE.refusal(life, "close", Close(reason), NOW) for reason in CaseEnd}
    assert str(said[CaseEnd.FIXED]) == "1 of 1 vendors have no fix out and have not closed the report."
    assert str(said[CaseEnd.WITHDRAWN]) == "1 of its 2 reports were not withdrawn."
    assert "until 2026-08-12 00:00 UTC" in str(said[CaseEnd.ABANDONED])
    assert life_state(life, NOW) == "open"
