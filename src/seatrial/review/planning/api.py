"""The door to the lab's own desk: release plans and engagement memos.

``from_toml`` … ``what_if`` need no database and no review: a lab plans with them alone.
"""

from __future__ import annotations

from .actions import (
    issue_feed,
    link_review,
    make_plan,
    mark_milestone,
    move_plan,
    remove_milestone,
    revoke_feed,
    rewrite_memo,
    rewrite_plan,
    set_milestone,
    write_memo,
)
from .core.calendar_file import ics
from .core.memo_file import blank as blank_memo
from .core.memo_file import exported
from .core.memo_file import from_toml as memo_from_toml
from .core.memo_file import to_toml as memo_to_toml
from .core.moves import parse_moves, what_if
from .core.plan_file import file_calendar, from_toml, schema, starting, template, to_toml
from .core.scheduling import schedule
from .core.times import day_begins, local_day, local_time, moment
from .core.weighing import HEADINGS, HEAVIEST, NOT_A_RULE, OPTIONS, totals
from .queries import calendar, calendar_at, desks, memo, memos, plan, plans

__all__ = [
    "HEADINGS",
    "HEAVIEST",
    "NOT_A_RULE",
    "OPTIONS",
    "blank_memo",
    "calendar",
    "calendar_at",
    "day_begins",
    "desks",
    "exported",
    "file_calendar",
    "from_toml",
    "ics",
    "issue_feed",
    "link_review",
    "local_day",
    "local_time",
    "make_plan",
    "mark_milestone",
    "memo",
    "memo_from_toml",
    "memo_to_toml",
    "memos",
    "moment",
    "move_plan",
    "parse_moves",
    "plan",
    "plans",
    "remove_milestone",
    "revoke_feed",
    "rewrite_memo",
    "rewrite_plan",
    "schedule",
    "schema",
    "set_milestone",
    "starting",
    "template",
    "to_toml",
    "totals",
    "what_if",
    "write_memo",
]
