"""Background work of members: their feeds are read when they are due. Idempotent."""

from __future__ import annotations

from threading import Event

from seatrial.compute.api import again_and_again

from . import api

POLL = 60.0  # seconds between two looks


def run(stop: Event, *, poll: float = POLL) -> None:
    """Look again and again until ``stop`` is set."""
    again_and_again(api.follow_due, what="Reading members' feeds", stop=stop, poll=poll)
