"""What is in flight, and the watch over its rights.

    as soon as a right may have changed           ask the door about all of it at once; cut what must end
    at the end of a right                         a timer cuts, exactly then
    no answer from the door for the cut bound     cut everything that was not confirmed meanwhile

The third keeps the promise when the record is away: what cannot be shown to be open is not.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from time import monotonic
from typing import Protocol

from seatrial.gateway.door import Door
from seatrial.gateway.limits import Limits
from seatrial.kernel.clock import now
from seatrial.kernel.errors import SeatrialError
from seatrial.review.access.types import Pass, Why

log = logging.getLogger("seatrial.gateway")

_SOON = 2.0  # seconds: a right that ends sooner gets a timer of its own, the others are looked at again and again


class Exchange(Protocol):
    """One call as the watch sees it; ``passed`` is ``None`` until it is decided."""

    passed: Pass | None
    confirmed: float  # monotonic second at which the last question began that confirmed its right

    def end(self, how: str) -> None: ...

    def tick(self, time: float) -> None: ...


class Live:
    """The calls of one gateway process. Run ``watch`` as a task of the loop."""

    def __init__(self, door: Door, limits: Limits) -> None:
        self._door = door
        self._limits = limits
        # Two looks before the bound: one may have begun just before, and a cut takes a moment itself.
        self._patience = limits.cut_seconds - 2 * limits.watch_seconds
        self._calls: set[Exchange] = set()
        self._watched: dict[str, Exchange] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._timed = timedelta(seconds=_SOON + 3 * limits.watch_seconds)  # a right that ends within it gets a timer
        self._horizon = now() + self._timed
        self._some = asyncio.Event()
        self._none = asyncio.Event()
        self._none.set()

    def __len__(self) -> int:
        return len(self._calls)

    @property
    def watched(self) -> int:
        """How many calls are let through and in flight."""
        return len(self._watched)

    def enter(self, call: Exchange) -> None:
        """It has come; the clock is kept for it."""
        self._calls.add(call)
        self._none.clear()

    def watch_over(self, exchange: Exchange) -> bool:
        """It was let through: watch over its right from now on, and end it when that does. False if it has already."""
        if exchange.passed is None:
            raise ValueError("only what was let through has a right to watch over")
        exchange.confirmed = monotonic()
        self._watched[exchange.passed.exchange] = exchange
        self._some.set()
        self._set_timer(exchange)
        return exchange.passed.exchange in self._watched

    def leave(self, call: Exchange) -> None:
        """It is over."""
        self._calls.discard(call)
        if call.passed is not None:
            self._watched.pop(call.passed.exchange, None)
            timer = self._timers.pop(call.passed.exchange, None)
            if timer is not None:
                timer.cancel()
        if not self._watched:
            self._some.clear()
        if not self._calls:
            self._none.set()

    def end_all(self, how: str) -> None:
        """End everything in flight."""
        for call in list(self._calls):
            call.end(how)

    async def none_left(self, seconds: float) -> bool:
        """Wait until nothing is in flight, ``seconds`` at most; whether that is so."""
        try:
            async with asyncio.timeout(seconds):
                await self._none.wait()
        except TimeoutError:
            return False
        return True

    async def watch(self) -> None:
        """Look after the rights of what is in flight, and after the clock, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._watch_rights())
            tasks.create_task(self._watch_clock())

    async def _watch_rights(self) -> None:
        while True:
            await self._some.wait()
            begun = monotonic()
            try:
                if await self._door.changed(self._limits.watch_seconds):
                    await self._ask()
                else:
                    self._confirm(begun)
            except SeatrialError:
                await asyncio.sleep(self._limits.watch_seconds / 4)  # not confirmed; asked again soon
            except Exception:
                log.exception("asking whether calls in flight may go on failed")
                await asyncio.sleep(self._limits.watch_seconds)

    async def _ask(self) -> None:
        begun, asked = monotonic(), list(self._watched)
        verdicts = await self._door.still_open(asked)
        for name in asked:
            exchange, why = self._watched.get(name), verdicts.get(name, Why.UNVERIFIED)
            if exchange is None:
                continue
            if why is None:
                exchange.confirmed = max(begun, exchange.confirmed)
            else:
                exchange.end(why)

    def _confirm(self, time: float) -> None:
        """Nothing changed since ``time``, so whatever had a right then has it."""
        for exchange in self._watched.values():
            exchange.confirmed = max(time, exchange.confirmed)

    async def _watch_clock(self) -> None:
        while True:
            await asyncio.sleep(self._limits.watch_seconds)
            time = monotonic()
            self._horizon = now() + self._timed
            for exchange in list(self._watched.values()):
                if time - exchange.confirmed > self._patience:
                    exchange.end(Why.UNVERIFIED)
                else:
                    self._set_timer(exchange)
            for call in list(self._calls):
                call.tick(time)

    def _set_timer(self, exchange: Exchange) -> None:
        passed = exchange.passed
        if passed is None or passed.ends_at > self._horizon or passed.exchange in self._timers:
            return
        left = (passed.ends_at - now()).total_seconds()
        if left <= 0:
            exchange.end(Why.EXPIRED)
        else:
            loop = asyncio.get_running_loop()
            self._timers[passed.exchange] = loop.call_later(left, exchange.end, Why.EXPIRED)
