"""The gateway's ports without a database or a socket: a door, an endpoint and a caller in the hands of a test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from seatrial.gateway.call import Headers
from seatrial.gateway.conduct import CallerGone
from seatrial.gateway.problems import away
from seatrial.gateway.upstream import Answer
from seatrial.kernel.clock import now
from seatrial.kernel.errors import Refused
from seatrial.review.access.types import AccessRequest, Pass, Settlement, Why


@dataclass
class FakeDoor:
    """Lets through until told otherwise."""

    why: Why | None = None
    ends_at: datetime = field(default_factory=lambda: now() + timedelta(hours=1))
    away: bool = False
    slow: float = 0.0
    asked: list[AccessRequest] = field(default_factory=list)
    settled: list[Settlement] = field(default_factory=list)
    questions: int = 0

    async def authorise(self, request: AccessRequest) -> Pass:
        await asyncio.sleep(self.slow)
        if self.away:
            raise away()
        if self.why is not None:
            raise Refused(self.why, "No.")
        self.asked.append(request)
        name = f"exchange-{len(self.asked)}"
        return Pass(name, "review-1", "eva", "http://lab/v1", "upstream-secret", self.ends_at)

    async def settle(self, settlement: Settlement) -> None:
        if self.away:
            raise away()
        if all(earlier.exchange != settlement.exchange for earlier in self.settled):
            self.settled.append(settlement)

    async def still_open(self, exchanges: Sequence[str]) -> Mapping[str, Why | None]:
        self.questions += 1
        if self.away:
            raise away()
        return dict.fromkeys(exchanges, self.why)

    async def recover(self, gateway: str) -> int:
        return 0

    async def ready(self) -> None:
        if self.away:
            raise away()

    async def close(self) -> None:
        """Nothing is open."""


@dataclass
class FakeAnswer:
    script: asyncio.Queue[bytes | Exception | None]
    status: int
    headers: Headers

    async def chunks(self) -> AsyncIterator[bytes]:
        while (said := await self.script.get()) is not None:
            if isinstance(said, Exception):
                raise said
            yield said


@dataclass
class FakeUpstream:
    """Says what is put into ``script``; ``None`` ends the answer."""

    status: int = 200
    headers: Headers = (("Content-Type", "text/event-stream"),)
    fault: Exception | None = None
    script: asyncio.Queue[bytes | Exception | None] = field(default_factory=asyncio.Queue)
    calls: list[tuple[str, str, Headers, bytes]] = field(default_factory=list)
    left_early: int = 0

    @asynccontextmanager
    async def call(self, method: str, url: str, headers: Headers, body: bytes) -> AsyncIterator[Answer]:
        self.calls.append((method, url, headers, body))
        if self.fault is not None:
            raise self.fault
        try:
            yield FakeAnswer(self.script, self.status, self.headers)
        except asyncio.CancelledError:
            self.left_early += 1
            raise

    async def close(self) -> None:
        """Nothing is open."""


@dataclass
class FakeReply:
    """A caller that keeps what it is told. ``gone`` makes it leave, ``waiting`` makes it stop reading."""

    status: int = 0
    data: bytes = b""
    finished: bool = False
    aborted: bool = False
    gone: bool = False
    waiting: bool = False
    heard: asyncio.Event = field(default_factory=asyncio.Event)  # something of the body has come

    @property
    def started(self) -> bool:
        return self.status != 0

    async def start(self, status: int, headers: Headers) -> None:
        self._check()
        self.status = status

    async def write(self, data: bytes) -> None:
        self._check()
        self.data += data
        self.heard.set()

    async def finish(self) -> None:
        self._check()
        self.finished = True

    def abort(self) -> None:
        self.aborted = True

    def _check(self) -> None:
        if self.gone:
            raise CallerGone
