"""The notifier: a process that reads committed entries, sends mails and posts to webhooks until it is told to end.

Killed at any moment it loses nothing: cursors move together with what they caused, and what was being sent is sent
again, with the same id, when its lease is over. Any number of notifiers may run side by side.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import TypeVar

from django.db import DatabaseError, close_old_connections, connections

from seatrial.kernel.clock import now
from seatrial.kernel.errors import SeatrialError

from . import api

Result = TypeVar("Result")

POLL = 2.0  # seconds between two looks at the heads of the logs
_SENDERS = 16
_AT_A_STRETCH = 50  # notices to one webhook before it queues again

_log = logging.getLogger(__name__)


def run(stop: Event, *, poll: float = POLL) -> None:
    """Turn the wheel until ``stop`` is set; then what is in flight is finished and recorded."""
    posting: dict[str, Future[None]] = {}
    with ThreadPoolExecutor(_SENDERS, thread_name_prefix="webhook") as senders:
        while not stop.is_set():
            busy = _safely(_turn)
            for webhook in _safely(lambda: api.due_webhooks(now())) or ():
                if webhook not in posting or posting[webhook].done():
                    posting[webhook] = senders.submit(_post_all, webhook, stop)
            close_old_connections()
            if not busy:
                stop.wait(poll)


def _turn() -> bool:
    """One batch of entries and one of mails; true if there may be more."""
    read = api.watch(at=now())
    return bool(read + api.send_mail(now))


def _post_all(webhook: str, stop: Event) -> None:
    """What is due to one webhook, in a thread of its own: a receiver that hangs keeps nobody else waiting."""
    try:
        for _ in range(_AT_A_STRETCH):
            if stop.is_set() or not _safely(lambda: api.post_next(webhook, now)):
                return
    finally:
        connections.close_all()


def _safely(act: Callable[[], Result]) -> Result | None:
    """The result, or ``None`` after what cannot be done just now was written to the log."""
    try:
        return act()
    except (SeatrialError, DatabaseError) as error:
        _log.error("Notices are delayed: %s", error)
        return None
