"""Background work of access: sealed bodies are destroyed on their date. Idempotent, and safe to run side by side."""

from __future__ import annotations

from threading import Event

from seatrial.compute.api import again_and_again
from seatrial.kernel.clock import now

from . import api

POLL = 60.0  # seconds between two looks


def run(stop: Event, *, poll: float = POLL) -> None:
    """Destroy what is due, again and again, until ``stop`` is set. What cannot be done just now is tried again."""
    again_and_again(lambda: api.destroy_bodies(now()), what="Destroying kept bodies", stop=stop, poll=poll)
