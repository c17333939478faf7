"""What the connections of one gateway process share: who is here, the clock, and what is asked of the house itself."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from email.utils import formatdate
from typing import Protocol

from seatrial.gateway.certificates import Certificates
from seatrial.gateway.conduct import Conductor
from seatrial.gateway.door import Door
from seatrial.gateway.limits import Limits
from seatrial.gateway.problems import Problem, away, stopping
from seatrial.gateway.reply import Reply, refuse
from seatrial.gateway.spool import Spools
from seatrial.gateway.tls import Link
from seatrial.kernel.errors import Misuse, SeatrialError, Unavailable
from seatrial.review.access.api import SENTENCES
from seatrial.review.access.types import Why

OURS = b"Server: seatrial\r\n"


class Guest(Protocol):
    """A caller's connection as the house sees it."""

    def tick(self, now: float) -> None:
        """End it if it takes too long; ``now`` is the loop's time."""
        ...

    def last(self) -> None:
        """Nothing after what is being answered."""
        ...

    def abort(self) -> None: ...


class House:
    """What the connections of one gateway process share."""

    def __init__(
        self,
        conductor: Conductor,
        door: Door,
        limits: Limits,
        spools: Spools,
        certificates: Certificates | None = None,
    ) -> None:
        self.conductor = conductor
        self.limits = limits
        self.spools = spools
        self.connections: set[Guest] = set()
        self.failed_handshakes = 0
        self._certificates = certificates
        self._shaking: dict[Link, None] = {}  # the oldest first
        self._door = door
        self._asking: set[asyncio.Task[None]] = set()
        self._date = (0, b"")
        self._emptied: asyncio.Event | None = None

    def left(self, connection: Guest) -> None:
        """It is closed."""
        self.connections.discard(connection)
        if not self.connections and self._emptied is not None:
            self._emptied.set()

    def admit(self, connection: asyncio.Protocol) -> asyncio.Protocol:
        """What the socket of a new caller speaks to: ``connection``, or TLS before it."""
        if self._certificates is None:
            return connection
        if len(self._shaking) >= self.limits.handshakes:
            next(iter(self._shaking)).abort()
        link = Link(self._certificates.context, connection, self._shaken)
        self._shaking[link] = None
        return link

    def _shaken(self, link: Link, well: bool) -> None:
        del self._shaking[link]
        self.failed_handshakes += not well

    async def watch_clock(self) -> None:
        """End connections that take too long over a request, or are idle too long, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(min(1.0, self.limits.request_seconds / 4))
            for connection in list(self.connections):
                connection.tick(loop.time())
            for link in list(self._shaking):
                if loop.time() - link.since > self.limits.handshake_seconds:
                    link.abort()

    def close_idle(self) -> None:
        """No further request on any connection: those that wait for one are closed, the others after their answer."""
        for connection in list(self.connections):
            connection.last()
        for link in list(self._shaking):
            link.abort()

    async def closed(self, seconds: float) -> None:
        """Let the last words reach the callers, ``seconds`` at most, then drop what is left."""
        if self.connections:
            self._emptied = asyncio.Event()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._emptied.wait()
        for connection in list(self.connections):
            connection.abort()

    def lines(self) -> bytes:
        """The headers of every answer of ours."""
        second = int(time.time())
        if self._date[0] != second:
            self._date = (second, f"Date: {formatdate(second, usegmt=True)}\r\n".encode() + OURS)
        return self._date[1]

    def answer_itself(self, path: str, reply: Reply) -> bool:
        """Answer what is asked of the gateway itself; true if it was."""
        if path == "/healthz":
            _say_ok(reply)
        elif path == "/readyz":
            task = asyncio.create_task(self._ready(reply))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)
        else:
            return False
        return True

    def ask_for(self, key: str, heard: Callable[[SeatrialError | None], None]) -> None:
        """Whether there is such a key; ``heard`` is told why not."""
        task = asyncio.create_task(self._knows(key, heard))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def _knows(self, key: str, heard: Callable[[SeatrialError | None], None]) -> None:
        try:
            async with asyncio.timeout(self.limits.decide_seconds):
                known = await self._door.knows(key)
        except TimeoutError:
            heard(away())
        except SeatrialError as error:
            heard(error)
        else:
            heard(None if known else Misuse(Why.UNKNOWN_KEY, SENTENCES[Why.UNKNOWN_KEY]))

    async def _ready(self, reply: Reply) -> None:
        try:
            if self.conductor.stopping:
                raise stopping()
            try:
                async with asyncio.timeout(self.limits.decide_seconds):
                    await self._door.ready()
            except TimeoutError as error:
                raise Unavailable("database-away", "The gateway's database does not answer; try again soon.") from error
        except SeatrialError as error:
            refuse(reply, Problem.of(error))
        else:
            _say_ok(reply)


def _say_ok(reply: Reply) -> None:
    reply.start(200, [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", "3")])
    reply.write(b"ok\n")
    reply.finish()
