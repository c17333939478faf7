"""Two logs tell of a review, the developer's own and the shared one: how they become one timeline, and its pages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from seatrial.kernel.errors import Misuse
from seatrial.review.cases.types import TimelineItem, TimelinePage

_FORM = re.compile(r"([0-9]{1,18}|-)\.([0-9]{1,18}|-)")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: before these indices of the developer's own log and the shared one; ``None``: the end."""

    own: int | None = None
    shared: int | None = None

    def __str__(self) -> str:
        return ".".join("-" if index is None else str(index) for index in (self.own, self.shared))

    @classmethod
    def parse(cls, text: str | None) -> Place:
        """The inverse of ``str``. Raises ``Misuse`` (``bad-place``)."""
        if not text:
            return cls()
        found = _FORM.fullmatch(text)
        if found is None:
            raise Misuse("bad-place", f"{text[:40]!r} is no place in a timeline; follow the link to what is earlier.")
        return cls(*(None if index == "-" else int(index) for index in found.groups()))


def page(own: Sequence[TimelineItem], shared: Sequence[TimelineItem], start: Place, limit: int) -> TimelinePage:
    """The newest ``limit`` items of both, each log given newest first and in its own order.

    Every log keeps its order even where its moments do not, so that no item is shown twice or skipped.
    """
    taken, here, there = list[TimelineItem](), 0, 0
    while len(taken) < limit and (here < len(own) or there < len(shared)):
        if there == len(shared) or (here < len(own) and own[here].at > shared[there].at):
            taken.append(own[here])
            here += 1
        else:
            taken.append(shared[there])
            there += 1
    more = here < len(own) or there < len(shared)
    end = Place(own[here - 1].index if here else start.own, shared[there - 1].index if there else start.shared)
    return TimelinePage(tuple(taken), str(end) if more else None)
