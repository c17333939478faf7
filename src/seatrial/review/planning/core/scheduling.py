"""The schedule of a plan: every milestone placed by counting back (or on) from the plan's own dates.

Late is a milestone, not done, that should have begun before today and was not, that should be done by now, or that
ends after something that needs it begins. A done milestone is never late.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from graphlib import TopologicalSorter

from seatrial.kernel.clock import Window
from seatrial.review.planning.types import (
    PARTNER_RELEASE,
    PUBLIC_RELEASE,
    WINDOW_CLOSES,
    WINDOW_OPENS,
    Item,
    Milestone,
    ReleasePlan,
    Schedule,
    Side,
    Unit,
)

from .times import counted, local_day, step

_DAY = timedelta(days=1)  # 24 hours


def schedule(plan: ReleasePlan, now: datetime) -> Schedule:
    """Work out a plan that ``check`` found whole."""
    window, today = window_of(plan), local_day(now, plan.zone)
    spans = _spans(plan, window)
    starts_of = {key: span[0] for key, span in spans.items()}
    needed_by: dict[str, list[str]] = {key: [] for key in spans}
    for milestone in plan.milestones:
        for key in milestone.needs:
            needed_by[key].append(milestone.key)
    items = []
    for milestone in plan.milestones:
        starts, due = spans[milestone.key]
        found = list(_late(milestone, starts, due, today, [(key, starts_of[key]) for key in needed_by[milestone.key]]))
        late = max((days for days, _ in found), default=0)
        items.append(Item(milestone, starts, due, late, tuple(words for _, words in found)))
    items.sort(key=lambda item: (item.starts, item.due))
    return Schedule(
        items=tuple(items),
        window=window,
        partner_day=local_day(plan.partner_release, plan.zone),
        public_day=local_day(plan.public_release, plan.zone),
        today=today,
    )


def window_of(plan: ReleasePlan) -> Window | None:
    """The planned window: at most 30 × 24 hours, over by the release to partners. Its length is the rule's alone."""
    if plan.window is None:
        return None
    closes = plan.partner_release - plan.window.ends_before * _DAY
    return Window(closes - plan.window.days * _DAY, closes)


def _spans(plan: ReleasePlan, window: Window | None) -> dict[str, tuple[date, date]]:
    """First and last day of each milestone."""
    fixed = {PARTNER_RELEASE: plan.partner_release, PUBLIC_RELEASE: plan.public_release}
    if window is not None:
        fixed |= {WINDOW_OPENS: window.opens, WINDOW_CLOSES: window.closes}
    spans = {key: (local_day(at, plan.zone),) * 2 for key, at in fixed.items()}
    counts = {u: counted(plan.zone, working=u is Unit.WORKING, holidays=plan.holidays) for u in Unit}
    by_key = {milestone.key: milestone for milestone in plan.milestones}
    order = TopologicalSorter({m.key: {m.anchor} & by_key.keys() for m in plan.milestones}).static_order()
    for milestone in (by_key[key] for key in order):
        first, last = spans[milestone.anchor]
        days = counts[milestone.unit]
        if milestone.side is Side.BEFORE:
            due = step(first, milestone.days, -1, days)
            spans[milestone.key] = (step(due, milestone.length - 1, -1, days), due)
        else:
            starts = step(last, milestone.days, 1, days)
            spans[milestone.key] = (starts, step(starts, milestone.length - 1, 1, days))
    return {key: spans[key] for key in by_key}


def _late(
    milestone: Milestone, starts: date, due: date, today: date, followers: Iterable[tuple[str, date]]
) -> Iterable[tuple[int, str]]:
    """Days and reasons."""
    if milestone.done_at is not None:
        return
    if milestone.begun_at is None and starts < today:
        days = (today - starts).days
        yield days, f"it would have had to begin {_days(days)} ago"
    if due < today:
        days = (today - due).days
        yield days, f"it was due {_days(days)} ago"
    for key, begins in followers:
        if due > begins:
            days = (due - begins).days
            yield days, f"it ends {_days(days)} after {key!r} begins, which needs it"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
