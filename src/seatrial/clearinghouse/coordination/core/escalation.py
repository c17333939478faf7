"""What follows when a vendor says nothing: the rule a case was opened under, as data, and what it asks for at a moment.

Silence is counted from the vendor's last word, or from when it was told. A word of the vendor begins it anew.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from seatrial.clearinghouse.coordination.types import DisclosureTerms, Rung, Step
from seatrial.kernel.errors import Misuse

A_YEAR = timedelta(days=366)

DEFAULT = DisclosureTerms(
    version="built-in",
    usual=timedelta(days=45),
    longest=timedelta(days=90),
    answer_within=timedelta(days=7),
    rungs=(
        Rung(timedelta(days=14), Step.NEXT_CONTACT),
        Rung(timedelta(days=28), Step.COORDINATOR),
        Rung(timedelta(days=45), Step.PROPOSE_PUBLICATION),
    ),
)


def check(terms: DisclosureTerms) -> None:
    """Raises ``Misuse`` (``bad-terms``) unless the spans are positive, bounded and in order."""
    if not timedelta() < terms.usual <= terms.longest <= A_YEAR:
        raise _bad("the usual embargo is longer than nothing, at most the longest one, and that at most a year")
    if not timedelta(days=1) <= terms.answer_within <= terms.usual:
        raise _bad("the time to answer a proposal is at least a day and at most the usual embargo")
    if not terms.rungs:
        raise _bad("it must say what follows when a vendor is silent")
    spans = [rung.after for rung in terms.rungs]
    if spans != sorted(set(spans)) or spans[0] < timedelta(days=1):
        raise _bad("each step comes later than the one before, the first after a day or more")
    if len({rung.step for rung in terms.rungs}) != len(terms.rungs):
        raise _bad("each step stands in it once")


def due(
    rungs: Collection[Rung], silent_since: datetime, taken: Collection[Step], now: datetime
) -> tuple[tuple[Rung, datetime], ...]:
    """The steps that the rule asks for and that nobody has taken yet, each with the moment it came due."""
    reached = ((rung, silent_since + rung.after) for rung in rungs if rung.step not in taken)
    return tuple((rung, moment) for rung, moment in reached if moment <= now)


def coming(rungs: Collection[Rung], silent_since: datetime, now: datetime) -> tuple[Rung, datetime] | None:
    """The next step and when it comes, if the vendor stays silent."""
    ahead = ((rung, silent_since + rung.after) for rung in rungs)
    return min(((rung, moment) for rung, moment in ahead if moment > now), key=lambda one: one[1], default=None)


def _bad(why: str) -> Misuse:
    return Misuse("bad-terms", f"These terms of disclosure cannot stand: {why}.")
