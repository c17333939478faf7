"""Whose report is looked at next: those that run before those that do not, then everybody in turn, oldest first.

Turns are taken by reporters, not by reports: who sent ten thousand waits no less than who sent one, and the one's is
looked at after as many others as there are reporters. Strangers take one turn together, shared out among their lanes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

STRANGERS = "stranger-"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A report that waits. ``lane`` is its reporter's."""

    report: str
    lane: str
    runnable: bool
    at: datetime


def in_turn(waiting: Iterable[Waiting]) -> list[str]:
    """The reports' ids in the order of their turns."""
    lanes: dict[tuple[bool, str], list[Waiting]] = defaultdict(list)
    for one in waiting:
        lanes[(one.runnable, one.lane)].append(one)
    strangers: dict[bool, list[tuple[int, Waiting]]] = defaultdict(list)
    turns: list[tuple[bool, int, datetime, str]] = []
    for (runnable, lane), ones in lanes.items():
        ones.sort(key=_age)
        if lane.startswith(STRANGERS):
            strangers[runnable].extend(enumerate(ones))
        else:
            turns.extend(_turns(runnable, ones))
    for runnable, shared in strangers.items():
        shared.sort(key=lambda pair: (pair[0], *_age(pair[1])))
        turns.extend(_turns(runnable, [one for _, one in shared]))
    return [report for _, _, _, report in sorted(turns)]


def _turns(runnable: bool, ones: list[Waiting]) -> list[tuple[bool, int, datetime, str]]:
    return [(not runnable, turn, one.at, one.report) for turn, one in enumerate(ones)]


def _age(one: Waiting) -> tuple[datetime, str]:
    return one.at, one.report
