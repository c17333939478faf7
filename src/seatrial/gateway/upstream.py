"""Calls to a developer's endpoint: the port, and its adapter on sockets of our own.

Redirects are not followed, cookies are not kept, no proxy of the environment is used, nothing is decompressed. A name
in the consent that resolves to a private address is not called: the consent must name such an address itself.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections import deque
from typing import Protocol

import httptools

from seatrial.gateway.call import Body, Fields, Headers
from seatrial.gateway.framing import BODILESS, head_of_request, name_of
from seatrial.gateway.limits import Limits
from seatrial.gateway.places import Place, addresses_of, parts_of
from seatrial.gateway.problems import broke, down, no_tls, untrusted
from seatrial.gateway.pump import Pump
from seatrial.kernel.errors import SeatrialError

log = logging.getLogger("seatrial.gateway")


class Listener(Protocol):
    """Hears an answer in order: ``head`` once, ``data`` as it comes, then ``done``; or ``failed`` at any point."""

    def taken(self) -> None:
        """The endpoint took some more of a large request."""
        ...

    def head(self, status: int, headers: Headers) -> None: ...

    def data(self, chunk: bytes) -> None: ...

    def done(self) -> None: ...

    def failed(self, error: SeatrialError) -> None:
        """``Unavailable``: ``upstream-down``, ``-private``, ``-untrusted``, ``-tls``, ``-slow`` or ``-broke``."""
        ...


class Sending(Protocol):
    """One request under way."""

    def stop(self) -> None:
        """End the exchange on the endpoint's side too. Nothing more is said to the listener."""
        ...

    def flow(self, on: bool) -> None:
        """Take more of the answer from the network, or leave it there for now."""
        ...


class Upstream(Protocol):
    """Guarantees: one request for one call, never sent again; the listener is not called before ``send`` returns.
    A large body is read piece by piece, as the endpoint takes it, until the listener heard the end or sending stopped.
    """

    def send(self, method: str, url: str, headers: Fields, body: Body, listener: Listener) -> Sending: ...

    async def close(self) -> None: ...


class HttpUpstream:
    """``Upstream`` over pooled HTTP/1.1 connections. Make it inside the running loop."""

    def __init__(self, limits: Limits, tls: ssl.SSLContext | None = None) -> None:
        self._limits = limits
        self._tls = tls or ssl.create_default_context()
        self._idle: dict[Place, deque[_Connection]] = {}
        self._open: set[_Connection] = set()
        self._opening: set[asyncio.Task[None]] = set()
        self._time = asyncio.get_running_loop().time

    def send(self, method: str, url: str, headers: Fields, body: Body, listener: Listener) -> Sending:
        place, host, target = parts_of(url)
        head = head_of_request(method, target, host, headers, len(body))
        sending = _Sending(listener, bodiless=method == "HEAD")
        connection = self._idle_one(place)
        if connection is not None:
            connection.carry(sending, head, body)
        else:
            task = asyncio.create_task(self._open_and_carry(place, sending, head, body))
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)
        return sending

    async def close(self) -> None:
        for task in self._opening:
            task.cancel()
        for connection in list(self._open):
            connection.drop()
        await asyncio.sleep(0)

    def _idle_one(self, place: Place) -> _Connection | None:
        waiting = self._idle.get(place)
        oldest = self._time() - self._limits.reuse_seconds
        while waiting:
            connection = waiting.pop()
            if connection.usable and connection.idle_since > oldest:
                return connection
            connection.drop()
        return None

    async def _open_and_carry(self, place: Place, sending: _Sending, head: bytes, body: Body) -> None:
        try:
            connection = await self._connect(place)
        except SeatrialError as error:
            sending.fail(error)
            return
        if sending.stopped:
            self._rest(connection)
        else:
            connection.carry(sending, head, body)

    async def _connect(self, place: Place) -> _Connection:
        encrypted, host, port = place
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._limits.connect_seconds):
                addresses = await addresses_of(host, port)
                failure: OSError | None = None
                for address in addresses:
                    try:
                        _, connection = await loop.create_connection(
                            lambda: _Connection(place, self._rest, self._forget),
                            address,
                            port,
                            ssl=self._tls if encrypted else None,
                            server_hostname=host.rstrip(".") if encrypted else None,
                        )
                    except OSError as error:
                        failure = error
                    else:
                        self._open.add(connection)
                        return connection
                raise failure or OSError("no address")
        except ssl.SSLCertVerificationError as error:
            log.warning("the certificate of the endpoint at %s port %d is not accepted: %s", host, port, error)
            raise untrusted(error.verify_code) from error
        except (ssl.SSLError, ConnectionResetError) as error:  # a connection is refused, a handshake reset
            if not encrypted:
                raise down() from error
            log.warning("no TLS with the endpoint at %s port %d: %s", host, port, error)
            raise no_tls() from error
        except (OSError, TimeoutError, UnicodeError) as error:
            raise down() from error

    def _rest(self, connection: _Connection) -> None:
        connection.idle_since = self._time()
        waiting = self._idle.setdefault(connection.place, deque())
        waiting.append(connection)
        while len(waiting) > self._limits.idle_connections:
            waiting.popleft().drop()

    def _forget(self, connection: _Connection) -> None:
        self._open.discard(connection)


class _Sending:
    def __init__(self, listener: Listener, *, bodiless: bool) -> None:
        self.listener = listener
        self.bodiless = bodiless
        self.stopped = False
        self.connection: _Connection | None = None
        self.flows = True

    def stop(self) -> None:
        self.stopped = True
        if self.connection is not None:
            self.connection.drop()

    def flow(self, on: bool) -> None:
        self.flows = on
        if self.connection is not None:
            self.connection.flow(on)

    def taken(self) -> None:
        if not self.stopped:
            self.listener.taken()

    def fail(self, error: SeatrialError) -> None:
        if not self.stopped:
            self.stopped = True
            self.listener.failed(error)


class _Connection(asyncio.Protocol):
    """One connection to an endpoint, for one request after the other."""

    def __init__(self, place: Place, rest: _Told, forget: _Told) -> None:
        self.place = place
        self.idle_since = 0.0
        self._rest = rest
        self._forget = forget
        self._transport: asyncio.Transport | None = None
        self._sending: _Sending | None = None
        self._parser: httptools.HttpResponseParser | None = None
        self._pump: Pump | None = None  # while a large body is sent
        self._fields: list[tuple[str, str]] = []
        self._head: tuple[int, Headers] | None = None  # come, and not told yet
        self._pieces: list[bytes] = []
        self._said_head = self._measured = self._complete = self._broken = False
        self._informs = self._bodiless = self._keep = False

    @property
    def usable(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def carry(self, sending: _Sending, head: bytes, body: Body) -> None:
        """Send a request; its answer goes to the listener."""
        self._sending = sending
        sending.connection = self
        self._parser = httptools.HttpResponseParser(self)
        self._clear()
        if self._transport is None:
            asyncio.get_running_loop().call_soon(self.connection_lost, None)
        elif not isinstance(body, bytes):
            self._transport.write(head)
            self._pump = Pump(body, self._transport, sending.taken, self._unreadable)
        elif len(body) < 2**16:
            self._transport.write(head + body)
        else:
            self._transport.writelines((head, body))

    def drop(self) -> None:
        """Close it at once."""
        if self._transport is not None:
            self._transport.abort()

    def flow(self, on: bool) -> None:
        if self._transport is not None:
            (self._transport.resume_reading if on else self._transport.pause_reading)()

    def pause_writing(self) -> None:
        if self._pump is not None:
            self._pump.flow(False)

    def resume_writing(self) -> None:
        if self._pump is not None:
            self._pump.flow(True)

    def _unreadable(self, error: SeatrialError) -> None:
        sending = self._sending
        self.drop()
        if sending is not None:
            sending.fail(error)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._sent_whole()
        self._forget(self)
        sending, self._sending = self._sending, None
        if sending is None or sending.stopped:
            return
        if exc is None and self._said_head and not self._measured:  # the end of the connection ends such an answer
            sending.stopped = True
            sending.listener.done()
        elif isinstance(exc, ssl.SSLError) and not self._said_head:  # its last word on our handshake
            log.warning("the endpoint at %s port %d ended TLS: %s", self.place[1], self.place[2], exc)
            sending.fail(no_tls())
        else:
            sending.fail(broke())

    def data_received(self, data: bytes) -> None:
        if self._sending is None or self._parser is None:
            self.drop()  # nobody asked
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade, UnicodeDecodeError):
            self._broken = not self._complete
            self._keep = False  # what follows a whole answer was asked for by nobody, whatever it is
        sending = self._sending
        head, self._head = self._head, None
        if head is not None and not sending.stopped:
            sending.listener.head(*head)
        pieces, self._pieces = self._pieces, []
        if pieces and not sending.stopped:
            sending.listener.data(pieces[0] if len(pieces) == 1 else b"".join(pieces))
        if self._broken:
            self.drop()
            sending.fail(broke())
        elif self._complete:
            self._end(sending)

    def _end(self, sending: _Sending) -> None:
        reusable = self._sent_whole() and self._keep and not sending.stopped
        self._sending = None
        sending.connection = None
        if reusable:
            if not sending.flows:
                self.flow(True)
            self._rest(self)
        else:
            self.drop()
        if not sending.stopped:
            sending.stopped = True
            sending.listener.done()

    def _sent_whole(self) -> bool:
        """Whether all of the request is on its way; from now on nothing more of it is sent."""
        pump, self._pump = self._pump, None
        if pump is None:
            return True
        pump.stop()
        return pump.over

    # -- the parser's callbacks ----------------------------------------------------------------------

    def on_message_begin(self) -> None:
        if self._complete:
            self._keep = False  # an answer nobody asked for: its bytes are dropped with the connection
        self._fields = []

    def on_header(self, name: bytes, value: bytes) -> None:
        self._fields.append((name_of(name), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        parser, sending = self._parser, self._sending
        if self._complete or parser is None or sending is None:
            return
        status = parser.get_status_code()
        self._informs = 100 <= status < 200
        if self._informs:
            self._broken |= status == 101  # no other protocol was asked for
            return
        codings = [value for name, value in self._fields if name == "transfer-encoding"]
        if codings and [value.lower() for value in codings] != ["chunked"]:
            self._broken = True  # its body could not be told from its framing
            return
        self._bodiless = sending.bodiless or status in BODILESS
        headers = Headers(self._fields)
        self._measured = bool(headers.get("content-length") or headers.get("transfer-encoding")) or self._bodiless
        self._said_head = True
        self._head = (status, headers)

    def on_body(self, body: bytes) -> None:
        if not (self._complete or self._bodiless or self._broken):
            self._pieces.append(body)

    def on_message_complete(self) -> None:
        if self._informs:
            self._informs = False
            return
        if self._parser is not None and not self._complete:
            self._keep = self._parser.should_keep_alive() and self._measured
            self._complete = True

    def _clear(self) -> None:
        self._fields = []
        self._head = None
        self._pieces = []
        self._said_head = self._measured = self._complete = self._broken = False
        self._informs = self._bodiless = self._keep = False


class _Told(Protocol):
    def __call__(self, connection: _Connection) -> None: ...
