"""Background work of access: sealed bodies are destroyed on their date. Idempotent, and safe to run side by side."""

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
    """Destroy what is due, again and again, until ``stop`` is set. What cannot be done just now is tried again."""
    while not stop.is_set():
        try:
            api.destroy_bodies(now())
        except (SeatrialError, DatabaseError) as error:
            _log.error("Destroying kept bodies is delayed: %s", error)
        close_old_connections()
        stop.wait(poll)
