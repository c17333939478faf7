"""An endpoint that is down, slow, broken or indiscreet, a caller that sends too much, a database that is away."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import threading
import time

import httpx
import openai
import pytest
from django.db import connection

from seatrial.gateway.door import DatabaseDoor
from seatrial.gateway.listening import bind
from seatrial.gateway.live import Live
from seatrial.gateway.problems import away
from seatrial.kernel.clock import now
from seatrial.kernel.errors import Unavailable
from seatrial.ledger import api as ledger
from seatrial.review.access import api as access
from simulators.running_gateway import RunningGateway, limits
from simulators.scripted_upstream import SECRET

from .conftest import open_channel
from .test_ending import Reading

ASK = {"model": "north-7b", "max_tokens": 50}


def post(gateway, channel, words: str, **more) -> httpx.Response:
    body = {**ASK, "messages": [{"role": "user", "content": words}], **more}
    return httpx.post(
        f"{gateway.url}/v1/chat/completions",
        json=body,
        headers={"Authorization": f"Bearer {channel.key}"},
        timeout=20,
    )


def ended(channel) -> str | None:
    return channel.settled()[0].ended


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        ("hang", 504, "upstream-slow"),
        ("redirect", 502, "upstream-redirected"),
        ("unauthorised", 502, "upstream-refused"),
    ],
)
def test_an_endpoint_that_fails_before_it_answers_is_a_clear_problem(gateway, channel, words, status, code):
    answer = post(gateway, channel, words)
    problem = answer.json()
    assert (answer.status_code, problem["status"], problem["error"]["code"]) == (status, status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["type"] == f"urn:seatrial:problem:{code}"
    assert problem["error"]["message"] == problem["detail"]
    assert SECRET not in answer.text
    assert "location" not in answer.headers
    assert len(channel.upstream.requests) == 1
    assert (ended(channel), access.usage(channel.world.evaluator, channel.review).in_flight) == ("upstream-failed", 0)


def test_an_endpoint_that_is_down_is_a_502(durable_world, upstream):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        nobody = taken.getsockname()[1]
    channel = open_channel(durable_world, upstream, upstream=f"http://127.0.0.1:{nobody}/v1")
    with RunningGateway() as gateway:
        answer = post(gateway, channel, "hello")
        assert (answer.status_code, answer.json()["error"]["code"]) == (502, "upstream-down")
        with pytest.raises(openai.InternalServerError, match="cannot be reached"):
            gateway.client(channel.key).chat.completions.create(messages=[], **ASK)
    assert access.usage(durable_world.evaluator, channel.review).tokens == 0


def test_a_broken_stream_passes_as_bytes_and_harms_nobody(gateway, channel):
    answer = post(gateway, channel, "broken", stream=True)
    assert answer.content == b'data: {"choices": [{"delta"\xff\xfe\n\ndata\ndata:\n\n: no\r\r\nid: \0\n\ndata: 7'
    assert ended(channel) == "complete"
    assert post(gateway, channel, "hello").status_code == 200


@pytest.mark.parametrize(("words", "code"), [("drop", "upstream-broke"), ("stall", "upstream-slow")])
def test_a_stream_that_breaks_off_ends_with_a_word(gateway, channel, words, code):
    answer = post(gateway, channel, words, stream=True)
    last = answer.text.strip().rsplit("\n\n", 1)[-1]
    assert last.startswith("event: error\ndata: ")
    assert json.loads(last.partition("data: ")[2])["error"]["code"] == code
    assert ended(channel) == "upstream-failed"


def test_an_answer_that_grows_past_its_reservation_is_cut(gateway, channel):
    answer = post(gateway, channel, "overrun", stream=True, max_tokens=20)
    assert '"code": "reservation-overrun"' in answer.text
    assert answer.text.count('"content"') <= 21
    assert ended(channel) == "reservation-overrun"


def test_the_developers_secret_never_leaves_whole(gateway, channel, caplog):
    with caplog.at_level(logging.DEBUG):
        answer = post(gateway, channel, "leak", stream=True)
        post(gateway, channel, "unauthorised")
        post(gateway, channel, "hello")
    assert '"code": "upstream-leaks"' in answer.text
    assert SECRET not in answer.text
    assert SECRET not in str(answer.headers)
    assert "set-cookie" not in answer.headers
    assert SECRET not in caplog.text
    assert channel.key not in caplog.text
    everything = [*ledger.entries(channel.world.security, limit=500)]
    everything += ledger.entries(channel.world.security, log=channel.world.lab, limit=500)
    assert SECRET not in repr(everything)
    assert channel.key not in repr(everything)
    with connection.cursor() as cursor:
        cursor.execute("SELECT sealed FROM access_upstreamcredential")
        assert SECRET not in cursor.fetchone()[0]


def test_a_body_or_headers_beyond_the_bounds_are_refused(durable_world, upstream):
    channel = open_channel(durable_world, upstream)
    with RunningGateway(limits(body_bytes=1000, request_seconds=0.5)) as gateway:
        assert post(gateway, channel, "x" * 1000).status_code == 413
        url, own = f"{gateway.url}/v1/chat/completions", {"Authorization": f"Bearer {channel.key}"}
        chunked = httpx.post(url, content=iter([b"x" * 600, b"x" * 600]), headers=own)
        assert (chunked.status_code, chunked.json()["error"]["code"]) == (413, "body-too-large")
        long = httpx.post(url, json=ASK, headers={**own, "X-Long": "x" * 20_000})
        assert (long.status_code, long.json()["error"]["code"]) == (431, "headers-too-large")
        packed = httpx.post(url, content=b"x", headers={**own, "Content-Encoding": "gzip"})
        assert (packed.status_code, packed.json()["error"]["code"]) == (415, "body-encoded")
        with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as slow:
            slow.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
            assert b" 408 " in slow.recv(65536)
        with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as rude:
            rude.sendall(b"\x16\x03\x01 this is no HTTP\r\n\r\n")
            assert b" 400 " in rude.recv(65536)
        assert httpx.get(f"{gateway.url}/healthz").status_code == 200
    assert upstream.requests == []


def test_a_caller_of_the_nineties_gets_its_stream_too(gateway, channel):
    body = json.dumps({**ASK, "messages": [{"role": "user", "content": "stream"}], "stream": True})
    head = f"POST /v1/chat/completions HTTP/1.0\r\nAuthorization: Bearer {channel.key}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as old:
        old.sendall((head + body).encode())
        found = b"".join(iter(lambda: old.recv(65536), b""))
    assert b" 200 OK\r\n" in found
    assert b"chunked" not in found
    assert found.endswith(b"data: [DONE]\n\n")


def test_a_gateway_whose_watch_ends_ends_itself(channel, monkeypatch):
    async def dead(_: Live) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Live, "watch", dead)
    gateway = RunningGateway()
    gateway.__enter__()
    gateway._thread.join(5)
    assert isinstance(gateway.fault, RuntimeError)


class Switch(DatabaseDoor):
    """The real door; ``away`` makes its database fail, ``stuck`` makes it answer nothing."""

    away = stuck = False

    def authorise(self, request, heard):
        if self.away:
            asyncio.get_running_loop().call_soon(heard, away())
        elif not self.stuck:
            super().authorise(request, heard)

    async def changed(self, seconds):
        await self._trouble()
        return await super().changed(seconds)

    async def still_open(self, exchanges):
        await self._trouble()
        return await super().still_open(exchanges)

    async def ready(self):
        await self._trouble()
        await super().ready()

    async def _trouble(self) -> None:
        while self.stuck:  # noqa: ASYNC110 - thrown from another thread
            await asyncio.sleep(0.05)
        if self.away:
            raise away()


@pytest.mark.parametrize("trouble", ["away", "stuck"])
def test_without_its_database_the_gateway_lets_nothing_through_and_cuts_within_the_bound(channel, trouble):
    doors: list[Switch] = []

    def door() -> Switch:
        doors.append(Switch())
        return doors[0]

    with RunningGateway(limits(decide_seconds=0.7), door) as gateway:
        reading = Reading(gateway.client(channel.key))
        setattr(doors[0], trouble, True)
        begun = time.monotonic()
        answer = post(gateway, channel, "hello")
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "database-away")
        assert time.monotonic() - begun <= 1.5
        reading.end()
        assert reading.ended - begun <= 1.0
        assert reading.error.code == "access-unverified"
        assert httpx.get(f"{gateway.url}/readyz").status_code == 503
        assert httpx.get(f"{gateway.url}/healthz").status_code == 200
        setattr(doors[0], trouble, False)
        channel.settled()  # as soon as it can be
        assert access.usage(channel.world.evaluator, channel.review).in_flight == 0
        assert post(gateway, channel, "hello").status_code == 200
    for view in channel.settled():  # whatever happened, each has its receipt once the gateway has stopped
        access.receipt(channel.world.security, view.id, now())


def test_a_gateway_that_stops_lets_calls_end_and_ends_the_others_with_a_word(channel):
    channel.upstream.interval = 0.05
    gateway = RunningGateway(limits(drain_seconds=1.0))
    gateway.__enter__()
    long = Reading(gateway.client(channel.key))
    short = Reading(gateway.client(channel.key), "stream")
    gateway.__exit__()
    assert short.end().error is None
    assert long.end().error.code == "gateway-stopping"
    assert {view.ended for view in access.exchanges(channel.world.security, channel.review)} == {
        "complete",
        "gateway-stopped",
    }


def test_what_an_earlier_gateway_left_open_is_settled_with_its_whole_reservation(channel):
    class Dead(DatabaseDoor):
        def settle(self, settlement):
            """It dies before it could."""

    with RunningGateway(limits(drain_seconds=0.1), Dead) as gateway:
        port = gateway.port
        Reading(gateway.client(channel.key))
    before = access.usage(channel.world.security, channel.review)
    assert before.in_flight == 1
    with RunningGateway(port=port):
        [view] = access.exchanges(channel.world.security, channel.review)
        assert (view.ended, view.status) == ("gateway-stopped", 0)
        after = access.usage(channel.world.security, channel.review)
        assert (after.requests, after.tokens, after.in_flight) == (before.requests, before.tokens, 0)
    assert access.settle_abandoned(gateway="nobody", now=now()) == 0


def test_a_port_in_use_is_one_clear_sentence():
    with bind("127.0.0.1", 0) as taken, pytest.raises(Unavailable, match="SEATRIAL_GATEWAY_PORT") as refused:
        bind("127.0.0.1", taken.getsockname()[1])
    assert refused.value.code == "port-in-use"


def test_a_withdrawal_that_commits_first_wins_over_every_call_in_the_door(gateway, channel):
    """However calls and a withdrawal race, none is on record that was not when the withdrawal had committed."""
    outcomes: list[int] = []
    threads = [
        threading.Thread(target=lambda: outcomes.append(post(gateway, channel, "hello").status_code)) for _ in range(24)
    ]
    for thread in threads:
        thread.start()
    time.sleep(0.05)
    channel.withdraw()
    known = len(access.exchanges(channel.world.security, channel.review, limit=500))
    for thread in threads:
        thread.join()
    assert len(access.exchanges(channel.world.security, channel.review, limit=500)) == known
    assert set(outcomes) <= {200, 403}
