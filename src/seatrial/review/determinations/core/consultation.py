"""Consultation: whom the body asked before it determined. It is a record and never a condition: none is needed.

What is recorded up to the draft stands in the memo, word for word. What is missing is said: that nobody was asked, that
nobody outside the body was, that nobody of the developer was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from seatrial.kernel.errors import Misuse
from seatrial.kernel.text import checked
from seatrial.review.determinations.types import LONGEST_NAME, LONGEST_TEXT, Consulted, Stance

NOBODY = "No consultation was recorded before this was drafted. None is needed."
STANCES = {Stance.AGREES: "agrees", Stance.DIFFERS: "differs", Stance.NO_VIEW: "has no view"}


def checked_consulted(said: Consulted, now: datetime) -> Consulted:
    """``said`` with its texts checked. Raises ``Misuse`` (``bad-text``, ``not-yet``)."""
    if said.on > now.date():
        raise Misuse(
            "not-yet", f"A consultation is recorded once it took place; {said.on.isoformat()} lies ahead of {now:%F}."
        )
    return replace(
        said,
        organisation=checked("The organisation consulted", said.organisation, longest=LONGEST_NAME, lines=False),
        person=checked("The person consulted", said.person, longest=LONGEST_NAME, lines=False, optional=True),
        capacity=checked("The capacity", said.capacity, longest=LONGEST_NAME, lines=False),
        words=checked("What was said", said.words, longest=LONGEST_TEXT, optional=True),
    )


@dataclass(frozen=True, slots=True)
class Heard:
    """The consultations recorded up to a draft, oldest first, and what is said of them together."""

    consultations: tuple[Consulted, ...] = ()
    words: str = NOBODY


def heard(consulted: Sequence[Consulted], *, body: str, developer: str) -> Heard:
    """How many were consulted, what they said, and who was not. ``body`` and ``developer`` are organisation ids."""
    if not consulted:
        return Heard()
    counts = [
        f"{sum(one.stance is stance for one in consulted)} {word}"
        for stance, word in STANCES.items()
        if any(one.stance is stance for one in consulted)
    ]
    asked = {one.organisation for one in consulted}
    missing = [
        (asked == {body}, "Nobody outside the review body was consulted."),
        (developer not in asked, "Nobody of the developer was consulted."),
        (any(not one.words for one in consulted), "Where no words stand, none were recorded."),
    ]
    words = [f"Consulted: {len(consulted)}; {', '.join(counts)}.", *(said for is_so, said in missing if is_so)]
    return Heard(tuple(consulted), " ".join(words))
