"""The life of a taking: begun before the first question is sent, then taken or stopped; left alone it lapses.

Nothing of a review reads any of it: no access, no clock and no release depends on a fingerprint (V1, V7).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from seatrial.kernel.lifecycle import Machine, Transition
from seatrial.review.identity.types import RunState

LAPSES_AFTER = timedelta(hours=2)  # a process that was killed says nothing any more


@dataclass(frozen=True, slots=True)
class Run:
    """What is known of a taking."""

    by: str
    begun_at: datetime
    taken_at: datetime | None = None
    stopped_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """Who ends it."""

    person: str


def state_of(run: Run, now: datetime) -> RunState:
    """Time alone makes ``lapsed`` of ``begun``."""
    if run.taken_at is not None:
        return RunState.TAKEN
    if run.stopped_at is not None:
        return RunState.STOPPED
    return RunState.LAPSED if now >= run.begun_at + LAPSES_AFTER else RunState.BEGUN


def ended_by_whoever_began(run: Run, ending: Ending, now: datetime) -> str | None:
    """The answers are brought by the one who asked for them."""
    return None if ending.person == run.by else "Only the person who began this fingerprint can end it."


def is_taken(run: Run, ending: Ending, now: datetime) -> Run:
    return replace(run, taken_at=now)


def is_stopped(run: Run, ending: Ending, now: datetime) -> Run:
    return replace(run, stopped_at=now)


_BEGUN = frozenset({RunState.BEGUN.value})

MACHINE: Machine[Run] = Machine.of(
    state_of,
    (
        Transition("finish", "taker", _BEGUN, "identity.fingerprint-taken", (ended_by_whoever_began,), (is_taken,)),
        Transition("stop", "taker", _BEGUN, "identity.fingerprint-stopped", (ended_by_whoever_began,), (is_stopped,)),
    ),
)
