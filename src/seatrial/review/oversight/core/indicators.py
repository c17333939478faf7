"""What is counted of how a body conducts reviews, from the ledger's entries alone.

A request is late if it is made within 48 hours of the end of the window that the consent then in force opened, or in
the last tenth of it. Nothing here counts a draft or who did not take part, and a withdrawn review is in no figure
(V10): what followed a request there is told singly, as a place to look.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from seatrial.kernel.clock import Window, parse_time
from seatrial.review.oversight.types import Asked, Happened, Indicators, Inspected, Pointer

from .intervals import share, spread

LATE = timedelta(hours=48)
SOON = timedelta(hours=24)
NEWLY = timedelta(days=7)

_CONSENTS = ("case.consented", "case.narrowed")


def indicators(body: str, name: str, reviews: Iterable[Inspected]) -> Indicators:
    """The figures of one body, over the reviews that the asker may read and that were not withdrawn."""
    counted = [one for one in reviews if not one.withdrawn and one.body == body]
    asked = [request for one in counted for request in requests(one.happened)]
    waits = [one.answered_after for one in asked if one.answered_after is not None]
    signed = [(one, entry) for one in counted for entry in _later_consents(one.happened)]
    return Indicators(
        body=body,
        body_name=name,
        reviews=len(counted),
        requests=spread([float(len(list(requests(one.happened)))) for one in counted]),
        late=share(sum(map(is_late, asked)), sum(one.window is not None for one in asked)),
        wished=share(sum(map(_presses, asked)), len(asked)),
        answered=share(len(waits), len(asked)),
        answered_hours=spread([_hours(wait) for wait in waits]),
        again=share(sum(_again(one.happened) for one in counted), len(asked)),
        acknowledged_hours=spread([wait for one in counted if (wait := _acknowledged(one.happened)) is not None]),
        narrowed_after=share(sum(len(_followed(one.happened, "case.narrowed")) for one in counted), len(asked)),
        partners_by_body=sum(one.partners_by_body for one in counted),
        resigned=share(sum(_newly(one, entry.at) for one, entry in signed), len(signed)),
    )


def requests(happened: Sequence[Happened]) -> Iterator[Asked]:
    """The requests for information among a review's entries, each with its window and how long its answer took."""
    window: Window | None = None
    for place, entry in enumerate(happened):
        if entry.kind in _CONSENTS:
            window = _window(entry) or window
        elif entry.kind == "case.asked":
            thread, wish = entry.facts.get("thread"), entry.facts.get("would_help_by")
            answers = (
                later.at - entry.at
                for later in happened[place + 1 :]
                if later.kind == "case.answered" and later.facts.get("thread") == thread
            )
            yield Asked(entry, window, next(answers, None), parse_time(wish) if wish else None)


def is_late(asked: Asked) -> bool:
    """True if a request came within 48 hours of its window's end or in the last tenth of it, or after it."""
    if asked.window is None:
        return False
    margin = max(LATE, (asked.window.closes - asked.window.opens) / 10)
    return asked.entry.at >= asked.window.closes - margin


def pointers(one: Inspected) -> Iterator[Pointer]:
    """What of one review a person may want to look at."""
    for asked in requests(one.happened):
        if is_late(asked):
            yield _pointer(asked.entry, "A request was made close to the end of the window.")
        if _presses(asked):
            yield _pointer(asked.entry, "A request carries a wish that lies before the window’s end.")
    for kind, what in (("case.narrowed", "The consent was narrowed"), ("case.withdrawn", "The developer withdrew")):
        for entry in _followed(one.happened, kind):
            yield _pointer(entry, f"{what} within 24 hours of a request.")
    for entry in _later_consents(one.happened):
        if _newly(one, entry.at):
            yield _pointer(entry, "A consent was signed anew within 7 days of the policy’s publication.")


def _pointer(entry: Happened, what: str) -> Pointer:
    thread = entry.facts.get("thread")
    return Pointer(entry.at, what, (), entry.review, thread, entry.log, entry.index)


def _window(entry: Happened) -> Window | None:
    said = entry.facts.get("window")
    return Window(parse_time(said["opens"]), parse_time(said["closes"])) if said else None


def _presses(asked: Asked) -> bool:
    return asked.wish is not None and asked.window is not None and asked.wish < asked.window.closes


def _again(happened: Sequence[Happened]) -> int:
    """How many requests came after an answer in the same review."""
    first = next((entry.at for entry in happened if entry.kind == "case.answered"), None)
    return sum(entry.kind == "case.asked" and first is not None and entry.at > first for entry in happened)


def _acknowledged(happened: Sequence[Happened]) -> float | None:
    """Hours from the offer to its acknowledgement."""
    offered = next((entry.at for entry in happened if entry.kind == "case.offered"), None)
    seen = next((entry.at for entry in happened if entry.kind == "case.acknowledged"), None)
    return _hours(seen - offered) if offered and seen else None


def _followed(happened: Sequence[Happened], kind: str) -> list[Happened]:
    """For each request the first entry of ``kind`` within 24 hours, none counted twice for itself."""
    found = []
    for place, entry in enumerate(happened):
        if entry.kind == "case.asked":
            later = (one for one in happened[place + 1 :] if one.kind == kind and one.at - entry.at <= SOON)
            found += [one for one in [next(later, None)] if one is not None and one not in found]
    return found


def _later_consents(happened: Sequence[Happened]) -> list[Happened]:
    return [entry for entry in happened if entry.kind == "case.consented"][1:]


def _newly(one: Inspected, at: datetime) -> bool:
    return timedelta() <= at - one.policy_published_at <= NEWLY


def _hours(span: timedelta) -> float:
    return span.total_seconds() / 3600
