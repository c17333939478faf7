"""The HTTP side towards callers: connections that parse, hand calls on, and write answers.

One connection carries one call at a time; what comes early waits unread. ``conduct`` and ``carriage`` do the rest.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import replace

import httptools

from seatrial.gateway.call import Call, Fields, Headers, is_json
from seatrial.gateway.carriage import Carriage
from seatrial.gateway.framing import BODILESS, check_request, head_of_answer, name_of, wants_close
from seatrial.gateway.headers import bearer
from seatrial.gateway.house import OURS, House
from seatrial.gateway.problems import Problem
from seatrial.gateway.reply import refuse
from seatrial.gateway.spool import Intake, Spooled
from seatrial.kernel.errors import Misuse, NotFound, SeatrialError, Unavailable
from seatrial.review.access.api import SENTENCES, looks_like_key
from seatrial.review.access.types import Why

_PREFIX = "/v1/"
_NONE = Headers()
_MUCH = 2**14  # bytes


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
        self._intake: Intake | None = None  # of a large body that comes
        self._ending: set[Intake] = set()  # of those that have come and are not carried yet
        self._unknown = False  # whether it has a key is being asked
        self._held = False  # nothing is read for now
        self._lingers = False  # all is said; what still comes is thrown away
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
        self._drop_intake()
        for intake in self._ending:
            intake.drop()
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
            self._deaf = True  # the call itself is answered; what follows it would be another protocol
        except (httptools.HttpParserError, UnicodeDecodeError):
            if not self._deaf:
                what = "This is no HTTP/1.1 that can be read in one way only; send it as RFC 9112 has it."
                self._refuse_and_close(Misuse("request-ambiguous", what))
        if self._waiting_calls or self._held or self._intake is not None:
            self._read_on()

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
            expected = int(self._headers.get("content-length") or 0)
            self._more = expected > 0 or self._headers.get("transfer-encoding") != ""
            self._check_size(expected)
            if expected > self._limits.memory_bytes:
                self._begin_intake(expected)
        except SeatrialError as error:
            self._refuse_and_close(error)
            return
        if self._intake is None:
            self._ask_to_go_on()

    def on_body(self, body: bytes) -> None:
        if self._deaf:
            return
        self._size += len(body)
        try:
            self._check_size(self._size)
            if self._intake is None and self._size > self._limits.memory_bytes:
                self._begin_intake(self._size).feed(b"".join(self._body))
                self._body.clear()
            if self._intake is None:
                self._body.append(body)
            else:
                self._intake.feed(body)
        except SeatrialError as error:
            self._refuse_and_close(error)

    def on_message_complete(self) -> None:
        if self._deaf:
            return
        target, _, query = self._url.decode("latin-1").partition("?")
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        call = Call(self._method, target, query, self._headers, body)
        old, intake = self._version != "1.1", self._intake
        close = wants_close(self._version, self._headers) or self._parser.should_upgrade()
        self._deaf = self._deaf or close
        self._reset()  # at once: the next request may have begun to come before this one is carried
        if intake is None:
            self._next(lambda: self._carry(call, old, close))
        else:
            self._intake = None
            self._ending.add(intake)
            self._next(lambda: intake.end(lambda outcome: self._written(intake, call, outcome, old, close)))

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
        extra = [OURS if "date" in names else self._house.lines()]
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
            self._end()
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
        seconds = self._limits.request_seconds if reading else self._limits.keepalive_seconds
        if self._lingers:
            seconds = self._limits.linger_seconds
        elif self._intake is not None:
            seconds += self._size / self._limits.body_rate
        if now - self._since > seconds:
            if not reading or self._lingers:
                self._transport.close()
                return
            what = f"The request did not arrive within {seconds:.4g} seconds; send it again."
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
        self._size: int = 0
        self._head_size: int = 0
        self._method = self._version = ""
        self._more = False  # some of this request may still come

    def _refuse_head(self) -> None:
        if not self._deaf:
            most = self._limits.header_bytes
            what = f"The headers are longer than {most} bytes; send fewer."
            self._refuse_and_close(Misuse("headers-too-large", what))

    def _check_size(self, size: int) -> None:
        limits = self._limits
        other = self._headers.get("content-type") != "" and not is_json(self._headers)
        most = limits.large_bytes if other else limits.body_bytes
        if size > most:
            raise Misuse("body-too-large", f"The body is longer than {most} bytes; send less.")
        if size > self._limits.unknown_bytes and not looks_like_key(bearer(self._headers)):
            raise Misuse(Why.UNKNOWN_KEY, SENTENCES[Why.UNKNOWN_KEY])

    def _refuse_and_close(self, error: SeatrialError) -> None:
        """What is left is not read, so no other request can follow."""
        self._deaf = True
        self._drop_intake()
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
        self._read_on()
        self._busy = True
        work()

    def _carry(self, call: Call, old: bool, close: bool) -> None:
        self._old, self._close = old, self._close or close
        self._bodiless = call.method == "HEAD"
        ours = not call.path.startswith(_PREFIX)
        if ours and not isinstance(call.body, bytes):
            call.body.close()
        if self._house.answer_itself(call.path, self):
            return
        if ours:
            what = f"There is nothing at this path; calls to the model go to {_PREFIX}…."
            refuse(self, Problem.of(NotFound("no-such-path", what)))
            return
        under = Call(call.method, call.path.removeprefix(_PREFIX), call.query, call.headers, call.body)
        carriage = self._house.conductor.take(under, self)
        if carriage is not None and carriage.ended is None:
            self._carriage = carriage

    def _written(self, intake: Intake, call: Call, outcome: Spooled | SeatrialError, old: bool, close: bool) -> None:
        self._ending.discard(intake)
        if isinstance(outcome, SeatrialError):
            self._old, self._close, self._bodiless = old, True, False
            refuse(self, Problem.of(outcome))
        elif self._transport is None:
            outcome.close()
        else:
            self._carry(replace(call, body=outcome), old, close)

    def _read_on(self) -> None:
        """Read from this caller, unless calls wait or the disk is behind."""
        held = bool(self._waiting_calls) or (self._intake is not None and (self._unknown or self._intake.behind))
        if held != self._held and self._transport is not None:
            self._held = held
            (self._transport.pause_reading if held else self._transport.resume_reading)()

    def _ask_to_go_on(self) -> None:
        if not self._busy and self._transport is not None and self._headers.get("expect"):
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _begin_intake(self, size: int) -> Intake:
        """Room is for those we know; nothing is read from this caller until we do."""
        intake = self._intake = Intake(self._house.spools, self._intake_moved)
        self._unknown = True

        def heard(error: SeatrialError | None) -> None:
            if intake is not self._intake:
                return
            self._unknown = False
            try:
                if error is not None:
                    raise error
                intake.expect(size)
            except SeatrialError as reason:
                self._refuse_and_close(reason)
            else:
                if self._size == 0:
                    self._ask_to_go_on()
            self._read_on()

        self._house.ask_for(bearer(self._headers), heard)
        return intake

    def _intake_moved(self) -> None:
        if self._intake is not None and self._intake.fault is not None:
            self._refuse_and_close(self._intake.fault)
        self._read_on()

    def _drop_intake(self) -> None:
        intake, self._intake = self._intake, None
        if intake is not None:
            intake.drop()

    def _end(self) -> None:
        """A caller who is still sending would lose the answer if the connection were closed before its eyes."""
        if self._transport is None:
            return
        if self._more:
            self._lingers = True
            self._read_on()
        else:
            self._transport.close()

    def _write(self, data: bytes) -> None:
        """What is written in one turn of the loop leaves together, unless it is so much that it must be held back."""
        if len(data) >= _MUCH:  # in one turn an endpoint may be read many times, and nobody would say stop
            self._out.append(data)
            self._flush()
            return
        if not self._out:
            self._loop.call_soon(self._flush)
        self._out.append(data)

    def _flush(self) -> None:
        out, self._out = self._out, []
        if out and self._transport is not None:
            self._transport.write(out[0] if len(out) == 1 else b"".join(out))
