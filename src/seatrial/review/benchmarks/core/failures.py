"""What a failed call means for the campaign. No failure of a machine is a failure of the model.

    the right has ended (withdrawn, released, expired, …)   STOP     the campaign ends, with the reason
    or the budget is spent
    the caller is not let in (401, 403 for another reason)  PAUSE    this run ends; mend it and run again
    nobody answers (no connection)                          SILENCE  nothing is held against the cell
    the process or machine that made the attempt is gone    LOST     the cell is given out again
    anything else (429, 5xx, 4xx, timeout, broken reply)    RETRY    one of the cell's tries is used up

A run also pauses when silence lasts, or when several cells in a row turn out unrunnable: then the
endpoint is at fault, not the cells, and going on would spend the campaign on nothing.
"""

from __future__ import annotations

import enum

from seatrial.review.access.types import Why
from seatrial.review.benchmarks.types import Failure

ENDED = frozenset(
    {Why.WITHDRAWN, Why.RELEASED, Why.EXPIRED, Why.CLOSED, Why.NO_CONSENT, Why.REQUESTS, Why.TOKENS, Why.MONEY}
)  # codes of the gateway after which asking again is pointless for everybody
PATIENCE = 3  # calls of each worker without any answer, or unrunnable cells, in a row
BACKOFF = (1.0, 5.0)  # seconds before a cell's first retry, and before any later one
LONGEST_WAIT = 60.0  # seconds an endpoint may ask for


class Consequence(enum.Enum):
    STOP = enum.auto()
    PAUSE = enum.auto()
    SILENCE = enum.auto()
    LOST = enum.auto()
    RETRY = enum.auto()


def consequence(failure: Failure) -> Consequence:
    """The row of the table above that ``failure`` falls under."""
    if failure.lost:
        return Consequence.LOST
    if failure.status in (401, 403, 429) and failure.code in ENDED:
        return Consequence.STOP
    if failure.status in (401, 403):
        return Consequence.PAUSE
    return Consequence.SILENCE if failure.unreachable else Consequence.RETRY


def wait_before(retry: int, failure: Failure) -> float:
    """Seconds before retry number ``retry`` (from 1): ours, or what the endpoint asked for if that is longer."""
    return max(BACKOFF[min(retry, len(BACKOFF)) - 1], min(failure.retry_after, LONGEST_WAIT))


class Patience:
    """Counts failures in a row among ``workers``; any reply that could be scored clears the count."""

    def __init__(self, workers: int = 1) -> None:
        self._workers = workers
        self._unanswered = 0
        self._unrunnable = 0

    def scored(self) -> None:
        self._unanswered = self._unrunnable = 0

    def unanswered(self) -> bool:
        """One more call that reached nobody; true when patience is at an end."""
        self._unanswered += 1
        return self._unanswered >= PATIENCE * self._workers

    def unrunnable(self) -> bool:
        """One more cell given up; true when patience is at an end."""
        self._unrunnable += 1
        return self._unrunnable >= PATIENCE
