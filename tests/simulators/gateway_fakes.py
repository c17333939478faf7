"""The gateway's ports without a database or a socket: a door, an endpoint and a caller in the hands of a test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from seatrial.gateway.call import Body, Fields, Headers
from seatrial.gateway.door import Heard
from seatrial.gateway.keeping import Done, KeptCall
from seatrial.gateway.problems import away
from seatrial.gateway.upstream import Listener
from seatrial.kernel.clock import now
from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Refused, SeatrialError
from seatrial.review.access.types import AccessRequest, Keep, Pass, SealedBody, Settlement, Side, Why


@dataclass
class FakeDoor:
    """Lets through until told otherwise."""

    why: Why | None = None
    ends_at: datetime = field(default_factory=lambda: now() + timedelta(hours=1))
    away: bool = False
    slow: float = 0.0
    upstream: str = "http://lab/v1"
    strangers: set[str] = field(default_factory=set)  # keys that are none
    asked: list[AccessRequest] = field(default_factory=list)
    settled: list[Settlement] = field(default_factory=list)
    waiting: list[Settlement] = field(default_factory=list)
    questions: int = 0
    keep: Keep | None = None

    def authorise(self, request: AccessRequest, heard: Heard) -> None:
        asyncio.get_running_loop().call_later(self.slow, lambda: heard(self._decide(request)))

    def _decide(self, request: AccessRequest) -> Pass | SeatrialError:
        if self.away:
            return away()
        if self.why is not None:
            return Refused(self.why, "No.")
        self.asked.append(request)
        name = f"exchange-{len(self.asked)}"
        return Pass(name, "review-1", "eva", self.upstream, "upstream-secret", self.ends_at, self.keep)

    def settle(self, settlement: Settlement) -> None:
        if all(earlier.exchange != settlement.exchange for earlier in [*self.settled, *self.waiting]):
            self.waiting.append(settlement)
        self._settle()

    async def recorded(self, seconds: float) -> int:
        until = asyncio.get_running_loop().time() + seconds
        while self.waiting and asyncio.get_running_loop().time() < until:
            self._settle()
            await asyncio.sleep(0.01)
        return len(self.waiting)

    async def changed(self, seconds: float) -> bool:
        await asyncio.sleep(seconds)
        if self.away:
            raise away()
        return True

    def _settle(self) -> None:
        if not self.away:
            self.settled += self.waiting
            self.waiting.clear()

    async def still_open(self, exchanges: Sequence[str]) -> Mapping[str, Why | None]:
        self.questions += 1
        if self.away:
            raise away()
        return dict.fromkeys(exchanges, self.why)

    async def recover(self, gateway: str) -> int:
        return 0

    async def knows(self, key: str) -> bool:
        if self.away:
            raise away()
        return key not in self.strangers

    async def ready(self) -> None:
        if self.away:
            raise away()

    async def close(self) -> None:
        """Nothing is open."""


@dataclass
class FakeKeeper:
    """Keeps bodies in memory. ``fault`` is what goes wrong; ``hold`` keeps back what it would say until ``let_go``."""

    hold: bool = False
    fault: SeatrialError | None = None
    kept: dict[str, bytes] = field(default_factory=dict)
    open: int = 0
    _held: list[Callable[[], None]] = field(default_factory=list)

    def begin(self, passed: Pass, request: Body, call: KeptCall) -> FakeKeeping:
        self.open += 1
        return FakeKeeping(self, passed.exchange, request, call)

    def soon(self, say: Callable[[], None]) -> None:
        if self.hold:
            self._held.append(say)
        else:
            asyncio.get_running_loop().call_soon(say)

    def let_go(self) -> None:
        held, self._held, self.hold = self._held, [], False
        for say in held:
            self.soon(say)

    async def ended(self, seconds: float) -> int:
        until = asyncio.get_running_loop().time() + seconds
        while self.open and asyncio.get_running_loop().time() < until:  # noqa: ASYNC110 - as the real one
            await asyncio.sleep(0.005)
        return self.open

    async def close(self) -> None:
        """Nothing is open."""


class FakeKeeping:
    def __init__(self, keeper: FakeKeeper, exchange: str, request: Body, call: KeptCall) -> None:
        self._keeper, self._exchange, self._call, self._ended = keeper, exchange, call, False
        keeper.kept[f"{exchange}.request"] = request if isinstance(request, bytes) else b"large"
        keeper.kept[f"{exchange}.response"] = b""
        keeper.soon(self._begun)

    def add(self, data: bytes) -> None:
        self._keeper.kept[f"{self._exchange}.response"] += data

    def end(self, done: Done) -> None:
        if not self._ended:
            self._ended = True
            self._keeper.soon(lambda: self._done(done))

    def _begun(self) -> None:
        if self._keeper.fault is not None:
            self._call.not_kept(self._keeper.fault)
        elif not self._ended:
            self._call.request_kept()

    def _done(self, done: Done) -> None:
        if self._keeper.fault is not None:
            self._call.not_kept(self._keeper.fault)
        self._keeper.open -= 1
        whole = self._keeper.fault is None
        kept = [self._keeper.kept[f"{self._exchange}.{side}"] for side in Side]
        done(tuple(SealedBody(side, digest(data), len(data), whole) for side, data in zip(Side, kept, strict=True)))


@dataclass
class FakeSending:
    """Plays a script to a listener, as a connection would."""

    upstream: FakeUpstream
    listener: Listener
    flowing: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._task = asyncio.create_task(self._play())

    def stop(self) -> None:
        if self._task.cancel():
            self.upstream.left_early += 1

    def flow(self, on: bool) -> None:
        self.flowing.append(on)

    async def _play(self) -> None:
        upstream, listener = self.upstream, self.listener
        if isinstance(upstream.fault, SeatrialError):
            listener.failed(upstream.fault)
            return
        listener.head(upstream.status, upstream.headers)
        while (said := await upstream.script.get()) is not None:
            if isinstance(said, SeatrialError):
                listener.failed(said)
                return
            listener.data(said)
        listener.done()


@dataclass
class FakeUpstream:
    """Says what is put into ``script``; ``None`` ends the answer."""

    status: int = 200
    headers: Headers = field(default_factory=lambda: Headers([("content-type", "text/event-stream")]))
    fault: Exception | None = None
    script: asyncio.Queue[bytes | SeatrialError | None] = field(default_factory=asyncio.Queue)
    calls: list[tuple[str, str, Fields, Body]] = field(default_factory=list)
    left_early: int = 0

    def send(self, method: str, url: str, headers: Fields, body: Body, listener: Listener) -> FakeSending:
        self.calls.append((method, url, headers, body))
        if self.fault is not None and not isinstance(self.fault, SeatrialError):
            raise self.fault
        return FakeSending(self, listener)

    async def close(self) -> None:
        """Nothing is open."""


@dataclass
class FakeListener:
    """Keeps what it hears of an answer; ``over`` is set at its end."""

    status: int = 0
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""
    error: SeatrialError | None = None
    takings: int = 0
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def taken(self) -> None:
        self.takings += 1

    def head(self, status: int, headers: Headers) -> None:
        self.status, self.headers = status, headers

    def data(self, chunk: bytes) -> None:
        self.body += chunk
        self.begun.set()

    def done(self) -> None:
        self.over.set()

    def failed(self, error: SeatrialError) -> None:
        self.error = error
        self.over.set()


@dataclass
class FakeReply:
    """A caller that keeps what it is told. ``waiting`` makes it stop reading; ``over`` is set when it has all."""

    status: int = 0
    data: bytes = b""
    finished: bool = False
    aborted: bool = False
    waiting: bool = False
    heard: asyncio.Event = field(default_factory=asyncio.Event)  # something of the body has come
    over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def started(self) -> bool:
        return self.status != 0

    def start(self, status: int, headers: Fields) -> None:
        self.status = status

    def write(self, data: bytes) -> None:
        self.data += data
        self.heard.set()

    def finish(self) -> None:
        self.finished = True
        self.over.set()

    def abort(self) -> None:
        self.aborted = True
        self.over.set()
