"""Any bytes at all, cut anywhere, to the gateway's own HTTP: one reading or none, an end, and never a fault of ours."""

from __future__ import annotations

import asyncio
import itertools
import os
import re
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.gateway import upstream
from seatrial.gateway.call import Call
from seatrial.gateway.limits import LIMITS
from seatrial.gateway.server import Connection, House
from seatrial.gateway.spool import Spools
from simulators.gateway_fakes import FakeDoor, FakeListener
from simulators.strict_reader import Reading, answer_in, requests_in

LIMITED = replace(LIMITS, header_bytes=4096, body_bytes=4096, unknown_bytes=4096)
EXAMPLES = int(os.environ.get("SEATRIAL_EXAMPLES", "300"))


@dataclass
class Wire:
    """A transport in memory. Like a socket's it says nothing more once it is closed."""

    protocol: Any = None
    said: bytes = b""
    closed: bool = False
    paused: bool = False

    def write(self, data: bytes) -> None:
        if not self.closed:
            self.said += data

    def writelines(self, parts: list[bytes]) -> None:
        self.write(b"".join(parts))

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            asyncio.get_running_loop().call_soon(self.protocol.connection_lost, None)

    abort = close

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False

    def get_write_buffer_size(self) -> int:
        return 0

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default


class AtOnce(ThreadPoolExecutor):
    """Threads that have always just done it: the same bytes come to the same end each time."""

    def submit(self, work: Any, /, *said: Any, **more: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(work(*said, **more))
        except BaseException as error:
            done.set_exception(error)
        return done


@dataclass
class Answering:
    """In the conductor's place: keeps what was read, and answers each at once or a moment later."""

    later: bool
    taken: list[Call] = field(default_factory=list)
    stopping: bool = False

    def take(self, call: Call, reply: Any) -> None:
        self.taken.append(call)

        def answer() -> None:
            reply.start(200, [("Content-Length", "2")])
            reply.write(b"ok")
            reply.finish()

        if self.later:
            asyncio.get_running_loop().call_later(0, answer)
        else:
            answer()


@dataclass
class Outcome:
    taken: list[Call]
    said: bytes
    closed: bool

    @property
    def answers(self) -> int:
        return len(re.findall(rb"HTTP/1\.1 [2-5]\d\d ", self.said))


def given_to_the_gateway(
    data: bytes, cuts: list[int], *, later: bool = False, then: float = 0.0, spooled: bool = False
) -> Outcome:
    """What the gateway makes of bytes that come in these pieces; ``then`` seconds pass after them. ``spooled`` takes
    all but the smallest bodies through files.
    """
    faults: list[dict[str, Any]] = []
    limits = replace(LIMITED, memory_bytes=3) if spooled else LIMITED

    async def main() -> Outcome:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: faults.append(context))
        conductor, spools = Answering(later), Spools(None, 2**30)
        spools.threads = AtOnce()
        house = House(conductor, FakeDoor(), limits, spools)  # type: ignore[arg-type]
        connection, wire = Connection(house), Wire()
        wire.protocol = connection
        connection.connection_made(wire)  # type: ignore[arg-type]
        edges = sorted({0, *(cut % (len(data) + 1) for cut in cuts), len(data)})
        for start, end in itertools.pairwise(edges):
            for _ in range(60):  # a socket holds back what is not wanted yet
                if not wire.paused:
                    break
                await asyncio.sleep(0)
            assert not wire.paused
            if wire.closed:
                break
            connection.data_received(data[start:end])
        for _ in range(200):
            await asyncio.sleep(0)
        for seconds in (LIMITED.linger_seconds + 0.1, then, then):  # whoever is refused may linger for a moment
            connection.tick(loop.time() + seconds)
            for _ in range(5):
                await asyncio.sleep(0)
        return Outcome(conductor.taken, wire.said, wire.closed)

    found = asyncio.run(main())
    assert not faults
    return found


GET = b"GET /v1/models/north HTTP/1.1\r\nHost: h\r\n\r\n"
POST = b'POST /v1/completions HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer k\r\nContent-Length: 12\r\n\r\n{"model": 1}'
CHUNKED = (
    b"POST /v1/messages HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n"
    b'5\r\n{"mod\r\n7;a=b\r\nel": 1}\r\n0\r\nX-Trailer: y\r\nAuthorization: Bearer t\r\n\r\n'
)
OLD = b"POST /v1/embeddings HTTP/1.0\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\n{}"
HEAD = b"HEAD /healthz HTTP/1.1\r\nHost: h\r\nX: a\xe4 b\r\n\r\n"
LAST = b"POST /v1/responses HTTP/1.1\r\nhost: h\r\nConnection: close\r\ncontent-length: 0\r\n\r\n"
ODD = b"GET /else?a=b HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nExpect: 100-continue\r\n\r\n"
SEEDS = [GET, POST, CHUNKED, OLD, HEAD, LAST, ODD]

PIECES = st.one_of(
    st.sampled_from(
        [
            *(
                b"\r",
                b"\n",
                b"\r\n",
                b"\n\n",
                b"\r\n\r\n",
                b"\0",
                b" ",
                b"\t",
                b"\x0b",
            ),
            *(b"\x0c", b":", b";", b",", b'"', b"\\", b"?", b"#", b"%0a"),
            *(b"0", b"00", b"1", b"-", b"+", b"_", b"0x", b"\x7f", b"\x80", b"\xff", b"\r\n ", b"\r\n\t"),
            *(b"Content-Length: 5\r\n", b"Content-Length: 0\r\n", b"content-length:\r\n", b"Content-Length : 3\r\n"),
            *(b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: identity\r\n", b"Transfer-Encoding:\r\n"),
            *(b"transfer-encoding: chunked, chunked\r\n", b"Transfer-Encoding : chunked\r\n", b"Host: other\r\n"),
            *(b"Connection: close\r\n", b"Connection: keep-alive, close\r\n", b"Upgrade: h2c\r\n", b"0\r\n\r\n"),
            *(b"HTTP/1.1", b"HTTP/1.0", b"HTTP/2.0", b"http/1.1", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"CONNECT "),
            *(GET, POST, CHUNKED),
        ]
    ),
    st.binary(min_size=1, max_size=6),
)


@st.composite
def spoiled(draw: st.DrawFn, seeds: list[bytes] = SEEDS) -> bytes:
    """Good messages one after the other, then put in, cut out, doubled and swapped, somewhere."""
    data = b"".join(draw(st.lists(st.sampled_from(seeds), min_size=1, max_size=3)))
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 12)))
        how = draw(st.sampled_from(["put in", "put in", "replace", "cut out", "double", "cut off"]))
        if how == "put in":
            data = data[:start] + draw(PIECES) + data[start:]
        elif how == "replace":
            data = data[:start] + draw(PIECES) + data[start + 1 :]
        elif how == "cut out":
            data = data[:start] + data[end:]
        elif how == "double":
            data = data[:end] + data[start:]
        else:
            data = data[:start]
    return data


CUTS = st.lists(st.integers(0, 2000), max_size=6)


def asked(reading: Reading) -> list[tuple[bytes, bytes, bytes, tuple[tuple[bytes, bytes], ...]]]:
    """What the strict reader found for the gateway's calls."""
    return [
        (message.line[0], message.line[1].partition(b"?")[0][4:], message.body, message.fields)
        for message in reading.messages
        if message.line[1].partition(b"?")[0].startswith(b"/v1/")
    ]


def understood(call: Call) -> tuple[bytes, bytes, bytes, tuple[tuple[bytes, bytes], ...]]:
    fields = tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in call.headers.fields)
    body = call.body if isinstance(call.body, bytes) else b"".join(map(call.body.read, range(call.body.pieces)))
    return call.method.encode(), call.path.encode("latin-1"), body, fields


@settings(max_examples=EXAMPLES, deadline=None)
@given(data=spoiled(), cuts=CUTS, later=st.booleans(), spooled=st.booleans())
def test_no_request_is_read_in_another_way_than_the_rfc_has_it(data, cuts, later, spooled):
    """What was taken is what the strict reader read, in its order, and nothing that it did not."""
    found, reading = given_to_the_gateway(data, cuts, later=later, spooled=spooled), requests_in(data)
    strict = asked(reading)
    taken = [understood(call) for call in found.taken]
    assert taken == strict[: len(taken)]
    if len(taken) < len(strict):
        assert found.closed, f"{len(taken)} of {len(strict)} were taken, {found.answers} answered: {data!r}"
    if reading.rest == "doubtful" and not found.closed:  # some doubts are noticed at the end of a head
        found = given_to_the_gateway(data + b"\r\n\r\n" * 2 + GET, cuts, later=later, spooled=spooled)
        assert found.closed
        assert [understood(call) for call in found.taken] == taken
    if not found.closed:
        assert found.answers == len(reading.messages)


@settings(max_examples=EXAMPLES, deadline=None)
@given(data=spoiled(), cuts=CUTS)
def test_it_does_not_matter_how_the_bytes_are_cut(data, cuts):
    def told(outcome: Outcome) -> Any:
        said = re.sub(rb"Date: [^\r]*\r\n|HTTP/1.1 100 Continue\r\n\r\n", b"", outcome.said)
        return [understood(call) for call in outcome.taken], said, outcome.closed

    whole = told(given_to_the_gateway(data, []))
    assert told(given_to_the_gateway(data, cuts)) == whole
    assert told(given_to_the_gateway(data, cuts, spooled=True)) == whole
    assert told(given_to_the_gateway(data, list(range(len(data))), later=True)) == whole


@settings(max_examples=EXAMPLES, deadline=None)
@given(data=spoiled(), cuts=CUTS, spooled=st.booleans())
def test_whoever_leaves_a_request_unfinished_is_told_and_hung_up_on(data, cuts, spooled):
    found = given_to_the_gateway(data, cuts, spooled=spooled, then=LIMITED.request_seconds + LIMITED.keepalive_seconds)
    assert found.closed


PLAIN = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{"usage": 1}'
STREAM = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"8\r\ndata: 1\n\r\n9;x=y\r\n\ndata: 2\n\r\n0\r\nX-Trailer: y\r\n\r\n"
)
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + PLAIN
UNTIL_CLOSED = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nas long as it lasts"
NOTHING = b"HTTP/1.1 204 No Content\r\nX: a\xe4 b\r\n\r\n"
OLD_ANSWER = b"HTTP/1.0 503 Busy\r\nContent-Length: 2\r\n\r\n{}"
SWITCHED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"
ANSWERS = [PLAIN, STREAM, HINTS, UNTIL_CLOSED, NOTHING, OLD_ANSWER, SWITCHED]


def heard_from_an_endpoint(data: bytes, cuts: list[int], *, closes: bool) -> tuple[FakeListener, bool]:
    """What a listener hears of an answer of these bytes, and whether the connection is used again."""
    faults: list[dict[str, Any]] = []
    rested: list[Any] = []

    async def main() -> tuple[FakeListener, bool]:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context))
        connection = upstream._Connection((False, "h", 80), rested.append, lambda _: None)
        wire, listener = Wire(), FakeListener()
        wire.protocol = connection
        connection.connection_made(wire)  # type: ignore[arg-type]
        connection.carry(upstream._Sending(listener, bodiless=False), b"GET / HTTP/1.1\r\n\r\n", b"")
        edges = sorted({0, *(cut % (len(data) + 1) for cut in cuts), len(data)})
        for start, end in itertools.pairwise(edges):
            if wire.closed:
                break
            connection.data_received(data[start:end])
            await asyncio.sleep(0)
        if closes and not wire.closed:
            wire.close()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return listener, bool(rested) and not wire.closed

    found = asyncio.run(main())
    assert not faults
    return found


@settings(max_examples=EXAMPLES, deadline=None)
@given(data=spoiled(ANSWERS), cuts=CUTS, closes=st.booleans())
def test_no_answer_is_read_in_another_way_than_the_rfc_has_it(data, cuts, closes):
    """A whole answer is the one that the strict reader read; of any other its beginning passes at most."""
    listener, used_again = heard_from_an_endpoint(data, cuts, closes=closes)
    reading = answer_in(data, closed=closes)
    whole = listener.over.is_set() and listener.error is None
    assert not (listener.over.is_set() and listener.error is not None and used_again)
    if reading.messages:
        [strict] = reading.messages
        assert strict.body.startswith(listener.body)
        if whole:
            assert (str(listener.status).encode(), listener.body) == (strict.line[0], strict.body)
        return
    assert not whole, "an answer was passed on as whole that nobody can read in one way only"
    assert reading.begun.startswith(listener.body)
    if closes:
        assert listener.error is not None
    if reading.rest == "doubtful":
        assert not used_again


@settings(max_examples=EXAMPLES, deadline=None)
@given(seed=st.sampled_from(ANSWERS[:-1]), cuts=CUTS, more=st.binary(max_size=30))
def test_a_good_answer_is_whole_however_it_is_cut_and_what_follows_it_is_nobodys(seed, cuts, more):
    until_closed = seed is UNTIL_CLOSED
    listener, used_again = heard_from_an_endpoint(seed + more, cuts, closes=until_closed)
    [strict] = answer_in(seed + more, closed=until_closed).messages
    assert listener.error is None
    assert (listener.over.is_set(), listener.body) == (True, strict.body)
    assert not (used_again and more.strip(b"\r\n"))
