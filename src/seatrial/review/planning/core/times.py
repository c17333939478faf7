"""Days and moments in a plan's own zone.

A day is a local calendar day of the zone. A local time becomes UTC exactly or is refused: where clocks go back a
time happens twice, where they go forward it does not happen. "30 days" of a window are 30 × 24 hours, whatever
the clocks do meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from seatrial.kernel.errors import Misuse

_DAY = timedelta(days=1)


@lru_cache(maxsize=256)
def zone_of(name: str) -> ZoneInfo:
    """The zone of that IANA name. Raises ``Misuse`` (``unknown-zone``)."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # not known, not a name at all, a folder of names
        raise Misuse(
            "unknown-zone", f"{name!r} is no time zone; write an IANA name such as America/New_York or UTC."
        ) from error


def moment(local: datetime, zone: str) -> datetime:
    """The UTC moment of a local time (naive) in ``zone``; an aware one is only converted.

    Raises ``Misuse`` (``time-twice``, ``time-never``) for one that clocks show twice or not at all.
    """
    if local.tzinfo is not None:
        return local.astimezone(UTC)
    here = zone_of(zone)
    first, second = (local.replace(tzinfo=here, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return first
    if first.astimezone(here).replace(tzinfo=None) == local:
        raise Misuse(
            "time-twice",
            f"{_shown(local)} happens twice in {zone}, where clocks go back; "
            f"write {_utc(first)} for the first or {_utc(second)} for the second.",
        )
    early, late = sorted((first, second))
    raise Misuse(
        "time-never",
        f"{_shown(local)} does not happen in {zone}, where clocks go forward; "
        f"write {_utc(early)} ({_shown(local_time(early, zone))} there) "
        f"or {_utc(late)} ({_shown(local_time(late, zone))} there).",
    )


def local_time(at: datetime, zone: str) -> datetime:
    """What clocks in ``zone`` show at that moment, without a zone."""
    return at.astimezone(zone_of(zone)).replace(tzinfo=None)


def local_day(at: datetime, zone: str) -> date:
    return local_time(at, zone).date()


def later_by(at: datetime, days: int, zone: str) -> datetime:
    """The same time of day in ``zone``, ``days`` calendar days later (or earlier). Raises as ``moment``."""
    return moment(local_time(at, zone) + days * _DAY, zone)


def day_begins(day: date, zone: str) -> datetime:
    """The first moment (UTC) of a local day, also where clocks skip or repeat midnight."""
    return datetime.combine(day, time(), zone_of(zone)).astimezone(UTC)


@lru_cache(maxsize=8192)
def happens(day: date, zone: str) -> bool:
    """False for a day that a zone left out: Samoa had no 30 December 2011."""
    noon = datetime.combine(day, time(12))
    return local_day(noon.replace(tzinfo=zone_of(zone)).astimezone(UTC), zone) == day


def counted(zone: str, *, working: bool, holidays: frozenset[date]) -> Callable[[date], bool]:
    """Which days count: those that happen, and of them, if ``working``, Monday to Friday without holidays."""

    def counts(day: date) -> bool:
        if working and (day.weekday() >= 5 or day in holidays):
            return False
        return happens(day, zone)

    return counts


def step(day: date, count: int, direction: int, counts: Callable[[date], bool]) -> date:
    """The day ``count`` counting days away; for 0 the day itself, or the next one that counts."""
    onwards = direction * _DAY
    if count == 0:
        while not counts(day):
            day += onwards
    for _ in range(count):
        day += onwards
        while not counts(day):
            day += onwards
    return day


def _shown(local: datetime) -> str:
    return f"{local:%Y-%m-%d %H:%M}"


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
