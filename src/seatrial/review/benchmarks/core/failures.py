"""What a failed call means for the campaign. No failure of a machine is a failure of the model.

    access ended (401, 403, or a budget that is spent)   the campaign stops, with the reason
    nobody answers (no connection)                       nothing is held against the cell; the run pauses
    anything else (429, 5xx, 4xx, timeout, broken reply) one of the cell's tries is used up

The run also pauses when several cells in a row turn out unrunnable: then the endpoint is at fault, not
the cells, and going on would spend the campaign on nothing. A paused campaign can be run again.
"""

from __future__ import annotations

from seatrial.review.benchmarks.types import Failure

SPENT = frozenset({"requests-spent", "tokens-spent"})
PATIENCE = 3  # calls without any answer, or unrunnable cells, in a row


def ends_access(failure: Failure) -> bool:
    """True if asking again is pointless because the right or the budget is gone."""
    return failure.status in (401, 403) or (failure.status == 429 and failure.code in SPENT)


class Patience:
    """Counts failures in a row; any reply that could be scored clears the count."""

    def __init__(self) -> None:
        self._unanswered = 0
        self._unrunnable = 0

    def scored(self) -> None:
        self._unanswered = self._unrunnable = 0

    def unanswered(self) -> bool:
        """One more call that reached nobody; true when patience is at an end."""
        self._unanswered += 1
        return self._unanswered >= PATIENCE

    def unrunnable(self) -> bool:
        """One more cell given up; true when patience is at an end."""
        self._unrunnable += 1
        return self._unrunnable >= PATIENCE
