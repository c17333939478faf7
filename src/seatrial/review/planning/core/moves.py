"""What if: move a date or change a length, and see what slips. Looking saves nothing.

A move never prolongs a window: the window's length is its own rule, which no move changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from seatrial.kernel.errors import Misuse
from seatrial.review.planning.types import Move, ReleasePlan, Shift, WhatIf

from .rules import check
from .scheduling import schedule
from .times import later_by, moment

_BY_DAYS = re.compile(r"([+-])(\d{1,4})d")
_LENGTH = re.compile(r"(\d{1,4})d?")


def moved(plan: ReleasePlan, move: Move) -> ReleasePlan:
    """The plan as it would be. Raises ``Misuse`` (``plan-invalid``, ``no-such-milestone``)."""
    lengths = dict(move.lengths)
    known = {milestone.key for milestone in plan.milestones}
    for key in lengths:
        if key not in known:
            raise Misuse("no-such-milestone", f"This plan has no milestone {key!r}.")
    made = replace(
        plan,
        partner_release=move.partner_release or plan.partner_release,
        public_release=move.public_release or plan.public_release,
        milestones=tuple(replace(m, length=lengths.get(m.key, m.length)) for m in plan.milestones),
    )
    check(made)
    return made


def what_if(plan: ReleasePlan, move: Move, now: datetime) -> WhatIf:
    """Every milestone before and after, in the order of the plan as it would be."""
    made = moved(plan, move)
    before, after = schedule(plan, now), schedule(made, now)
    was = {item.milestone.key: item for item in before.items}
    shifts = []
    for item in after.items:
        old = was[item.milestone.key]
        shifts.append(
            Shift(
                key=item.milestone.key,
                title=item.milestone.title,
                owner=item.milestone.owner,
                starts_before=old.starts,
                due_before=old.due,
                starts_after=item.starts,
                due_after=item.due,
                days=(item.due - old.due).days,
                late_before=old.late,
                late_after=item.late,
                slips=item.late if item.late > old.late else 0,
                reasons=item.reasons,
            )
        )
    return WhatIf(made, tuple(shifts), before.window, after.window)


def parse_moves(words: Iterable[str], plan: ReleasePlan) -> Move:
    """``partner=+7d``, ``public=2026-10-01T09:00``, ``freeze-build=5d`` as a move of ``plan``.

    A date moves by calendar days, at the same time of day in the plan's zone, or to a time; a milestone's key
    takes its new length. Raises ``Misuse`` (``bad-move``, ``time-twice``, ``time-never``).
    """
    dates: dict[str, datetime] = {}
    lengths: dict[str, int] = {}
    for word in words:
        name, sign, value = word.partition("=")
        name = name.strip().removesuffix("-release")
        if not (sign and name) or name in dates or name in lengths:
            raise _bad(word)
        if name in ("partner", "public"):
            present = plan.partner_release if name == "partner" else plan.public_release
            dates[name] = _date(value.strip(), present, plan.zone, word)
        else:
            found = _LENGTH.fullmatch(value.strip())
            if found is None:
                raise _bad(word)
            lengths[name] = int(found[1])
    return Move(dates.get("partner"), dates.get("public"), tuple(lengths.items()))


def _date(value: str, present: datetime, zone: str, word: str) -> datetime:
    by = _BY_DAYS.fullmatch(value)
    if by is not None:
        return later_by(present, int(by[1] + by[2]), zone)
    try:
        return moment(datetime.fromisoformat(value), zone)
    except ValueError as error:
        raise _bad(word) from error


def _bad(word: str) -> Misuse:
    return Misuse(
        "bad-move",
        f"{word!r} is no move; write partner=+7d, public=2026-10-01T09:00 or MILESTONE=5d, each once.",
    )
