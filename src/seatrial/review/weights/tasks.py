"""Background work of weights: what must not be kept any longer is destroyed. Idempotent."""

from __future__ import annotations

from threading import Event

from seatrial.compute.api import again_and_again
from seatrial.kernel.clock import now

from . import api

POLL = 60.0  # seconds between two looks


def run(stop: Event, *, poll: float = POLL) -> None:
    """Destroy what is overdue, again and again, until ``stop`` is set. What cannot be done just now is tried again."""
    again_and_again(lambda: api.sweep(at=now()), what="Destroying weights", stop=stop, poll=poll)
