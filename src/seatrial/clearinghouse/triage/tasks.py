"""The judge: a process that runs the proofs of what comes in until it is told to end.

Killed at any moment it loses nothing. Any number may run; one at a time judges, and another takes over when it dies.
"""

from __future__ import annotations

from threading import Event

from seatrial.compute.api import again_and_again
from seatrial.kernel.errors import Conflict

from . import api

POLL = 3.0  # seconds between two looks at what waits


def run(stop: Event, *, poll: float = POLL) -> None:
    """Judge what waits and check patches, again and again, until ``stop`` is set; it is looked at between rounds."""
    again_and_again(_some, what="judging reports", stop=stop, poll=poll)


def _some() -> None:
    try:
        while api.judge_waiting(most=100) + api.check_waiting_patches(most=1):
            pass
    except Conflict:
        pass  # another judge does it
