"""Background work of delivery: what the instance signs never gets old while it runs. Idempotent."""

from __future__ import annotations

from threading import Event

from seatrial.compute.api import again_and_again
from seatrial.kernel.clock import now

from . import api

POLL = 600.0  # seconds between two looks; a timestamp lives a day


def run(stop: Event, *, poll: float = POLL) -> None:
    """Refresh again and again until ``stop`` is set."""
    again_and_again(lambda: api.refresh(at=now()), what="Refreshing metadata", stop=stop, poll=poll)
