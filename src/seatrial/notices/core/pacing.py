"""When a notice is due.

1. An urgent one is due at once; it is never gathered with what may wait.
2. Of one review a person gets at most one mail in ten minutes. What changes meanwhile is covered by the mail that
   is waiting, for it says no more than that something changed.
3. Who chose a daily mail gets one at seven in the morning, UTC, that lists the reviews.
4. A try that failed is repeated after the delays that Standard Webhooks 1.0 recommends; after the last it is given
   up, and stays listed.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from seatrial.notices.types import Cadence

GAP = timedelta(minutes=10)
DIGEST_AT = time(7)
RETRIES: tuple[timedelta, ...] = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
SECRETS_OVERLAP = timedelta(hours=24)  # how long an earlier secret signs beside the new one
LEASE = timedelta(seconds=60)  # longer than any try takes: after it a notice whose sender died is sent again


def due(cadence: Cadence, *, urgent: bool, now: datetime) -> datetime:
    """When a notice that comes up ``now`` is due."""
    if urgent or cadence is Cadence.EACH:
        return now
    today = datetime.combine(now.date(), DIGEST_AT, now.tzinfo)
    return today if now < today else today + timedelta(days=1)


def paced(last: datetime | None, *, urgent: bool, now: datetime) -> datetime:
    """The earliest moment from ``now`` on at which a mail may go, the ``last`` of the same review having gone then."""
    if urgent or last is None:
        return now
    return max(now, last + GAP)


def next_try(attempts: int, now: datetime) -> datetime | None:
    """When to try again after ``attempts`` tries that failed; ``None``: not any more."""
    return now + RETRIES[attempts - 1] if attempts <= len(RETRIES) else None
