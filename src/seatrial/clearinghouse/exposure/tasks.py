"""Background work of exposure. Idempotent; several processes may turn at once."""

from __future__ import annotations

from threading import Event

from django_tasks import task

from seatrial.compute.api import again_and_again
from seatrial.kernel.clock import now

from . import api

POLL = 10.0  # seconds between two looks


@task()
def turn() -> int:
    """Match what was published and what was mirrored; how many documents."""
    return api.follow_published(at=now()) + api.follow_members(at=now())


def run(stop: Event, *, poll: float = POLL) -> None:
    """Look again and again until ``stop`` is set."""
    again_and_again(turn.func, what="Matching what is published", stop=stop, poll=poll)
