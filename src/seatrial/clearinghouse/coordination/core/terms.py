"""Terms of disclosure and capacities as they are kept and sent: plain data with whole days, read back with checks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from seatrial.clearinghouse.coordination.types import Capacity, Delivery, DisclosureTerms, Rung, Step
from seatrial.kernel.errors import Misuse

from . import escalation, pacing


def written(terms: DisclosureTerms) -> dict[str, Any]:
    """Plain data; spans in seconds."""
    return {
        "version": terms.version,
        "usual": terms.usual.total_seconds(),
        "longest": terms.longest.total_seconds(),
        "answer_within": terms.answer_within.total_seconds(),
        "rungs": [{"after": rung.after.total_seconds(), "step": rung.step.value} for rung in terms.rungs],
    }


def read(document: Mapping[str, Any]) -> DisclosureTerms:
    """The inverse of ``written``. Raises ``Misuse`` (``bad-terms``)."""
    try:
        found = DisclosureTerms(
            version=str(document["version"]),
            usual=timedelta(seconds=document["usual"]),
            longest=timedelta(seconds=document["longest"]),
            answer_within=timedelta(seconds=document["answer_within"]),
            rungs=tuple(Rung(timedelta(seconds=rung["after"]), Step(rung["step"])) for rung in document["rungs"]),
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise Misuse(
            "bad-terms", "Terms of disclosure name version, usual, longest, answer_within and rungs."
        ) from error
    escalation.check(found)
    return found


def capacity(
    open_at_once: int, per_week: int, quiet_weekdays: list[int], quiet_dates: list[list[str]], delivery: str
) -> Capacity:
    """A checked capacity from plain data, dates as ISO 8601. Raises ``Misuse`` (``bad-capacity``)."""
    try:
        found = Capacity(
            open_at_once=open_at_once,
            per_week=per_week,
            quiet_weekdays=frozenset(quiet_weekdays),
            quiet_dates=tuple((date.fromisoformat(first), date.fromisoformat(last)) for first, last in quiet_dates),
            delivery=Delivery(delivery),
        )
    except (TypeError, ValueError) as error:
        raise Misuse("bad-capacity", "Quiet dates are pairs of days such as 2026-12-24, 2027-01-02.") from error
    pacing.check(found)
    return found
