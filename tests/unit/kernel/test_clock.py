"""Windows are half-open and in UTC; their union counts each moment once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.kernel.clock import Window, aware, iso, parse_time, union_length
from seatrial.kernel.errors import Misuse

ZERO = datetime(2026, 7, 1, tzinfo=UTC)


def window(start: int, end: int) -> Window:
    return Window(ZERO + timedelta(hours=start), ZERO + timedelta(hours=end))


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 20)), max_size=6))
def test_the_union_counts_each_hour_once(pairs: list[tuple[int, int]]) -> None:
    windows = [window(start, start + length) for start, length in pairs]
    hours = sum(any(w.contains(ZERO + timedelta(hours=h)) for w in windows) for h in range(70))
    assert union_length(windows) == timedelta(hours=hours)


def test_a_window_holds_its_opening_and_not_its_closing() -> None:
    w = window(1, 2)
    assert w.contains(w.opens)
    assert not w.contains(w.closes)
    assert w.length == timedelta(hours=1)


@pytest.mark.parametrize("end", [0, 1])
def test_a_window_that_closes_before_it_opens_is_refused(end: int) -> None:
    with pytest.raises(Misuse, match="must close after it opens"):
        window(1, end)


def test_times_in_other_zones_become_utc_also_across_daylight_saving() -> None:
    summer = parse_time("2026-10-25T02:30:00+02:00")
    winter = parse_time("2026-10-25T02:30:00+01:00")
    assert winter - summer == timedelta(hours=1)
    assert iso(summer) == "2026-10-25T00:30:00.000000Z"
    assert aware(datetime(2026, 7, 1, 2, tzinfo=timezone(timedelta(hours=2)))) == ZERO


@pytest.mark.parametrize(
    ("text", "code"), [("tomorrow", "bad-time"), ("", "bad-time"), ("2026-07-01T09:00:00", "naive-time")]
)
def test_a_time_that_cannot_be_read_is_refused(text: str, code: str) -> None:
    with pytest.raises(Misuse) as caught:
        parse_time(text)
    assert caught.value.code == code
