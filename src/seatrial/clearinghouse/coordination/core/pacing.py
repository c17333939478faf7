"""When a maintainer is told of what waits for it: in the order of priority, and never more than it said it can take.

1. Never more open at once, and never more in any seven days, than stated; nothing on a quiet day (UTC).
2. The order is priority, then age, then id: of equal priority nobody is overtaken, and the same input gives the same
   answer.
3. Nothing is dropped: what is not released stays in the queue, and goes out once there is room.
4. In a digest everything goes out together, at most once in seven days; else each as soon as there is room.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from seatrial.clearinghouse.coordination.types import Capacity, Delivery, Waiting
from seatrial.kernel.errors import Misuse

WEEK = timedelta(days=7)
LONGEST_PAUSE = 92  # days of one quiet stretch
MOST = 10_000


def check(capacity: Capacity) -> None:
    """Raises ``Misuse`` (``bad-capacity``) for what would let something wait for ever, or is no number of cases."""
    if not 1 <= capacity.open_at_once <= MOST or not 1 <= capacity.per_week <= MOST:
        raise _bad(f"open at once and per week are whole numbers from 1 to {MOST:,}")
    if not capacity.quiet_weekdays <= frozenset(range(7)):
        raise _bad("weekdays are numbers from 0 (Monday) to 6 (Sunday)")
    if len(capacity.quiet_weekdays) == 7:
        raise _bad("at least one day of the week must not be quiet")
    for first, last in capacity.quiet_dates:
        if last < first:
            raise _bad("a quiet stretch ends after it begins")
        if (last - first).days >= LONGEST_PAUSE:
            raise _bad(f"a quiet stretch has at most {LONGEST_PAUSE} days")


def is_quiet(capacity: Capacity, now: datetime) -> bool:
    """True on a day on which nothing is sent."""
    today = now.date()
    stretch = any(first <= today <= last for first, last in capacity.quiet_dates)
    return today.weekday() in capacity.quiet_weekdays or stretch


def release(
    waiting: Iterable[Waiting], capacity: Capacity, open_now: int, history: Iterable[datetime], now: datetime
) -> tuple[str, ...]:
    """The ids that go out at ``now``, in their order. ``history`` holds the moments of earlier releases."""
    if is_quiet(capacity, now):
        return ()
    lately = sum(1 for moment in history if now - WEEK < moment <= now)
    if capacity.delivery is Delivery.DIGEST and lately:
        return ()
    room = min(capacity.open_at_once - open_now, capacity.per_week - lately)
    ordered = sorted(waiting, key=lambda one: (one.priority, one.since, one.id))
    return tuple(one.id for one in ordered[: max(0, room)])


def _bad(why: str) -> Misuse:
    return Misuse("bad-capacity", f"This capacity cannot be kept: {why}.")
