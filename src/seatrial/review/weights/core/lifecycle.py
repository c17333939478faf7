"""The life of a transfer as data: offered → complete → destroyed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from seatrial.kernel.lifecycle import Machine, Transition
from seatrial.review.weights.types import TransferState


@dataclass(frozen=True, slots=True)
class Transfer:
    """What the rules need of one."""

    parts: int
    received: int
    completed: bool = False
    destroyed: bool = False


def state_of(transfer: Transfer, _now: datetime) -> TransferState:
    """Where it is."""
    if transfer.destroyed:
        return TransferState.DESTROYED
    return TransferState.COMPLETE if transfer.completed else TransferState.OFFERED


def all_parts_there(transfer: Transfer, details: object, now: datetime) -> str | None:
    """Half a model is not handed over."""
    left = transfer.parts - transfer.received
    return f"{left:,} of {transfer.parts:,} parts have not come yet; send them first." if left else None


def completed(transfer: Transfer, details: object, now: datetime) -> Transfer:
    return replace(transfer, completed=True)


def destroyed(transfer: Transfer, details: object, now: datetime) -> Transfer:
    return replace(transfer, destroyed=True, received=0)


MACHINE: Machine[Transfer] = Machine.of(
    state_of,
    [
        Transition(
            "complete",
            "developer",
            frozenset({TransferState.OFFERED}),
            "weights.completed",
            (all_parts_there,),
            (completed,),
        ),
        Transition(
            "destroy",
            "developer or instance",
            frozenset({TransferState.OFFERED, TransferState.COMPLETE}),
            "weights.destroyed",
            (),
            (destroyed,),
        ),
    ],
)
