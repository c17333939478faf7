"""Doubtful requests on the wire, callers and endpoints that do not keep to the protocol."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest
from benchmarks.gateway_parts.ambiguous import AMBIGUOUS, answers_to
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seatrial.review.access import api as access
from simulators.running_gateway import RunningGateway, limits

from .conftest import open_channel

ASK = {"model": "north-7b", "max_tokens": 50}


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_a_doubtful_request_is_refused_and_nothing_of_it_goes_on(gateway, channel, name):
    key = f"Authorization: Bearer {channel.key}".encode()
    raw = AMBIGUOUS[name].replace(b"{auth}", key).replace(b'"north"', b'"north-7b"')
    said = answers_to(gateway.port, raw, silence=0.4)
    passed = [request for request in channel.upstream.requests if request.method == "POST"]
    assert said.count(b"HTTP/1.1 200 OK") == len(passed) <= 1
    if not passed:
        assert said == b"" or 400 <= int(said.split()[1]) < 600
    else:  # read in the one way that RFC 9112 has for it
        assert json.loads(passed[0].body)["model"] == "north-7b"
    assert all(request.path == "/v1/chat/completions" for request in passed)


def test_calls_sent_ahead_are_answered_in_order_and_one_at_a_time(gateway, channel):
    body = json.dumps({**ASK, "messages": [{"role": "user", "content": "hello"}]}).encode()
    head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer %b\r\n" % channel.key.encode()
    head += b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    said = answers_to(
        gateway.port, (head + body) * 5 + b"GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", silence=0.4
    )
    assert said.count(b"HTTP/1.1 200 OK") == 6
    assert said.endswith(b"ok\n")
    assert len(channel.upstream.requests) == 5


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300), st.integers(0, 400))
def test_no_bytes_harm_the_gateway(gateway, channel, noise, cut):
    """Noise, and a good request cut off and spoiled anywhere."""
    good = b"POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}"
    for raw in (noise, good[:cut] + noise, noise + good):
        with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as one:
            one.sendall(raw)
    assert httpx.get(f"{gateway.url}/healthz", timeout=10).status_code == 200
    assert channel.upstream.requests == []


@contextmanager
def lying(answer: bytes, *, then: Callable[[socket.socket], None] = socket.socket.close) -> Iterator[int]:
    """An endpoint that says ``answer`` to whatever comes; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    one, _ = listening.accept()
                except OSError:
                    return
                one.recv(65536)
                one.sendall(answer)
                then(one)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(5)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (HEAD + b"Content-Length: 100\r\n\r\n{}", None),  # less than it said: the caller's answer breaks off
        (HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 502),
        (HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}", 502),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}", None),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", 502),
        (b"SSH-2.0-OpenSSH\r\n", 502),
        (b"", 502),
        (b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + HEAD + b"Content-Length: 2\r\n\r\n{}", 200),
        (HEAD + b"\r\n{}", 200),  # the end of the connection ends it
        (HEAD + b"Content-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nOther", 200),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204),
    ],
)
def test_an_endpoint_that_lies_harms_its_own_answer_only(durable_world, upstream, answer, status):
    with lying(answer) as port:
        channel = open_channel(durable_world, upstream, upstream=f"http://127.0.0.1:{port}/v1")
        with RunningGateway(limits(idle_seconds=2.0)) as gateway:
            for _ in range(2):
                body = {**ASK, "messages": [{"role": "user", "content": "hello"}]}
                url, own = f"{gateway.url}/v1/chat/completions", {"Authorization": f"Bearer {channel.key}"}
                if status is None:
                    with pytest.raises(httpx.TransportError):
                        httpx.post(url, json=body, headers=own)
                    continue
                got = httpx.post(url, json=body, headers=own)
                assert got.status_code == status
                if status == 200:
                    assert got.content == b"{}"
            views = channel.settled()
    assert [view.ended for view in views] == ["complete" if status in (200, 204) else "upstream-failed"] * 2
    assert access.usage(durable_world.evaluator, channel.review).in_flight == 0
