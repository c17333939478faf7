"""Background work of remediation. Idempotent; several processes may turn at once."""

from __future__ import annotations

from threading import Event

from django_tasks import task

from seatrial.compute.api import again_and_again
from seatrial.kernel.clock import now

from . import api

POLL = 60.0  # seconds between two turns


@task()
def turn() -> int:
    """What matching found, and what operators want to be reminded of."""
    return api.turn(at=now())


def run(stop: Event, *, poll: float = POLL) -> None:
    """Turn again and again until ``stop`` is set."""
    again_and_again(lambda: api.turn(at=now()), what="Following what is exposed", stop=stop, poll=poll)
