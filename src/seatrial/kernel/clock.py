"""Time: aware UTC everywhere, half-open windows. Cores take ``now`` as an argument; surfaces ask ``now()``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from .errors import Misuse


def now() -> datetime:
    """The present moment. Only surfaces, tasks and commands call this."""
    return datetime.now(UTC)


def aware(moment: datetime) -> datetime:
    """``moment`` in UTC. Raises ``Misuse`` (``naive-time``) if it says no time zone."""
    if moment.tzinfo is None:
        raise Misuse(
            "naive-time", f"The time {moment.isoformat()} names no time zone; write e.g. {moment.isoformat()}Z."
        )
    return moment.astimezone(UTC)


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC with microseconds and ``Z``: fixed width, so it sorts as text."""
    return aware(moment).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def parse_time(text: str) -> datetime:
    """Parse ISO 8601 with a time zone. Raises ``Misuse`` (``bad-time`` or ``naive-time``)."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Misuse("bad-time", f"{text!r} is not a time; write ISO 8601, e.g. 2026-07-01T09:00:00Z.") from error
    return aware(moment)


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """The half-open interval [opens, closes) in UTC."""

    opens: datetime
    closes: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "opens", aware(self.opens))
        object.__setattr__(self, "closes", aware(self.closes))
        if self.closes <= self.opens:
            raise Misuse(
                "window-backwards",
                f"A window must close after it opens, but it opens {iso(self.opens)} and closes {iso(self.closes)}.",
            )

    def contains(self, moment: datetime) -> bool:
        return self.opens <= moment < self.closes

    @property
    def length(self) -> timedelta:
        return self.closes - self.opens


def union_length(windows: Iterable[Window]) -> timedelta:
    """Wall-clock time covered by at least one of ``windows``."""
    total, reached = timedelta(), None
    for window in sorted(windows):
        start = window.opens if reached is None else max(window.opens, reached)
        if window.closes > start:
            total += window.closes - start
            reached = window.closes
    return total
