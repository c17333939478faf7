"""What is exposed is followed, answered and measured; nobody but the operator reads it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from icalendar import Calendar

from seatrial.clearinghouse.remediation import api as remediation
from seatrial.clearinghouse.remediation.types import Justification, Over, PaceView, Said, Status, UndertakingState
from seatrial.kernel.errors import Conflict, Forbidden, Misuse, NotFound, Refused
from seatrial.ledger import api as ledger

pytestmark = pytest.mark.django_db(transaction=True)


def _kinds(actor: Any, home: str) -> list[str]:
    return [entry.kind for entry in ledger.entries(actor, log=home)]


def test_what_matching_tells_twice_is_one_exposure(operators: Any) -> None:
    assert remediation.open_(opened=operators.found(0, 3), at=operators.start) == 3
    assert remediation.open_(opened=operators.found(0, 3), at=operators.days(1)) == 0
    mine = remediation.exposures(operators.defenders[0])
    assert [one.system for one in mine] == ["pump 0", "pump 1", "pump 2"]
    assert {one.since for one in mine} == {operators.start}
    assert _kinds(operators.defenders[0], "water-0") == ["remediation.exposed"]


def test_nobody_else_reads_an_operators_exposures(operators: Any, harbour: Any) -> None:
    [mine] = operators.exposed(0)
    for other in (operators.defenders[1], operators.analyst, harbour.maintainer, harbour.lab):
        assert remediation.exposures(other) == ()
        with pytest.raises(NotFound):
            remediation.exposure(other, mine.id)
        with pytest.raises(NotFound):
            remediation.answer(by=other, exposures=[mine.id], said=Said(Status.FIXED), at=operators.start)
        with pytest.raises(NotFound):
            remediation.pace(other, "water-0")
        assert _kinds(other, "water-0") == []


def test_an_answer_ends_an_exposure_and_another_opens_it_again(operators: Any) -> None:
    nia, [mine] = operators.defenders[0], operators.exposed(0)
    remediation.answer(by=nia, exposures=[mine.id], said=Said(Status.FIXED, note="1.3 is on"), at=operators.days(2))
    assert remediation.exposures(nia) == ()
    [over] = remediation.exposures(nia, over=True)
    assert (over.over, over.over_at, over.status) == (Over.ANSWER, operators.days(2), Status.FIXED)
    remediation.answer(by=nia, exposures=[mine.id], said=Said(Status.AFFECTED, action="again"), at=operators.days(3))
    found = remediation.exposure(nia, mine.id)
    assert found.over is None
    assert [one.said.status for one in found.answers] == [Status.AFFECTED, Status.FIXED]
    assert "1.3 is on" not in str(ledger.entries(nia, log="water-0"))


def test_many_are_answered_at_once_or_none(operators: Any) -> None:
    nia, mine = operators.defenders[0], operators.exposed(0, 3)
    foreign = operators.exposed(1)
    said = Said(Status.NOT_AFFECTED, Justification.CODE_NOT_PRESENT)
    with pytest.raises(NotFound, match="of yours"):
        remediation.answer(by=nia, exposures=[mine[0].id, foreign[0].id], said=said, at=operators.start)
    assert len(remediation.exposures(nia)) == 3
    with pytest.raises(Misuse, match="1 to 1,000"):
        remediation.answer(by=nia, exposures=[], said=said, at=operators.start)
    ids = [one.id for one in mine]
    assert remediation.answer(by=nia, exposures=[*ids, ids[0]], said=said, at=operators.start) == 3
    assert remediation.exposures(nia) == ()


def test_what_matching_finds_no_more_is_over_and_opens_when_it_does_again(operators: Any) -> None:
    nia, [mine] = operators.defenders[0], operators.exposed(0)
    match = operators.found(0)[0].match
    assert remediation.end(matches=[match, "unknown"], at=operators.days(1)) == 1
    assert remediation.end(matches=[match], at=operators.days(2)) == 0
    over = remediation.exposure(nia, mine.id)
    assert (over.over, over.over_at) == (Over.GONE, operators.days(1))
    remediation.answer(by=nia, exposures=[mine.id], said=Said(Status.AFFECTED), at=operators.days(3))
    assert remediation.exposure(nia, mine.id).over is Over.GONE, "an answer brings back nothing that is gone"
    assert remediation.open_(opened=operators.found(0), at=operators.days(4)) == 1
    assert remediation.exposure(nia, mine.id).over is None


def test_what_was_answered_as_fixed_does_not_open_because_it_is_told_again(operators: Any) -> None:
    nia, [mine] = operators.defenders[0], operators.exposed(0)
    remediation.answer(by=nia, exposures=[mine.id], said=Said(Status.FIXED), at=operators.start)
    assert remediation.open_(opened=operators.found(0), at=operators.days(1)) == 0


def test_dates_are_the_operators_own(operators: Any) -> None:
    nia, [mine] = operators.defenders[0], operators.exposed(0)
    assert mine.due is None
    remediation.state_pace(by=nia, pace=PaceView("water-0", act=3, remind=1), at=operators.start)
    day = operators.start.date()
    assert remediation.exposure(nia, mine.id).due == day + timedelta(days=3)
    until = day + timedelta(days=20)
    remediation.answer(by=nia, exposures=[mine.id], said=Said(Status.AFFECTED, until=until), at=operators.start)
    remediation.state_pace(by=nia, pace=PaceView("water-0", act=1), at=operators.start)
    assert remediation.exposure(nia, mine.id).due == until
    with pytest.raises(Forbidden):
        remediation.state_pace(by=operators.defenders[1], pace=PaceView("water-0", act=1), at=operators.start)


def test_a_reminder_comes_once_for_a_date_and_only_if_wanted(operators: Any) -> None:
    nia = operators.defenders[0]
    operators.exposed(0, 2)
    operators.exposed(1)
    remediation.state_pace(by=nia, pace=PaceView("water-0", act=3, remind=1), at=operators.start)
    remediation.state_pace(by=operators.defenders[1], pace=PaceView("water-1", act=3), at=operators.start)
    assert remediation.turn(at=operators.days(1)) == 0
    assert remediation.turn(at=operators.days(2)) == 2
    assert remediation.turn(at=operators.days(2)) == 0
    assert _kinds(nia, "water-0")[-1] == "remediation.due"
    assert "remediation.due" not in _kinds(operators.defenders[1], "water-1")


def test_an_undertaking_holds_only_as_agreed(operators: Any, harbour: Any) -> None:
    nia, analyst, at = operators.defenders[0], operators.analyst, operators.start
    asked = remediation.offer_undertaking(by=analyst, organisation="water-0", text="Answer within a week.", at=at)
    [seen] = remediation.undertakings(nia)
    assert (seen.state, seen.may) == (UndertakingState.OFFERED, ("agree", "decline"))
    assert remediation.undertakings(operators.defenders[1]) == ()
    with pytest.raises(Refused, match="takes end"):
        remediation.move_undertaking(by=analyst, undertaking=asked, move="agree", at=at)
    with pytest.raises(NotFound):
        remediation.move_undertaking(by=operators.defenders[1], undertaking=asked, move="agree", at=at)
    agreed = remediation.move_undertaking(by=nia, undertaking=asked, move="agree", at=at)
    ended = remediation.move_undertaking(by=nia, undertaking=asked, move="end", at=at)
    assert (agreed, ended) == (UndertakingState.AGREED, UndertakingState.ENDED)
    with pytest.raises(Misuse, match="only operators"):
        remediation.offer_undertaking(by=analyst, organisation="vendor-a", text="Hurry.", at=at)
    with pytest.raises(Forbidden):
        remediation.offer_undertaking(by=harbour.maintainer, organisation="water-0", text="Hurry.", at=at)


def test_sums_tell_of_nobody(operators: Any) -> None:
    analyst = operators.analyst
    for number in range(6):
        operators.exposed(number, 2)
        if number < 4:
            by = operators.defenders[number]
            remediation.state_pace(by=by, pace=PaceView(f"water-{number}", sector="energy"), at=operators.start)
    [energy] = remediation.sectors(analyst, operators.days(1))
    assert (energy.sector, energy.open, energy.over, energy.half) == ("energy", None, None, None)
    assert set(remediation.curves(analyst, operators.days(1))) == {"all operators"}
    assert set(remediation.curves(operators.defenders[0], operators.days(1))) == {"yours"}
    fifth = operators.defenders[4]
    remediation.state_pace(by=fifth, pace=PaceView("water-4", sector="energy"), at=operators.start)
    [energy] = remediation.sectors(analyst, operators.days(1))
    assert energy.open == 10
    assert remediation.sectors(operators.defenders[5], operators.days(1)) == (), "not of that sector"
    for number in range(5):
        mine = [one.id for one in remediation.exposures(operators.defenders[number])]
        by = operators.defenders[number]
        remediation.answer(by=by, exposures=mine, said=Said(Status.FIXED), at=operators.days(number + 1))
    [energy] = remediation.sectors(analyst, operators.days(10))
    assert (energy.open, energy.over, energy.half, energy.most) == (0, 10, 3.0, 5.0)


def test_those_who_reported_hear_how_many_systems_are_safe(operators: Any) -> None:
    for number in range(5):
        mine = [one.id for one in operators.exposed(number, 2)]
        by = operators.defenders[number]
        [told] = remediation.protected(["SEA-2026-0001"])
        assert told.systems is None
        remediation.answer(by=by, exposures=mine, said=Said(Status.FIXED), at=operators.start)
    assert [one.systems for one in remediation.protected(["SEA-2026-0001", "SEA-2026-0002"])] == [10, None]


def test_the_nearest_date_comes_first_then_what_is_urgent(operators: Any) -> None:
    nia = operators.defenders[0]
    operators.exposed(0, 1, advisory="SEA-2026-0003", urgency="track")
    operators.exposed(0, 1, advisory="SEA-2026-0002", urgency="attend")
    mine = operators.exposed(0, 1)
    assert [one.urgency for one in mine] == ["act", "attend", "track"]
    until = operators.start.date() + timedelta(days=9)
    remediation.answer(by=nia, exposures=[mine[2].id], said=Said(Status.AFFECTED, until=until), at=operators.start)
    assert [one.urgency for one in remediation.exposures(nia)] == ["track", "act", "attend"]
    assert [one.advisory for one in remediation.exposures(nia, advisory="SEA-2026-0002")] == ["SEA-2026-0002"]
    assert remediation.exposures(nia, search="PUMP 0", limit=1, offset=1)[0].urgency == "act"
    with pytest.raises(Misuse):
        remediation.exposures(nia, limit=0)


def test_an_operators_own_vex_holds_its_answers(operators: Any) -> None:
    nia, mine = operators.defenders[0], operators.exposed(0, 2)
    remediation.answer(by=nia, exposures=[mine[0].id], said=Said(Status.FIXED), at=operators.start)
    made = remediation.own_vex(nia, "water-0")
    assert made["author"] == "Waterworks 0"
    assert [one["status"] for one in made["statements"]] == ["fixed"]  # type: ignore[attr-defined]
    with pytest.raises(NotFound):
        remediation.own_vex(operators.analyst, "water-0")


def test_dates_are_subscribed_to_at_a_secret_address(operators: Any) -> None:
    nia, other, at = operators.defenders[0], operators.defenders[1], operators.start
    operators.exposed(0, 2)
    operators.exposed(1, 1)
    remediation.state_pace(by=nia, pace=PaceView("water-0", act=3), at=at)
    first = remediation.issue_calendar(by=nia, organisation="water-0", at=at)
    shown = remediation.dated_at(first)
    assert {(one.system, one.due) for one in shown} == {(f"pump {n}", (at + timedelta(days=3)).date()) for n in (0, 1)}
    events = Calendar.from_ical(remediation.calendar(shown)).walk("VEVENT")
    assert {str(one["UID"]) for one in events} == {f"{one.id}@seatrial" for one in shown}
    assert remediation.calendar(shown) == remediation.calendar(remediation.dated_at(first))
    remediation.answer(by=nia, exposures=[shown[0].id], said=Said(Status.FIXED), at=at)
    assert len(remediation.dated_at(first)) == 1
    found = remediation.calendar_of(nia, "water-0")
    assert found is not None
    assert found.issued_by == nia.person
    second = remediation.issue_calendar(by=nia, organisation="water-0", at=at)
    for gone in (first, "x" * 43):
        with pytest.raises(NotFound, match="no calendar at this address"):
            remediation.dated_at(gone)
    with pytest.raises(Forbidden):
        remediation.issue_calendar(by=other, organisation="water-0", at=at)
    with pytest.raises(NotFound):
        remediation.calendar_of(other, "water-0")
    remediation.end_calendar(by=nia, organisation="water-0", at=at)
    with pytest.raises(NotFound):
        remediation.dated_at(second)
    with pytest.raises(Conflict):
        remediation.end_calendar(by=nia, organisation="water-0", at=at)
    assert _kinds(nia, "water-0").count("remediation.calendar.issued") == 2
    told = [entry for entry in ledger.entries(nia, log="water-0") if "calendar" in entry.kind]
    assert not any(secret in str(entry) for entry in told for secret in (first, second))
