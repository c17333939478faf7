"""What is in flight, and the watch over its rights.

    every 100 ms, while anything is in flight     ask the door about all of it at once; cut what must end
    at the end of a right                         a timer cuts, exactly then
    no answer from the door for the cut bound     cut everything that was not confirmed meanwhile

The third keeps the promise when the record is away: what cannot be shown to be open is not.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from seatrial.gateway.door import Door
from seatrial.gateway.limits import Limits
from seatrial.kernel.clock import now
from seatrial.kernel.errors import SeatrialError
from seatrial.review.access.types import Pass, Why

log = logging.getLogger("seatrial.gateway")


@dataclass(eq=False, slots=True)
class Exchange:
    """One call in flight. The first to say how it ended is right; ``stop`` ends the work on it."""

    passed: Pass
    confirmed: float  # loop time at which the last question began that confirmed its right
    stop: Callable[[], object]
    ended: str | None = None
    timer: asyncio.TimerHandle | None = None

    def end(self, how: str) -> None:
        """End it for the reason ``how``, unless it has ended."""
        if self.ended is None:
            self.ended = how
            self.stop()


class Live:
    """The exchanges of one gateway process. Run ``watch`` as a task of the loop."""

    def __init__(self, door: Door, limits: Limits) -> None:
        self._door = door
        self._limits = limits
        # Two looks before the bound: one may have begun just before, and a cut takes a moment itself.
        self._patience = limits.cut_seconds - 2 * limits.watch_seconds
        self._exchanges: dict[str, Exchange] = {}
        self._some = asyncio.Event()
        self._none = asyncio.Event()
        self._none.set()

    def __len__(self) -> int:
        return len(self._exchanges)

    def enter(self, exchange: Exchange) -> None:
        """Watch over ``exchange`` from now on, and end it when its right does."""
        left = (exchange.passed.ends_at - now()).total_seconds()
        exchange.timer = asyncio.get_running_loop().call_later(max(0.0, left), exchange.end, Why.EXPIRED)
        self._exchanges[exchange.passed.exchange] = exchange
        self._some.set()
        self._none.clear()

    def leave(self, exchange: Exchange) -> None:
        """It is over."""
        if exchange.timer is not None:
            exchange.timer.cancel()
        self._exchanges.pop(exchange.passed.exchange, None)
        if not self._exchanges:
            self._some.clear()
            self._none.set()

    def end_all(self, how: str) -> None:
        """End everything in flight."""
        for exchange in list(self._exchanges.values()):
            exchange.end(how)

    async def none_left(self, seconds: float) -> bool:
        """Wait until nothing is in flight, ``seconds`` at most; whether that is so."""
        try:
            async with asyncio.timeout(seconds):
                await self._none.wait()
        except TimeoutError:
            return False
        return True

    async def watch(self) -> None:
        """Look after the rights of what is in flight until cancelled."""
        loop = asyncio.get_running_loop()
        question: asyncio.Task[None] | None = None
        while True:
            await self._some.wait()
            if question is None or question.done():
                question = asyncio.create_task(self._ask())
            begun = loop.time()
            await asyncio.wait({question}, timeout=self._limits.watch_seconds)
            self._end_unconfirmed(loop.time())
            await asyncio.sleep(max(0.0, begun + self._limits.watch_seconds - loop.time()))

    async def _ask(self) -> None:
        begun, asked = asyncio.get_running_loop().time(), list(self._exchanges)
        try:
            verdicts = await self._door.still_open(asked)
        except SeatrialError:
            return  # not confirmed; asked again at once
        except Exception:
            log.exception("asking whether calls in flight may go on failed")
            return
        for name in asked:
            exchange, why = self._exchanges.get(name), verdicts.get(name, Why.UNVERIFIED)
            if exchange is None:
                continue
            if why is None:
                exchange.confirmed = begun
            else:
                exchange.end(why)

    def _end_unconfirmed(self, time: float) -> None:
        for exchange in list(self._exchanges.values()):
            if time - exchange.confirmed > self._patience:
                exchange.end(Why.UNVERIFIED)
