"""Whose date an exposure has, and which are near: only ever the operator's own."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from seatrial.clearinghouse.remediation.types import URGENCIES, PaceView, Said, Status
from seatrial.kernel.errors import Misuse

OVER: frozenset[Status] = frozenset({Status.FIXED, Status.NOT_AFFECTED})
LONGEST = 3650  # days

_DAYS = {"act": "act", "attend": "attend", "track*": "track_more", "track": "track"}


def due(pace: PaceView | None, urgency: str, since: datetime, said: Said | None) -> date | None:
    """The answer's date, else the one the operator's pace gives it; None where neither is, or once it is over."""
    if said is not None and (said.status in OVER or said.until is not None):
        return said.until
    days: int | None = None if pace is None else getattr(pace, _DAYS[urgency])
    return None if days is None else since.date() + timedelta(days=days)


def check_pace(pace: PaceView) -> None:
    """Raises ``Misuse`` (``bad-pace``)."""
    for urgency in URGENCIES:
        _check(f"for {urgency}", getattr(pace, _DAYS[urgency]))
    _check("before a reminder", pace.remind)


def rank(urgency: str) -> int:
    """0 for the most urgent. Raises ``Misuse`` (``bad-urgency``)."""
    if urgency not in URGENCIES:
        raise Misuse("bad-urgency", f"There is no urgency {urgency[:20]!r}; there are {', '.join(URGENCIES)}.")
    return URGENCIES.index(urgency)


def _check(what: str, days: int | None) -> None:
    if days is not None and not 0 <= days <= LONGEST:
        raise Misuse("bad-pace", f"Give from 0 to {LONGEST:,} days {what}, or none; not {days}.")
