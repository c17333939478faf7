"""The life of one delivery, as a table. It leaves no ledger entries: it only tells of those there are.

due ──deliver──▶ delivered
 │ ╲
fail give_up
 ▼    ╲
failed ──▶ given-up          redeliver leads back to due from everywhere but due
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from seatrial.kernel.lifecycle import Machine, Transition
from seatrial.notices.types import DeliveryState, Outcome

from .pacing import next_try

WAITING = frozenset({DeliveryState.DUE, DeliveryState.FAILED})


@dataclass(frozen=True, slots=True)
class Progress:
    state: DeliveryState
    attempts: int
    due_at: datetime


def _counted(progress: Progress, _details: object, _now: datetime) -> Progress:
    return replace(progress, attempts=progress.attempts + 1)


def _arrived(progress: Progress, _details: object, _now: datetime) -> Progress:
    return replace(progress, state=DeliveryState.DELIVERED)


def _later(progress: Progress, _details: object, now: datetime) -> Progress:
    again = next_try(progress.attempts, now)
    if again is None:
        return replace(progress, state=DeliveryState.GIVEN_UP)
    return replace(progress, state=DeliveryState.FAILED, due_at=again)


def _ended(progress: Progress, _details: object, _now: datetime) -> Progress:
    return replace(progress, state=DeliveryState.GIVEN_UP)


def _anew(progress: Progress, _details: object, now: datetime) -> Progress:
    return replace(progress, state=DeliveryState.DUE, attempts=0, due_at=now)


MACHINE: Machine[Progress] = Machine.of(
    lambda progress, _now: progress.state,
    (
        Transition("deliver", "instance", frozenset(WAITING), "", effects=(_counted, _arrived)),
        Transition("fail", "instance", frozenset(WAITING), "", effects=(_counted, _later)),
        Transition("give_up", "instance", frozenset(WAITING), "", effects=(_ended,)),
        Transition("redeliver", "steward", frozenset(DeliveryState) - {DeliveryState.DUE}, "", effects=(_anew,)),
    ),
)


def event_of(outcome: Outcome) -> str:
    """Which event of the table a try's outcome is."""
    if outcome.gone:
        return "give_up"
    return "fail" if outcome.reason else "deliver"


def judged(status: int) -> Outcome:
    """What a receiver's HTTP status means: only 2xx has arrived, 410 wants no more, redirects are not followed."""
    if 200 <= status < 300:
        return Outcome(status)
    if status == 410:
        return Outcome(status, "The receiver answered 410: it wants no more.", gone=True)
    if 300 <= status < 400:
        return Outcome(status, f"The receiver answered {status}; redirects are not followed.")
    return Outcome(status, f"The receiver answered {status}.")
