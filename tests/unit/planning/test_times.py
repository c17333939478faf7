"""Days and moments in zones: exact, or refused with the moments that are meant."""

# ruff: noqa: DTZ001 - local times without a zone are what is tried here

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from seatrial.kernel.errors import Misuse
from seatrial.review.planning.core.times import (
    counted,
    day_begins,
    happens,
    later_by,
    local_day,
    local_time,
    moment,
    step,
    zone_of,
)
from simulators.release_plans import BUSY

ZONES = ("Pacific/Apia", "Asia/Kathmandu", "America/New_York", "Europe/London", "UTC", "America/Havana")
zones = st.sampled_from(ZONES)
instants = st.datetimes(datetime(2005, 1, 1), datetime(2045, 1, 1), timezones=st.just(UTC))
days = st.dates(date(2005, 1, 1), date(2045, 1, 1))
NEW_YORK_BACK = datetime(2026, 11, 1, 1, 30)
NEW_YORK_ON = datetime(2026, 3, 8, 2, 30)


def told(ask: Callable[[], datetime]) -> datetime | Misuse:
    try:
        return ask()
    except Misuse as error:
        return error


@BUSY
@given(instants, zones)
@example(datetime(2026, 11, 1, 5, 30, tzinfo=UTC), "America/New_York")
def test_a_moment_shown_in_a_zone_and_read_back_is_the_same_moment_or_is_refused_as_double(
    at: datetime, zone: str
) -> None:
    found = told(lambda: moment(local_time(at, zone), zone))
    if isinstance(found, Misuse):
        assert found.code == "time-twice"
        assert f"{at:%Y-%m-%dT%H:%M:%SZ}" in found.message, "the moment that is meant is named"
    else:
        assert found == at


@BUSY
@given(st.datetimes(datetime(2005, 1, 1), datetime(2045, 1, 1)), zones)
@example(NEW_YORK_BACK, "America/New_York")
@example(NEW_YORK_ON, "America/New_York")
@example(datetime(2011, 12, 30, 12), "Pacific/Apia")
def test_a_local_time_is_taken_exactly_if_it_happens_once_and_only_then(local: datetime, zone: str) -> None:
    here = zone_of(zone)
    candidates = {local.replace(tzinfo=here, fold=fold).astimezone(UTC) for fold in (0, 1)}
    happening = {at for at in candidates if local_time(at, zone) == local}
    if len(happening) == 1:
        assert moment(local, zone) in happening
    else:
        with pytest.raises(Misuse) as caught:
            moment(local, zone)
        assert caught.value.code == ("time-twice" if happening else "time-never")
        assert sum(f"{at:%Y-%m-%dT%H:%M:%SZ}" in caught.value.message for at in candidates) == 2


def test_the_sentence_says_which_utc_times_are_meant() -> None:
    with pytest.raises(Misuse, match=r"happens twice .* 2026-11-01T05:30:00Z .* 2026-11-01T06:30:00Z"):
        moment(NEW_YORK_BACK, "America/New_York")
    with pytest.raises(Misuse, match=r"does not happen .* 2026-03-08T06:30:00Z .* 2026-03-08T07:30:00Z"):
        moment(NEW_YORK_ON, "America/New_York")
    with pytest.raises(Misuse, match="does not happen in Pacific/Apia"):
        moment(datetime(2011, 12, 30, 9), "Pacific/Apia")


@pytest.mark.parametrize("zone", ["", "Moon/Base", "America", "../etc/passwd", "EST5EDT;", "\x00", "x" * 300])
def test_a_zone_that_is_none_is_refused(zone: str) -> None:
    with pytest.raises(Misuse) as caught:
        zone_of(zone)
    assert caught.value.code == "unknown-zone"


@BUSY
@given(instants, st.integers(-400, 400), zones)
def test_moving_by_days_keeps_the_time_of_day(at: datetime, count: int, zone: str) -> None:
    found = told(lambda: later_by(at, count, zone))
    if isinstance(found, Misuse):
        assert found.code in ("time-twice", "time-never")
    else:
        assert local_time(found, zone) == local_time(at, zone) + timedelta(days=count)


@BUSY
@given(days, zones)
@example(date(2011, 12, 31), "Pacific/Apia")
@example(date(2026, 3, 8), "America/Havana")  # midnight does not happen
@example(date(2026, 11, 1), "America/Havana")  # midnight happens twice
def test_a_day_begins_at_its_first_moment(day: date, zone: str) -> None:
    if not happens(day, zone):
        assert (zone, day) == ("Pacific/Apia", date(2011, 12, 30))
        return
    begins = day_begins(day, zone)
    assert local_day(begins, zone) == day
    assert local_day(begins - timedelta(microseconds=1), zone) < day


@BUSY
@given(days, st.integers(0, 60), st.sampled_from((-1, 1)), zones, st.booleans(), st.frozensets(days, max_size=5))
def test_stepping_counts_exactly_the_days_that_count(
    day: date, count: int, direction: int, zone: str, working: bool, holidays: frozenset[date]
) -> None:
    counts = counted(zone, working=working, holidays=holidays)
    reached = step(day, count, direction, counts)
    assert counts(reached)
    span = (reached - day).days * direction
    assert span >= 0
    passed = sum(counts(day + direction * timedelta(days=n)) for n in range(1, span + 1))
    assert passed == (count if count or counts(day) else 1)
    if working:
        assert reached.weekday() < 5
        assert reached not in holidays


def test_samoa_left_a_day_out_and_no_milestone_falls_on_it() -> None:
    counts = counted("Pacific/Apia", working=False, holidays=frozenset())
    assert step(date(2011, 12, 31), 1, -1, counts) == date(2011, 12, 29)
    assert ZoneInfo("Pacific/Apia").utcoffset(datetime(2011, 12, 31)) == timedelta(hours=14)
