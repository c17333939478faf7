"""Pacing whatever waits and whatever a maintainer said: within capacity, in order, and nothing is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from seatrial.clearinghouse.coordination.core.pacing import WEEK, check, is_quiet, release
from seatrial.clearinghouse.coordination.types import Capacity, Delivery, Waiting
from seatrial.kernel.errors import Misuse

MONDAY = datetime(2026, 6, 29, 9, tzinfo=UTC)
moments = some.integers(0, 30 * 24).map(lambda hours: MONDAY - timedelta(hours=hours))
days = some.integers(-20, 60).map(lambda number: MONDAY.date() + timedelta(days=number))
stretches = some.lists(
    some.tuples(days, some.integers(0, 20)).map(lambda one: (one[0], one[0] + timedelta(days=one[1]))), max_size=2
)
capacities = some.builds(
    Capacity,
    open_at_once=some.integers(1, 6),
    per_week=some.integers(1, 6),
    quiet_weekdays=some.frozensets(some.integers(0, 6), max_size=6),
    quiet_dates=stretches.map(tuple),
    delivery=some.sampled_from(Delivery),
)
queues = some.lists(some.tuples(some.integers(0, 3), moments), max_size=12).map(
    lambda found: [Waiting(f"w{place:02}", priority, since) for place, (priority, since) in enumerate(found)]
)


@settings(deadline=None)
@given(queues, capacities, some.integers(0, 8), some.lists(moments, max_size=10), moments)
def test_never_beyond_capacity_and_always_in_order(
    waiting: list[Waiting], capacity: Capacity, open_now: int, history: list[datetime], now: datetime
) -> None:
    out = release(waiting, capacity, open_now, history, now)
    lately = [moment for moment in history if now - WEEK < moment <= now]
    if out:
        assert not is_quiet(capacity, now)
        assert open_now + len(out) <= capacity.open_at_once
        assert len(lately) + len(out) <= capacity.per_week
        assert not (capacity.delivery is Delivery.DIGEST and lately)
    first = sorted(waiting, key=lambda one: (one.priority, one.since, one.id))[: len(out)]
    assert out == tuple(one.id for one in first), "by priority, then age; nobody of equal priority is overtaken"
    assert release(list(reversed(waiting)), capacity, open_now, history, now) == out, "the same whatever the order"


@settings(max_examples=60, deadline=None)
@given(queues, capacities, some.integers(1, 12))
def test_everything_is_released_once_and_in_any_seven_days_no_more_than_stated(
    waiting: list[Waiting], capacity: Capacity, open_days: int
) -> None:
    """Day by day for as long as it takes, each case closed ``open_days`` after it was released."""
    queue, released, now = list(waiting), dict[str, datetime](), MONDAY
    for _ in range(12 * 7 + 12 * open_days + 60 + 40):
        open_now = sum(1 for moment in released.values() if now - moment < timedelta(days=open_days))
        out = release(queue, capacity, open_now, list(released.values()), now)
        assert not set(out) & released.keys(), "nothing is released twice"
        released |= dict.fromkeys(out, now)
        queue = [one for one in queue if one.id not in out]
        assert {one.id for one in queue} | released.keys() == {one.id for one in waiting}, "nothing is lost"
        for _, moment in zip(out, [now], strict=False):
            lately = [one for one in released.values() if moment - WEEK < one <= moment]
            assert len(lately) <= capacity.per_week
        now += timedelta(days=1)
    assert queue == []


@given(capacities)
def test_what_can_be_kept_is_taken(capacity: Capacity) -> None:
    check(capacity)


@pytest.mark.parametrize(
    "change",
    [
        {"open_at_once": 0},
        {"per_week": 0},
        {"per_week": 10**9},
        {"quiet_weekdays": frozenset(range(7))},
        {"quiet_weekdays": frozenset({7})},
        {"quiet_dates": ((date(2026, 7, 2), date(2026, 7, 1)),)},
        {"quiet_dates": ((date(2026, 1, 1), date(2027, 1, 1)),)},
    ],
)
def test_a_capacity_under_which_something_waits_for_ever_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(Misuse, match="cannot be kept") as refused:
        check(replace(Capacity(3, 3), **change))  # type: ignore[arg-type]
    assert refused.value.code == "bad-capacity"
