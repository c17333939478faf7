"""Background work of weights: what must not be kept any longer is destroyed. Idempotent."""

from __future__ import annotations

import logging
from threading import Event

from django.db import DatabaseError, close_old_connections

from seatrial.kernel.clock import now
from seatrial.kernel.errors import SeatrialError

from . import api

POLL = 60.0  # seconds between two looks

_log = logging.getLogger(__name__)


def run(stop: Event, *, poll: float = POLL) -> None:
    """Destroy what is overdue, again and again, until ``stop`` is set. What cannot be done just now is tried again."""
    while not stop.is_set():
        try:
            api.sweep(at=now())
        except (SeatrialError, DatabaseError, OSError) as error:
            _log.error("Destroying weights is delayed: %s", error)
        close_old_connections()
        stop.wait(poll)
