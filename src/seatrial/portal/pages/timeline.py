"""A plan's timeline: where each milestone's bar stands, in per cent of the time shown. The dates stand beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from seatrial.review.planning import api as planning
from seatrial.review.planning.types import Item, PlanView

_DAY = timedelta(days=1)
_ROOM, _ROOM_WITH_YEAR = 12, 26  # per cent that a month's name takes


@dataclass(frozen=True, slots=True)
class Span:
    """A part of the time shown; both numbers are per cent, ready for an attribute."""

    begins: str
    length: str


@dataclass(frozen=True, slots=True)
class Row:
    item: Item
    begins: str
    due: str
    bar: Span


@dataclass(frozen=True, slots=True)
class Timeline:
    rows: tuple[Row, ...]
    months: tuple[tuple[str, str], ...]  # where, and the month's name
    ground: SafeString  # behind each bar: the planned window
    lines: SafeString  # before each bar: today and the two releases


def timeline(view: PlanView) -> Timeline:
    """The whole plan on one scale: from its first day, or today, to its last."""
    made, zone = view.schedule, view.plan.zone
    days = [made.partner_day, made.public_day, made.today]
    window = None
    if made.window is not None:
        window = (planning.local_day(made.window.opens, zone), planning.local_day(made.window.closes, zone))
        days += window
    for item in made.items:
        days += (item.starts, item.due)
    scale = _Scale(min(days), max(days))
    return Timeline(
        rows=tuple(
            Row(item, _day(item.starts), f"{_day(item.due)} {item.due.year}", scale.span(item.starts, item.due))
            for item in made.items
        ),
        months=scale.months(),
        ground=_ground(scale.span(*window)) if window else SafeString(),
        lines=format_html_join(
            "",
            '<line class="{}" x1="{}" x2="{}" y2="100%"/>',
            [
                (name, scale.middle(day), scale.middle(day))
                for name, day in (("is-today", made.today), ("", made.partner_day), ("", made.public_day))
            ],
        ),
    )


def _ground(window: Span) -> SafeString:
    return format_html('<rect class="is-window" x="{}" width="{}" height="100%"/>', window.begins, window.length)


def _day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


class _Scale:
    def __init__(self, first: date, last: date) -> None:
        self._first, self._last = first, last
        self._days = (last - first).days + 1

    def span(self, first: date, last: date) -> Span:
        return Span(self._at(first), _percent(((last - first).days + 1) / self._days))

    def middle(self, day: date) -> str:
        return _percent(((day - self._first).days + 0.5) / self._days)

    def months(self) -> tuple[tuple[str, str], ...]:
        """The first of each month that there is room to name; the year with the first of them and each January."""
        found: list[tuple[str, str]] = []
        free, day = 0.0, self._first.replace(day=1)
        while day <= self._last:
            shown = max(day, self._first)
            place = 100 * (shown - self._first).days / self._days
            dated = not found or day.month == 1
            room = _ROOM_WITH_YEAR if dated else _ROOM
            if free <= place <= 100 - room:
                found.append((self._at(shown), f"{day:{'%b %Y' if dated else '%b'}}"))
                free = place + room
            day = (day + 32 * _DAY).replace(day=1)
        return tuple(found)

    def _at(self, day: date) -> str:
        return _percent((day - self._first).days / self._days)


def _percent(part: float) -> str:
    return f"{100 * part:.2f}%"
