"""Sends a large body to an endpoint, a piece at a time, as fast as the endpoint takes it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from seatrial.gateway.call import Large
from seatrial.kernel.errors import SeatrialError, Unavailable


class Pump:
    """``taken`` is told after each piece that was written, ``failed`` once if a piece cannot be read."""

    def __init__(
        self,
        body: Large,
        transport: asyncio.WriteTransport,
        taken: Callable[[], None],
        failed: Callable[[SeatrialError], None],
    ) -> None:
        self._body = body
        self._transport = transport
        self._taken = taken
        self._failed = failed
        self._next = 0
        self._paused = self._reading = self._stopped = False
        self._go_on()

    @property
    def over(self) -> bool:
        """All of it was written."""
        return self._next == self._body.pieces and not self._reading

    def flow(self, on: bool) -> None:
        """Whether the endpoint takes more."""
        self._paused = not on
        self._go_on()

    def stop(self) -> None:
        """Nothing more is written or told."""
        self._stopped = True

    def _go_on(self) -> None:
        if self._stopped or self._paused or self._reading or self._next == self._body.pieces:
            return
        self._reading = True
        asyncio.ensure_future(self._body.piece(self._next)).add_done_callback(self._read)

    def _read(self, work: asyncio.Future[bytes]) -> None:
        self._reading = False
        error = None if work.cancelled() else work.exception()
        if self._stopped or work.cancelled():
            return
        if error is not None:
            self._stopped = True
            self._failed(error if isinstance(error, SeatrialError) else _unreadable())
            return
        self._next += 1
        self._transport.write(work.result())
        self._taken()
        self._go_on()


def _unreadable() -> Unavailable:
    return Unavailable("spool-broke", "The body could not be read back as it came; send it again.")
