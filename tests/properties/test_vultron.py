"""Vultron's rules over every reachable state of a case of two parties, and proof that the checker can fail."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from seatrial.clearinghouse.coordination.core.case import (
    Case,
    Machines,
    Party,
    adhere,
    answer,
    counted,
    happen,
    negotiate,
    outcome,
    standing,
    told,
)
from seatrial.clearinghouse.coordination.core.standing import (
    IN_FORCE,
    Counted,
    Embargo,
    Ending,
    NewTerms,
    embargo_state,
)
from seatrial.clearinghouse.coordination.core.tables import CASE, EMBARGO, REPORT
from seatrial.clearinghouse.coordination.types import EmbargoState, EndReason, PartyRole, ReportStatus
from seatrial.kernel.errors import SeatrialError

NOW = datetime(2026, 7, 1, tzinfo=UTC)
FIRST, SECOND, BOUND, BEYOND = (NOW + timedelta(days=days) for days in (10, 20, 30, 31))
MOMENTS = (NOW, FIRST)  # at the second the shorter embargo has lapsed
WITHIN = timedelta(days=5)
LEAD, VENDOR = "lead", "vendor"
BOTH = frozenset({LEAD, VENDOR})
BEGIN = Case(
    embargo=Embargo(bound=BOUND),
    parties=(
        Party(LEAD, PartyRole.COORDINATOR, report=ReportStatus.ACCEPTED),
        Party(VENDOR, PartyRole.VENDOR),
    ),
)
REPORT_TARGETS = {
    "receive": ReportStatus.RECEIVED,
    "validate": ReportStatus.VALID,
    "invalidate": ReportStatus.INVALID,
    "accept": ReportStatus.ACCEPTED,
    "defer": ReportStatus.DEFERRED,
    "close": ReportStatus.CLOSED,
}
LETTERS = {"vendor_aware": "aware", "fix_ready": "ready", "fix_deployed": "deployed"}
REASONS = {"public": EndReason.PUBLIC, "exploit_public": EndReason.EXPLOIT, "attacks": EndReason.ATTACKS}
WORLD = {"public": "public", "exploit_public": "exploit", "attacks": "attacks"}


@dataclass
class Checked:
    states: int = 0
    transitions: int = 0
    violations: list[str] = field(default_factory=list)


def attempts(now: datetime) -> Iterator[tuple[str, str, str, Any]]:
    """(machine, party, event, details) of everything anybody may try."""
    for event in REPORT.transitions:
        yield "report", VENDOR, event, None
    yield "report", LEAD, "close", None
    for party in (LEAD, VENDOR):
        for until in (NOW, FIRST, SECOND, BEYOND):
            yield "embargo", party, "propose", NewTerms(until)
        for event in CASE.transitions:
            yield "case", party, event, None
        yield "embargo", party, "reject", None
        for reason in EndReason:
            yield "embargo", party, "terminate", Ending(reason)
        for who in (frozenset[str](), frozenset({LEAD}), BOTH):
            yield "embargo", party, "accept", Counted(who)
        yield "words", party, "yes", None
        yield "words", party, "no", None
        yield "words", party, "adhere", None


def attempt(case: Case, party: str, kind: str, event: str, details: Any, now: datetime, by: Machines) -> Case:
    if kind == "words":
        if event == "adhere":
            return adhere(case, party, now)
        return answer(case, party, event == "yes", now)
    if kind == "embargo":
        return negotiate(case, party, event, details, now, by)
    return happen(case, party, event, details, now, by)[0]


def wrong_state(case: Case, now: datetime) -> Iterator[str]:
    state = embargo_state(standing(case, VENDOR), now)
    vendor = case.party(VENDOR)
    if state in IN_FORCE and (case.public or case.exploit or case.attacks):
        yield "an embargo is in force although the world knows"
    if case.embargo.proposal and (case.public or case.exploit or case.attacks or case.embargo.ended_at):
        yield "a date is proposed although it is too late"
    if case.exploit and not case.public:
        yield "an exploit is public of which the public does not know"
    if case.public and not vendor.aware:
        yield "the public knows and a vendor does not"
    if vendor.ready > vendor.aware or vendor.deployed > vendor.ready:
        yield "the fix path is out of order"
    if vendor.report is not ReportStatus.START and not vendor.aware:
        yield "a vendor was told and is not aware"
    active = case.embargo.active
    if active and active.until > BOUND:
        yield "an embargo is longer than its policy allows"
    if state in IN_FORCE and not told(case, now) <= (active.accepted_by if active else frozenset()):
        yield "somebody who did not accept the embargo is told"


def wrong_step(
    before: Case, after: Case, kind: str, party: str, event: str, details: Any, now: datetime
) -> Iterator[str]:
    was, became = (embargo_state(standing(case, party), now) for case in (before, after))
    own, now_own = before.party(party), after.party(party)
    if own.report is ReportStatus.CLOSED and event != "vendor_aware":
        yield f"a party that has closed the report did {event}"
    if was is EmbargoState.EXITED and became is not EmbargoState.EXITED:
        yield "an embargo that ended is back"
    if kind == "report":
        if now_own.report is not REPORT_TARGETS[event]:
            yield f"{event} did not move the report"
        if event == "receive" and was in IN_FORCE and not standing(before, party).bound:
            yield "a report went to a party that had not accepted the embargo"
    if kind == "case":
        if event in LETTERS and not getattr(now_own, LETTERS[event]):
            yield f"{event} left no trace"
        if event in WORLD and not getattr(after, WORLD[event]):
            yield f"{event} left no trace"
        if event == "fix_ready" and own.report is not ReportStatus.ACCEPTED:
            yield "a fix came from a vendor that had not accepted the report"
        if event in WORLD and was in IN_FORCE and after.embargo.reason is not REASONS[event]:
            yield f"{event} did not end the embargo"
    if kind == "embargo":
        proposal = before.embargo.proposal
        if event == "propose":
            stands = after.embargo.proposal
            if stands is None or stands.until != details.until or stands.by != party:
                yield "a proposal does not stand"
            elif stands.until <= now:
                yield "a date in the past is proposed"
        if event == "accept":
            if after.embargo.active is None or proposal is None or after.embargo.active.until != proposal.until:
                yield "what was agreed is not in force"
            elif not details.parties or not details.parties <= proposal.accepted_by:
                yield "an embargo is in force that not everybody counted agreed to"
            if after.embargo.proposal is not None:
                yield "what was agreed is still proposed"
        if event == "reject" and (after.embargo.proposal or not proposal or not proposal.rejected_by):
            yield "a proposal fell that nobody rejected, or did not fall"
        if event == "terminate":
            holds = {EndReason.ADVERSARIES} | ({EndReason.FIXED} if before.party(VENDOR).deployed else set())
            if details.reason not in holds:
                yield f"an embargo ended for the reason {details.reason}, which the case does not show"
            if became is not EmbargoState.EXITED or after.embargo.reason is not details.reason:
                yield "an embargo that was terminated goes on"


def check(by: Machines, *, first: bool = False) -> Checked:
    """Visit every state that any order of attempts can reach."""
    checked, seen, waiting = Checked(), {(BEGIN, NOW)}, deque([(BEGIN, NOW)])
    while waiting and not (first and checked.violations):
        case, now = waiting.popleft()
        checked.states += 1
        checked.violations += wrong_state(case, now)
        following = [(case, moment) for moment in MOMENTS if moment > now]
        for kind, party, event, details in attempts(now):
            try:
                after = attempt(case, party, kind, event, details, now, by)
            except SeatrialError:
                continue
            checked.transitions += 1
            checked.violations += wrong_step(case, after, kind, party, event, details, now)
            following.append((after, now))
        for found in following:
            if found not in seen:
                seen.add(found)
                waiting.append(found)
    return checked


MUTANTS = {
    **{f"report: {name}": Machines(report=machine) for name, machine in REPORT.mutants()},
    **{f"embargo: {name}": Machines(embargo=machine) for name, machine in EMBARGO.mutants()},
    **{f"case: {name}": Machines(case=machine) for name, machine in CASE.mutants()},
}


def test_every_rule_of_the_protocol_holds_whatever_two_parties_do(capsys: pytest.CaptureFixture[str]) -> None:
    checked = check(Machines())
    with capsys.disabled():
        print(f"\n  coordination: {checked.states:,} states, {checked.transitions:,} transitions visited")
    assert checked.violations == []
    assert checked.states > 5_000, "the world has become too small to mean anything"


@pytest.mark.parametrize("name", MUTANTS)
def test_the_checker_objects_when_a_guard_or_an_effect_is_missing(name: str) -> None:
    assert check(MUTANTS[name], first=True).violations, f"nobody noticed: {name}"


def test_there_is_a_mutant_for_each_guard_and_each_effect() -> None:
    rows = [row for machine in (REPORT, EMBARGO, CASE) for row in machine.transitions.values()]
    assert len(MUTANTS) == sum(len(row.guards) + len(row.effects) for row in rows) >= 30


CROWD = Case(
    embargo=Embargo(bound=BOUND),
    parties=(
        Party(LEAD, PartyRole.COORDINATOR, report=ReportStatus.ACCEPTED),
        Party("finder", PartyRole.FINDER, report=ReportStatus.ACCEPTED),
        Party(VENDOR, PartyRole.VENDOR),
        Party("other", PartyRole.VENDOR),
        Party("outside", PartyRole.DEPLOYER, joined=False),
    ),
)
ATTEMPTS = [one for one in attempts(NOW) if not (one[0] == "embargo" and one[2] == "accept")]


@settings(max_examples=150, deadline=None)
@given(
    some.lists(
        some.tuples(
            some.sampled_from([one.id for one in CROWD.parties]),
            some.sampled_from(ATTEMPTS),
            some.integers(0, 2),
        ),
        max_size=60,
    )
)
def test_among_many_parties_nobody_is_told_unbound_and_no_embargo_outlives_what_the_world_knows(
    steps: list[tuple[str, tuple[str, str, str, Any], int]],
) -> None:
    """Any acts of five parties in any order while days pass; what answers come to happens at once, as in the room."""
    case, now = CROWD, NOW
    for party, (kind, _, event, details), days in steps:
        now += timedelta(days=days)
        try:
            after = attempt(case, party, kind, event, details, now, Machines())
        except SeatrialError:
            continue
        decided = outcome(after, now, WITHIN)
        if decided is not None:
            who = counted(after, now, WITHIN)
            able = min(who.parties)
            after = negotiate(after, able, decided, who, now)
            if decided == "accept":
                assert after.embargo.active is not None
                assert who.parties <= after.embargo.active.accepted_by
                assert "outside" not in after.embargo.active.accepted_by, "who takes no part has agreed to nothing"
        for vendor in (VENDOR, "other"):
            own = after.party(vendor)
            assert own.deployed <= own.ready <= own.aware
            assert own.aware or not after.public
        assert (case.public, case.exploit, case.attacks) <= (after.public, after.exploit, after.attacks) or after.public
        assert list(wrong_state(after, now)) == []
        case = after


def test_answers_decide_once_all_that_count_have_agreed_or_one_objects() -> None:
    case = negotiate(BEGIN, LEAD, "propose", NewTerms(FIRST), NOW)
    assert outcome(case, NOW, WITHIN) is None
    assert outcome(answer(case, VENDOR, True, NOW), NOW, WITHIN) == "accept"
    assert outcome(answer(case, VENDOR, False, NOW), NOW, WITHIN) == "reject"
    assert counted(case, NOW + WITHIN, WITHIN).parties == {LEAD}, "whoever stays silent holds up nobody for ever"
    assert outcome(case, NOW + WITHIN, WITHIN) == "accept"
    agreed = negotiate(case, LEAD, "accept", counted(case, NOW + WITHIN, WITHIN), NOW + WITHIN)
    assert VENDOR not in told(agreed, NOW + WITHIN), "but is told nothing until it accepts"
