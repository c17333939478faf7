"""Schedules: placed by their rules, circles refused by name, lateness told with its reason."""

# ruff: noqa: DTZ001 - hypothesis takes its bounds without a zone

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.kernel.errors import Misuse
from seatrial.review.planning.core.moves import moved, parse_moves, what_if
from seatrial.review.planning.core.rules import check, faults
from seatrial.review.planning.core.scheduling import schedule, window_of
from seatrial.review.planning.core.times import counted, local_day, step
from seatrial.review.planning.types import Item, Move, Side, Unit, WindowRule
from simulators.release_plans import BUSY, EARLY, PARTNER, bare, crowded, milestone, usual

ZONES = ("Pacific/Apia", "Asia/Kathmandu", "America/New_York", "Europe/London")
instants = st.datetimes(datetime(2010, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))
DAY = timedelta(days=1)


@st.composite
def plans(draw: Any) -> Any:
    """Any whole plan: milestones that count from a date or from an earlier one."""
    partner = draw(instants)
    made: list[Any] = []
    for number in range(draw(st.integers(0, 8))):
        anchors = ["partner-release", "public-release", "window-opens", "window-closes", *(m.key for m in made)]
        made.append(
            milestone(
                f"m-{number}",
                days=draw(st.integers(0, 40)),
                unit=draw(st.sampled_from(Unit)),
                side=draw(st.sampled_from(Side)),
                anchor=draw(st.sampled_from(anchors)),
                length=draw(st.integers(1, 15)),
                done_at=draw(st.none() | st.just(partner)),
            )
        )
    holidays = draw(st.frozensets(st.integers(-60, 60), max_size=6))
    return replace(
        bare(*made, zone=draw(st.sampled_from(ZONES))),
        partner_release=partner,
        public_release=partner + draw(st.timedeltas(timedelta(), timedelta(days=60))),
        window=WindowRule(draw(st.integers(1, 30)), draw(st.integers(0, 20))),
        holidays=frozenset(partner.date() + DAY * day for day in holidays),
    )


def by_key(items: tuple[Item, ...]) -> dict[str, Item]:
    return {item.milestone.key: item for item in items}


@BUSY
@given(plans(), instants)
def test_every_milestone_stands_where_its_rule_puts_it(plan: Any, now: datetime) -> None:
    check(plan)
    made = schedule(plan, now)
    items = by_key(made.items)
    fixed = {"partner-release": plan.partner_release, "public-release": plan.public_release}
    fixed |= {"window-opens": made.window.opens, "window-closes": made.window.closes} if made.window else {}
    for item in made.items:
        m = item.milestone
        counts = counted(plan.zone, working=m.unit is Unit.WORKING, holidays=plan.holidays)
        if m.anchor in fixed:
            first = last = local_day(fixed[m.anchor], plan.zone)
        else:
            first, last = items[m.anchor].starts, items[m.anchor].due
        assert item.starts <= item.due
        inside = [item.starts + DAY * n for n in range((item.due - item.starts).days + 1)]
        assert sum(map(counts, inside)) == m.length
        if m.side is Side.BEFORE:
            assert item.due == step(first, m.days, -1, counts)
            assert item.due <= first
        else:
            assert item.starts == step(last, m.days, 1, counts)
            assert item.starts >= last


@BUSY
@given(plans(), instants)
def test_late_is_what_is_not_done_and_should_be_under_way(plan: Any, now: datetime) -> None:
    made = schedule(plan, now)
    for item in made.items:
        assert bool(item.late) == bool(item.reasons)
        if item.milestone.done_at:
            assert not item.late
        else:
            assert item.late == max((made.today - item.starts).days, 0)


@BUSY
@given(plans(), instants, st.timedeltas(timedelta(days=-400), timedelta(days=400)))
def test_no_move_prolongs_the_window_and_it_is_over_by_the_release_to_partners(
    plan: Any, now: datetime, by: timedelta
) -> None:
    move = Move(plan.partner_release + by, max(plan.public_release, plan.partner_release + by))
    shown = what_if(plan, move, now)
    before, after = shown.window_before, shown.window_after
    assert before is not None
    assert after is not None
    assert after.length == before.length <= timedelta(days=30)
    assert after.closes <= shown.plan.partner_release


def test_thirty_days_are_thirty_times_24_hours_across_a_change_of_clocks() -> None:
    for zone, changes in (("America/New_York", datetime(2026, 11, 2, 14, tzinfo=UTC)), ("Europe/London", PARTNER)):
        plan = replace(bare(zone=zone), partner_release=changes, window=WindowRule(30))
        window = window_of(plan)
        assert window is not None
        assert window.length == timedelta(hours=720)


@BUSY
@given(plans(), instants)
def test_a_move_of_nothing_moves_and_slips_nothing(plan: Any, now: datetime) -> None:
    shown = what_if(plan, Move(), now)
    assert all(not shift.days and not shift.slips for shift in shown.shifts)
    assert shown.plan == plan


def test_an_earlier_release_shows_what_slips_and_by_how_much() -> None:
    plan = usual()
    shown = what_if(plan, parse_moves(["partner=-60d"], plan), EARLY)
    slipping = {shift.key: shift.slips for shift in shown.slipping}
    first = by_key(schedule(shown.plan, EARLY).items)["decide-engagement"]
    assert slipping["decide-engagement"] == (EARLY.date() - first.starts).days > 0
    assert "opening" not in slipping
    assert not what_if(plan, parse_moves(["partner=+7d"], plan), EARLY).slipping


def test_a_longer_milestone_pushes_against_what_needs_it() -> None:
    plan = bare(
        milestone("test", side=Side.AFTER, anchor="public-release", days=0),
        milestone("report", side=Side.AFTER, anchor="public-release", days=3, needs=("test",)),
    )
    assert not schedule(plan, EARLY).late
    shown = what_if(plan, parse_moves(["test=6d"], plan), EARLY)
    (shift,) = shown.slipping
    assert (shift.key, shift.slips) == ("test", 2)
    assert shift.reasons == ("it ends 2 days after 'report' begins, which needs it",)


def test_begun_work_is_late_only_when_it_is_due() -> None:
    plan = bare(milestone("write", length=10))
    on = {day: schedule(plan, PARTNER - DAY * day).late for day in (10, 9, 1)}
    assert [len(late) for late in on.values()] == [0, 1, 1]
    begun = replace(plan, milestones=(replace(plan.milestones[0], begun_at=EARLY),))
    assert not schedule(begun, PARTNER - DAY).late
    assert schedule(begun, PARTNER).late[0].reasons == ("it was due 1 day ago",)


def test_working_days_skip_weekends_and_the_plans_holidays() -> None:
    friday = datetime(2026, 11, 13, 12, tzinfo=UTC)
    plan = replace(bare(milestone("sign", days=3, unit=Unit.WORKING)), partner_release=friday)
    (item,) = schedule(plan, EARLY).items
    assert item.due == date(2026, 11, 10)
    veterans_day = replace(plan, holidays=frozenset({date(2026, 11, 11)}))
    assert schedule(veterans_day, EARLY).items[0].due == date(2026, 11, 9)


@pytest.mark.parametrize(
    ("milestones", "said"),
    [
        ((milestone("a", anchor="b"), milestone("b", anchor="a")), "count from each other: a → b → a"),
        ((milestone("a", anchor="a"),), "count from each other: a → a"),
        ((milestone("a", needs=("b",)), milestone("b", needs=("a",))), "each have to follow the other"),
        ((milestone("a", anchor="b", needs=("b",)), milestone("b")), "each have to follow the other"),
        ((milestone("a", anchor="b"),), "'a' counts from 'b', which is no milestone"),
        ((milestone("a", anchor="window-opens"),), "but the plan has no window"),
        ((milestone("a", needs=("b",)),), "'a' needs 'b', which is no milestone"),
        ((milestone("a"), milestone("a")), "the key 'a' stands twice"),
        ((milestone("public-release"),), "is a date of the plan itself"),
        ((milestone("A b"),), "is no key"),
        ((milestone("a", title=" "),), "the title of 'a' needs 1 to 200"),
        ((milestone("a", owner="x\x07"),), "control character"),
        ((milestone("a", length=0),), "the length of 'a' is 1 to 400 days, not 0"),
        ((milestone("a", days=-1),), "the days of 'a' are 0 to 400, not -1"),
        ((milestone("a", begun_at=PARTNER, done_at=EARLY),), "done before it was begun"),
    ],
)
def test_what_cannot_be_scheduled_is_refused_by_name(milestones: Any, said: str) -> None:
    with pytest.raises(Misuse) as caught:
        check(bare(*milestones))
    assert caught.value.code == "plan-invalid"
    assert said in caught.value.message


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"window": WindowRule(31)}, "a window has 1 to 30 days, not 31"),
        ({"window": WindowRule(30, -1)}, "ends 0 to 400 days before"),
        ({"public_release": PARTNER - DAY}, "cannot come before the release to trusted partners"),
        ({"zone": "Moon/Base"}, "no time zone"),
        ({"partner_release": PARTNER.replace(year=1999)}, "must lie in the years 2000 to 2100"),
        ({"title": ""}, "the title needs"),
        ({"holidays": frozenset(date(2026, 1, 1) + DAY * n for n in range(401))}, "at most 400 holidays"),
        ({"milestones": crowded(501).milestones}, "at most 500 milestones"),
    ],
)
def test_a_head_that_is_wrong_is_told(changes: Any, said: str) -> None:
    assert any(said in fault.words for fault in faults(replace(bare(), **changes)))


def test_names_in_every_script_are_names() -> None:
    names = ("Ọlá", "Σωκράτης", "李小龙", "محمد", "नेपाल", "👩‍🚀 Ada", "a\u0301")
    check(bare(*(milestone(f"m-{n}", owner=name, title=name) for n, name in enumerate(names))))


@pytest.mark.parametrize(
    "words", ["partner", "partner=", "partner=7d", "public=soon", "freeze-build=-3d", "=3d", "freeze-build=3w"]
)
def test_a_move_that_is_none_is_refused(words: str) -> None:
    with pytest.raises(Misuse) as caught:
        parse_moves([words], usual())
    assert caught.value.code == "bad-move"


def test_moves_name_each_thing_once_and_a_milestone_that_there_is() -> None:
    plan = usual()
    with pytest.raises(Misuse, match="each once"):
        parse_moves(["partner=+1d", "partner-release=+2d"], plan)
    with pytest.raises(Misuse, match="no milestone 'nothing'"):
        moved(plan, parse_moves(["nothing=3d"], plan))
    with pytest.raises(Misuse, match="cannot come before"):
        moved(plan, parse_moves(["partner=+90d"], plan))
    made = parse_moves(["public=2026-12-24T09:00", "freeze-build=3d"], plan)
    assert made.public_release == datetime(2026, 12, 24, 14, tzinfo=UTC)
    assert made.lengths == (("freeze-build", 3),)
