"""The HTTP side towards callers: connections that parse, hand calls on, and write answers.

One connection carries one call at a time; what comes early waits unread. ``conduct`` and ``carriage`` do the rest.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from collections import deque
from collections.abc import Callable
from email.utils import formatdate

import httptools

from seatrial.gateway.call import Call, Fields, Headers
from seatrial.gateway.carriage import Carriage, refuse
from seatrial.gateway.certificates import Certificates
from seatrial.gateway.conduct import Conductor
from seatrial.gateway.door import Door
from seatrial.gateway.framing import BODILESS, check_request, head_of_answer, name_of, wants_close
from seatrial.gateway.headers import bearer
from seatrial.gateway.limits import Limits
from seatrial.gateway.problems import Problem, stopping
from seatrial.gateway.tls import Link
from seatrial.kernel.errors import Misuse, NotFound, SeatrialError, Unavailable
from seatrial.review.access.api import SENTENCES, looks_like_key
from seatrial.review.access.types import Why

_PREFIX = "/v1/"
_OURS = b"Server: seatrial\r\n"
_NONE = Headers()


class House:
    """What the connections of one gateway process share."""

    def __init__(
        self, conductor: Conductor, door: Door, limits: Limits, certificates: Certificates | None = None
    ) -> None:
        self.conductor = conductor
        self.limits = limits
        self.connections: set[Connection] = set()
        self.failed_handshakes = 0
        self._certificates = certificates
        self._shaking: dict[Link, None] = {}  # the oldest first
        self._door = door
        self._asking: set[asyncio.Task[None]] = set()
        self._date = (0, b"")
        self._emptied: asyncio.Event | None = None

    def left(self, connection: Connection) -> None:
        """It is closed."""
        self.connections.discard(connection)
        if not self.connections and self._emptied is not None:
            self._emptied.set()

    def connection(self) -> asyncio.Protocol:
        """For ``loop.create_server``."""
        if self._certificates is None:
            return Connection(self)
        if len(self._shaking) >= self.limits.handshakes:
            next(iter(self._shaking)).abort()
        link = Link(self._certificates.context, Connection(self), self._shaken)
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
            self._date = (second, f"Date: {formatdate(second, usegmt=True)}\r\n".encode() + _OURS)
        return self._date[1]

    def answer_itself(self, path: str, reply: Connection) -> bool:
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

    async def _ready(self, reply: Connection) -> None:
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


class Connection(asyncio.Protocol):
    """One caller's connection; a ``carriage.Reply`` for the call that it carries."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._limits = house.limits
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._loop = asyncio.get_running_loop()
        self._time = self._loop.time
        self._out: list[bytes] = []
        self._since = 0.0  # loop time at which what it is at began
        self._waiting_calls: deque[Callable[[], None]] = deque()
        self._busy = False  # a call has come and is not answered to its end
        self._deaf = False  # nothing more is read from this caller
        self._close = False  # after this answer
        self._carriage: Carriage | None = None
        self._old = False  # the call came with HTTP/1.0
        self._bodiless = False
        self._reset()
        self.started = False
        self._chunked = False

    # -- asyncio.Protocol ----------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]
        self._since = self._time()
        self._house.connections.add(self)
        if len(self._house.connections) > self._limits.connections:
            self._refuse_and_close(Unavailable("gateway-full", "The gateway has too many connections; try again soon."))

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._house.left(self)
        self._waiting_calls.clear()
        carriage, self._carriage = self._carriage, None
        if carriage is not None:
            carriage.caller_gone()

    def pause_writing(self) -> None:
        if self._carriage is not None:
            self._carriage.caller_keeps_up(False)

    def resume_writing(self) -> None:
        if self._carriage is not None:
            self._carriage.caller_keeps_up(True)

    def data_received(self, data: bytes) -> None:
        if self._deaf:
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._deaf = self._close = True  # the call itself is answered; what follows it would be another protocol
        except (httptools.HttpParserError, UnicodeDecodeError):
            if not self._deaf:
                what = "This is no HTTP/1.1 that can be read in one way only; send it as RFC 9112 has it."
                self._refuse_and_close(Misuse("request-ambiguous", what))
        if self._waiting_calls and self._transport is not None:
            self._transport.pause_reading()

    # -- the parser's callbacks ----------------------------------------------------------------------

    def on_message_begin(self) -> None:
        if not self._busy:
            self._since = self._time()
        self._reset()

    def on_url(self, url: bytes) -> None:
        self._url += url
        self._head_size += len(url)
        if self._head_size > self._limits.header_bytes:
            self._refuse_head()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._fields.append((name_of(name), value.decode("latin-1")))
        self._head_size += len(name) + len(value) + 4
        if self._head_size > self._limits.header_bytes:
            self._refuse_head()

    def on_headers_complete(self) -> None:
        if self._deaf:
            return
        self._method = self._parser.get_method().decode()
        self._version = self._parser.get_http_version()
        self._headers = Headers(self._fields)
        try:
            check_request(self._method, self._version, self._url.decode("latin-1"), self._headers)
            self._check_size(int(self._headers.get("content-length") or 0))
        except SeatrialError as error:
            self._refuse_and_close(error)
            return
        if not self._busy and self._transport is not None and self._headers.get("expect"):
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        if self._deaf:
            return
        self._body.append(body)
        self._size += len(body)
        try:
            self._check_size(self._size)
        except SeatrialError as error:
            self._refuse_and_close(error)

    def on_message_complete(self) -> None:
        if self._deaf:
            return
        target, _, query = self._url.decode("latin-1").partition("?")
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        call = Call(self._method, target, query, self._headers, body)
        old, close = self._version != "1.1", wants_close(self._version, self._headers)
        self._deaf = self._deaf or close
        self._next(lambda: self._carry(call, old, close))

    # -- carriage.Reply ------------------------------------------------------------------------------

    @property
    def waiting(self) -> bool:
        self._flush()
        return self._transport is not None and self._transport.get_write_buffer_size() > 0

    def start(self, status: int, headers: Fields) -> None:
        self.started = True
        names = [name.lower() for name, _ in headers]
        measured = "content-length" in names
        self._bodiless = self._bodiless or status in BODILESS
        self._chunked = not measured and not self._old and not self._bodiless
        self._close = self._close or (self._old and not measured)
        extra = [_OURS if "date" in names else self._house.lines()]
        if self._chunked:
            extra.append(b"Transfer-Encoding: chunked\r\n")
        if self._close:
            extra.append(b"Connection: close\r\n")
        self._write(head_of_answer(status, headers, extra))

    def write(self, data: bytes) -> None:
        if not data or self._bodiless:
            return
        self._write(b"%x\r\n%b\r\n" % (len(data), data) if self._chunked else data)

    def finish(self) -> None:
        if self._chunked:
            self._write(b"0\r\n\r\n")
        self._flush()
        self._carriage = None
        self._busy = self.started = False
        self._since = self._time()
        if self._close:
            if self._transport is not None:
                self._transport.close()
        elif self._waiting_calls:
            self._loop.call_soon(self._take_next)

    def abort(self) -> None:
        self._out.clear()
        if self._transport is not None:
            self._transport.abort()

    # ------------------------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """End it if it takes too long."""
        if self._busy or self._transport is None:
            return
        reading = bool(self._fields or self._url)
        if now - self._since > (self._limits.request_seconds if reading else self._limits.keepalive_seconds):
            if not reading:
                self._transport.close()
                return
            seconds = self._limits.request_seconds
            what = f"The request did not arrive within {seconds:g} seconds; send it again."
            self._refuse_and_close(Misuse("request-slow", what))

    def last(self) -> None:
        """Nothing after what is being answered."""
        self._close = True
        if not self._busy and self._transport is not None:
            self._transport.close()

    def _reset(self) -> None:
        self._url = b""
        self._fields: list[tuple[str, str]] = []
        self._headers = _NONE
        self._body: list[bytes] = []
        self._size = self._head_size = 0
        self._method = self._version = ""

    def _refuse_head(self) -> None:
        if not self._deaf:
            most = self._limits.header_bytes
            what = f"The headers are longer than {most} bytes; send fewer."
            self._refuse_and_close(Misuse("headers-too-large", what))

    def _check_size(self, size: int) -> None:
        most = self._limits.body_bytes
        if size > most:
            raise Misuse("body-too-large", f"The body is longer than {most} bytes; send less.")
        if size > self._limits.unknown_bytes and not looks_like_key(bearer(self._headers)):
            raise Misuse(Why.UNKNOWN_KEY, SENTENCES[Why.UNKNOWN_KEY])

    def _refuse_and_close(self, error: SeatrialError) -> None:
        """What is left is not read, so no other request can follow."""
        self._deaf = True
        problem, old = Problem.of(error), self._version == "1.0"

        def say() -> None:
            self._close, self._old, self._bodiless = True, old, False
            refuse(self, problem)

        self._next(say)

    def _next(self, work: Callable[[], None]) -> None:
        if self._busy:
            self._waiting_calls.append(work)
        else:
            self._busy = True
            work()

    def _take_next(self) -> None:
        if self._transport is None or self._busy or not self._waiting_calls:
            return
        work = self._waiting_calls.popleft()
        if not self._waiting_calls:
            self._transport.resume_reading()
        self._busy = True
        work()

    def _carry(self, call: Call, old: bool, close: bool) -> None:
        self._old, self._close = old, self._close or close
        self._bodiless = call.method == "HEAD"
        self._reset()
        if self._house.answer_itself(call.path, self):
            return
        if not call.path.startswith(_PREFIX):
            what = f"There is nothing at this path; calls to the model go to {_PREFIX}…."
            refuse(self, Problem.of(NotFound("no-such-path", what)))
            return
        under = Call(call.method, call.path.removeprefix(_PREFIX), call.query, call.headers, call.body)
        carriage = self._house.conductor.take(under, self)
        if carriage is not None and carriage.ended is None:
            self._carriage = carriage

    def _write(self, data: bytes) -> None:
        """What is written in one turn of the loop leaves together."""
        if not self._out:
            self._loop.call_soon(self._flush)
        self._out.append(data)

    def _flush(self) -> None:
        out, self._out = self._out, []
        if out and self._transport is not None:
            self._transport.write(out[0] if len(out) == 1 else b"".join(out))


def bind(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """A listening socket; ``shared`` lets other processes of ours listen on the same port.

    Raises ``Unavailable`` (``port-in-use``).
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024, reuse_port=shared)
    except OSError as error:
        raise port_in_use(host, port, error) from error


def port_in_use(host: str, port: int, error: OSError) -> Unavailable:
    """Why nothing of ours can listen there."""
    return Unavailable(
        "port-in-use",
        f"The gateway cannot listen on port {port} of {host} ({os.strerror(error.errno or 0)}); "
        "set SEATRIAL_GATEWAY_PORT to a free one.",
        port=port,
    )


def _say_ok(reply: Connection) -> None:
    reply.start(200, [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", "3")])
    reply.write(b"ok\n")
    reply.finish()
