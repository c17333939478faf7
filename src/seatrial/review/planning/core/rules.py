"""What makes a release plan whole. Faults carry the place they are at, so that a file's can name its line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from graphlib import CycleError, TopologicalSorter
from typing import TypeAlias

from seatrial.kernel.errors import Misuse
from seatrial.review.planning.types import ANCHORS, WINDOW_CLOSES, WINDOW_OPENS, Milestone, ReleasePlan, Side

from .times import zone_of

LONGEST_TEXT = 200  # characters of a title, a model's name, an owner
MOST_MILESTONES = 500
MOST_DAYS = 400  # that an offset or a length may count
MOST_HOLIDAYS = 400
MOST_WINDOW_DAYS = 30
YEARS = range(2000, 2101)

KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
# No page, feed or database keeps these; line breaks do not belong into a name either.
_UNPRINTABLE = re.compile("[\\x00-\\x1f\\x7f-\\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")

Place: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something to mend: where (``("milestone", 2, "anchor")``), and half a sentence that says what."""

    place: Place
    words: str


def check(plan: ReleasePlan) -> None:
    """Raises ``Misuse`` (``plan-invalid``) naming everything to mend in one sentence."""
    found = faults(plan)
    if found:
        said = [fault.words for fault in found]
        raise Misuse("plan-invalid", f"This plan cannot be kept yet: {'; '.join(said)}.", faults=said)


def faults(plan: ReleasePlan) -> tuple[Fault, ...]:
    """Everything to mend in a plan, in the order in which it is written."""
    return (*_head(plan), *_milestones(plan.milestones, windowed=plan.window is not None))


def text_fault(text: str, what: str, *, longest: int = LONGEST_TEXT) -> str | None:
    """Why a line of text cannot stand, or ``None``."""
    if not 0 < len(text.strip()) <= longest:
        return f"{what} needs 1 to {longest:,} characters"
    if _UNPRINTABLE.search(text):
        return f"{what} contains a control character or a line break; keep to one line of text"
    return None


def _head(plan: ReleasePlan) -> Iterable[Fault]:
    for name, text in (("title", plan.title), ("model", plan.model)):
        words = text_fault(text, f"the {name}")
        if words:
            yield Fault((name,), words)
    try:
        zone_of(plan.zone)
    except Misuse as error:
        yield Fault(("zone",), error.message.rstrip("."))
    dates: tuple[tuple[str, datetime], ...] = (
        ("partner-release", plan.partner_release),
        ("public-release", plan.public_release),
    )
    for name, at in dates:
        if at.year not in YEARS:
            yield Fault((name,), f"the {name.replace('-', ' ')} must lie in the years {YEARS[0]} to {YEARS[-1]}")
    if plan.public_release < plan.partner_release:
        yield Fault(("public-release",), "the public release cannot come before the release to trusted partners")
    if plan.window is not None:
        if not 1 <= plan.window.days <= MOST_WINDOW_DAYS:
            yield Fault(("window", "days"), f"a window has 1 to {MOST_WINDOW_DAYS} days, not {plan.window.days}")
        if not 0 <= plan.window.ends_before <= MOST_DAYS:
            yield Fault(
                ("window", "ends-before"), f"a window ends 0 to {MOST_DAYS} days before the release to partners"
            )
    if len(plan.holidays) > MOST_HOLIDAYS:
        yield Fault(("holidays",), f"a plan has at most {MOST_HOLIDAYS} holidays")


def _milestones(milestones: tuple[Milestone, ...], *, windowed: bool) -> Iterable[Fault]:
    if len(milestones) > MOST_MILESTONES:
        yield Fault(("milestone",), f"a plan has at most {MOST_MILESTONES} milestones")
        return
    places: dict[str, int] = {}
    known = {milestone.key for milestone in milestones}
    whole = True
    for place, milestone in enumerate(milestones):
        for fault in _milestone(milestone, known, windowed=windowed):
            whole = False
            yield Fault(("milestone", place, *fault.place), fault.words)
        if milestone.key in places:
            whole = False
            yield Fault(("milestone", place, "key"), f"the key {milestone.key!r} stands twice")
        places[milestone.key] = place
    if whole:
        yield from _circles(milestones, places)


def _milestone(milestone: Milestone, known: set[str], *, windowed: bool) -> Iterable[Fault]:
    called = f"of {milestone.key!r}"
    if not KEY.fullmatch(milestone.key):
        yield Fault(("key",), f"{milestone.key!r} is no key; use up to 60 lower-case letters, digits and hyphens")
    elif milestone.key in ANCHORS:
        yield Fault(("key",), f"{milestone.key!r} is a date of the plan itself; give the milestone another key")
    for name, text in (("title", milestone.title), ("owner", milestone.owner)):
        words = text_fault(text, f"the {name} {called}")
        if words:
            yield Fault((name,), words)
    if not 0 <= milestone.days <= MOST_DAYS:
        yield Fault(("days",), f"the days {called} are 0 to {MOST_DAYS}, not {milestone.days}")
    if not 1 <= milestone.length <= MOST_DAYS:
        yield Fault(("length",), f"the length {called} is 1 to {MOST_DAYS} days, not {milestone.length}")
    if milestone.anchor in (WINDOW_OPENS, WINDOW_CLOSES) and not windowed:
        yield Fault(("anchor",), f"{milestone.key!r} counts from {milestone.anchor!r}, but the plan has no window")
    elif milestone.anchor not in ANCHORS and milestone.anchor not in known:
        yield Fault(
            ("anchor",),
            f"{milestone.key!r} counts from {milestone.anchor!r}, which is no milestone of this plan; "
            f"name one, or {', '.join(ANCHORS)}",
        )
    for key in milestone.needs:
        if key not in known:
            yield Fault(("needs",), f"{milestone.key!r} needs {key!r}, which is no milestone of this plan")
    if milestone.begun_at and milestone.done_at and milestone.done_at < milestone.begun_at:
        yield Fault(("done",), f"{milestone.key!r} was done before it was begun")


def _circles(milestones: tuple[Milestone, ...], places: Mapping[str, int]) -> Iterable[Fault]:
    """Dates that count from each other, or work that must follow itself."""
    counting = {m.key: {m.anchor} & places.keys() for m in milestones}
    waiting: dict[str, set[str]] = {m.key: set(m.needs) for m in milestones}
    for m in milestones:
        if m.anchor in places:
            later, earlier = (m.anchor, m.key) if m.side is Side.BEFORE else (m.key, m.anchor)
            waiting[later].add(earlier)
    for graph, words in ((counting, "count from each other"), (waiting, "each have to follow the other")):
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            circle: list[str] = error.args[1]
            place = min(places[key] for key in circle)
            yield Fault(("milestone", place, "anchor"), f"these milestones {words}: {' → '.join(reversed(circle))}")
            return
