"""Large bodies pass through both ways without being held in memory, and none of them is left behind."""

from __future__ import annotations

import hashlib
import json
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from seatrial.gateway.certificates import Certificates, Files, endpoints_context
from seatrial.review.access.types import Side, Why
from seatrial.review.cases.types import Keeping
from simulators.certificates import Authority
from simulators.drinking_endpoint import DrinkingEndpoint
from simulators.gateway_fakes import FakeDoor
from simulators.running_gateway import RunningGateway, limits

from .conftest import open_channel
from .test_kept_bodies import Kept, registered

MIB = 2**20
KEY = "stk_" + "a" * 12 + "_" + "b" * 40
ROOM = 64 * MIB
BOUNDS = {"spool_bytes": ROOM, "drain_seconds": 0.2, "request_seconds": 5.0}


@pytest.fixture
def endpoint() -> Iterator[DrinkingEndpoint]:
    with DrinkingEndpoint() as running:
        yield running


@pytest.fixture
def door(endpoint) -> FakeDoor:
    return FakeDoor(upstream=endpoint.base_url)


@pytest.fixture
def gateway(door, tmp_path, looks) -> Iterator[RunningGateway]:
    with RunningGateway(limits(**BOUNDS), lambda: door, spool=tmp_path) as running:
        yield running


@pytest.fixture
def looks(monkeypatch) -> None:
    """The door lets everybody through, so any word is a key."""
    monkeypatch.setattr("seatrial.gateway.server.looks_like_key", bool)


def left(gateway: RunningGateway) -> float:
    return gateway.metrics.registry.get_sample_value("seatrial_gateway_spool_left_bytes") or 0.0


def comes(holds, seconds: float = 5.0) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.01)


def noise(size: int, piece: int = 2**18) -> Iterator[bytes]:
    for number in range(size // piece):
        yield number.to_bytes(8, "big") * (piece // 8)


def digest_of(pieces: Iterator[bytes]) -> str:
    found = hashlib.sha256()
    for piece in pieces:
        found.update(piece)
    return f"sha256:{found.hexdigest()}"


def send(gateway: RunningGateway, content, *, kind: str = "application/octet-stream", key: str = KEY, **more):
    headers = {"Authorization": f"Bearer {key}", "Content-Type": kind, **more.pop("headers", {})}
    url = f"{gateway.url}/v1/chat/completions"
    return httpx.post(url, content=content, headers=headers, timeout=60, **more)


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


# -- requests -----------------------------------------------------------------------------------------


def test_a_large_json_body_is_decided_and_passes_byte_for_byte(durable_world, endpoint, tmp_path):
    channel = open_channel(durable_world, endpoint)
    words = "Ahoy! " * (5 * MIB // 6)
    with RunningGateway(limits(**BOUNDS), spool=tmp_path) as gateway:
        ask = {"model": "north-7b", "max_tokens": 5, "messages": [{"role": "user", "content": words[: 2 * MIB]}]}
        body = json.dumps(ask).encode()
        assert send(gateway, body, kind="application/json", key=channel.key).status_code == 200
        assert endpoint.took[0].digest == f"sha256:{hashlib.sha256(body).hexdigest()}"
        [view] = channel.settled()
        assert (view.request_digest, view.request_bytes) == (endpoint.took[0].digest, len(body))
        foreign = json.dumps({**ask, "model": "south-70b"}).encode()
        assert code(send(gateway, foreign, kind="application/json", key=channel.key)) == (403, "model-not-consented")
        assert code(send(gateway, body[:-1], kind="application/json", key=channel.key)) == (400, "body-invalid")
        twice = body[:-1] + b', "model": "south-70b"}'
        assert code(send(gateway, twice, kind="application/json", key=channel.key)) == (400, "body-invalid")
        dead = f"{channel.key[:-1]}{'a' if channel.key[-1] != 'a' else 'b'}"
        assert code(send(gateway, body, kind="application/json", key=dead)) == (401, "unknown-key")
        greedy = json.dumps({**ask, "messages": [{"role": "user", "content": words}]}).encode()
        assert code(send(gateway, greedy, kind="application/json", key=channel.key)) == (429, "tokens-spent")
        comes(lambda: left(gateway) == ROOM)
    assert len(endpoint.took) == 1


def test_a_large_body_is_kept_sealed_where_the_consent_says_so(durable_world, endpoint, tmp_path):
    lab = registered(durable_world.security, tmp_path / "lab.key")
    kept = Kept(open_channel(durable_world, endpoint, keeping=Keeping((lab.public.id,), 3)), lab, lab)
    ask = {"model": "north-7b", "max_tokens": 5, "messages": [{"role": "user", "content": "Ahoy! " * 400_000}]}
    body = json.dumps(ask).encode()
    with RunningGateway(limits(**BOUNDS)) as gateway:
        assert send(gateway, body, kind="application/json", key=kept.channel.key).status_code == 200
        [view] = kept.channel.settled()
        comes(lambda: left(gateway) == ROOM)
    assert kept.opened(view, Side.REQUEST) == body
    assert view.request_digest == endpoint.took[0].digest


def test_other_bodies_stream_through_in_flat_memory(gateway, door, endpoint):
    size = 48 * MIB
    send(gateway, noise(8 * MIB))
    before, most = resident(), 0.0

    def watched() -> Iterator[bytes]:
        nonlocal most
        for piece in noise(size):
            most = max(most, resident())
            yield piece

    answer = send(gateway, watched())
    assert answer.json()["bytes"] == size
    assert answer.json()["digest"] == digest_of(noise(size)) == door.asked[-1].request_digest
    assert b"chunked" not in endpoint.took[-1].head
    assert max(most, resident()) - before < 24
    comes(lambda: left(gateway) == ROOM)


def resident() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


def test_a_large_body_comes_over_tls_too(door, endpoint, tmp_path, looks):
    authority = Authority(tmp_path)
    pair = authority.certify("127.0.0.1")
    certificates = Certificates(Files(pair.certificate, pair.key))
    with RunningGateway(limits(**BOUNDS), lambda: door, certificates=certificates, spool=tmp_path) as gateway:
        answer = send(gateway, noise(12 * MIB), verify=authority.trusted())
        assert answer.json()["digest"] == digest_of(noise(12 * MIB))


def test_and_goes_on_over_tls_as_fast_as_the_endpoint_takes_it(tmp_path, looks):
    authority = Authority(tmp_path)
    tls = authority.certify("127.0.0.1").server_context()
    with DrinkingEndpoint(tls=tls) as endpoint:
        door, trusting = FakeDoor(upstream=endpoint.base_url), endpoints_context(authority.file, None, None)
        with RunningGateway(limits(**BOUNDS), lambda: door, endpoints=trusting, spool=tmp_path) as gateway:
            assert send(gateway, noise(12 * MIB)).json()["digest"] == digest_of(noise(12 * MIB))
            endpoint.manner = "slow"
            answer = send(gateway, noise(16 * MIB))
            assert answer.json()["digest"] == digest_of(noise(16 * MIB))
            comes(lambda: left(gateway) == ROOM)


def test_json_beyond_its_bound_is_refused_while_it_comes(gateway, endpoint):
    declared = send(gateway, b" " * (21 * MIB), kind="application/json")
    chunked = send(gateway, noise(40 * MIB), kind="application/json")
    assert code(declared) == code(chunked) == (413, "body-too-large")
    assert str(20 * MIB) in declared.json()["detail"]
    assert endpoint.took == []
    comes(lambda: left(gateway) == ROOM)


def test_others_have_a_bound_too(door, endpoint, tmp_path, looks):
    with RunningGateway(limits(**BOUNDS, large_bytes=30 * MIB), lambda: door, spool=tmp_path) as gateway:
        assert send(gateway, noise(30 * MIB)).status_code == 200
        assert code(send(gateway, noise(31 * MIB))) == (413, "body-too-large")
        comes(lambda: left(gateway) == ROOM)


def test_a_body_without_a_kind_is_held_to_the_bound_of_json(gateway):
    headers = {"Authorization": f"Bearer {KEY}"}
    answer = httpx.post(f"{gateway.url}/v1/x", content=noise(40 * MIB), headers=headers, timeout=60)
    assert code(answer) == (413, "body-too-large")


def test_who_waits_to_be_asked_is_asked_only_for_what_is_taken(gateway):
    def head(size: int, kind: str) -> bytes:
        lines = f"POST /v1/x HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {KEY}\r\nContent-Type: {kind}\r\n"
        return f"{lines}Content-Length: {size}\r\nExpect: 100-continue\r\n\r\n".encode()

    with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as one:
        one.sendall(head(3 * MIB, "application/octet-stream"))
        assert one.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        one.sendall(b"x" * (3 * MIB))
        said = b""
        while b'"choices"' not in said:
            said += one.recv(1000)
        assert said.startswith(b"HTTP/1.1 200 OK\r\n")
        one.sendall(head(30 * MIB, "application/json"))
        assert one.recv(1000).startswith(b"HTTP/1.1 413 ")


def test_large_and_small_calls_sent_ahead_are_answered_in_order_however_they_are_cut(gateway, endpoint):
    def raw(size: int) -> bytes:
        head = f"POST /v1/x HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {KEY}\r\nContent-Type: text/plain\r\n"
        return f"{head}Content-Length: {size}\r\n\r\n".encode() + b"y" * size

    sizes = [3 * MIB, 10, 2 * MIB, 1000, 2 * MIB + 1, 30]
    whole = b"".join(raw(size) for size in sizes)
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=20) as one:
        threading.Thread(target=piecemeal, args=(one, whole), daemon=True).start()
        said, until = b"", time.monotonic() + 20
        while said.count(b'"bytes"') < len(sizes) and time.monotonic() < until:
            said += one.recv(65536)
    assert [took.bytes for took in endpoint.took] == sizes
    found = [int(part.split(b",")[0]) for part in said.split(b'"bytes": ')[1:]]
    assert found == sizes


def piecemeal(one: socket.socket, whole: bytes) -> None:
    step = 700_001
    for start in range(0, len(whole), step):
        one.sendall(whole[start : start + step])
        time.sleep(0.005)


def test_room_is_for_those_we_know(gateway, door, endpoint):
    door.strangers.add("stk-nobody")
    answer = send(gateway, noise(40 * MIB), key="stk-nobody")
    assert code(answer) == (401, "unknown-key")
    declared = send(gateway, b"x" * (30 * MIB), key="stk-nobody")
    assert code(declared) == (401, "unknown-key")
    door.away = True
    assert code(send(gateway, noise(40 * MIB))) == (503, "database-away")
    door.away = False
    comes(lambda: left(gateway) == ROOM)
    assert endpoint.took == []


# -- endpoints that do not take them ------------------------------------------------------------------


def test_a_slow_endpoint_is_waited_for_as_long_as_it_takes_some(endpoint, door, tmp_path, looks):
    endpoint.manner = "slow"
    with RunningGateway(limits(**BOUNDS, first_byte_seconds=1.5), lambda: door, spool=tmp_path) as gateway:
        begun = time.monotonic()
        assert send(gateway, noise(32 * MIB)).json()["bytes"] == 32 * MIB
        assert time.monotonic() - begun > 2.0


def test_one_that_takes_nothing_more_is_slow(endpoint, door, tmp_path, looks):
    endpoint.manner = "stall"
    with RunningGateway(limits(**BOUNDS, first_byte_seconds=0.7), lambda: door, spool=tmp_path) as gateway:
        assert code(send(gateway, noise(32 * MIB))) == (504, "upstream-slow")
        comes(lambda: left(gateway) == ROOM)


@pytest.mark.parametrize("manner", ["drop", "enough"])
def test_one_that_has_enough_says_so_and_its_connection_is_not_used_again(endpoint, gateway, manner):
    endpoint.manner = manner
    answer = send(gateway, noise(32 * MIB))
    if manner == "enough":
        assert (answer.status_code, answer.text) == (413, "enough")
    else:
        assert code(answer) == (502, "upstream-broke")
    endpoint.manner = "whole"
    assert send(gateway, noise(2 * MIB)).json()["bytes"] == 2 * MIB
    comes(lambda: left(gateway) == ROOM)


def test_the_end_of_a_right_ends_a_body_on_its_way(endpoint, gateway, door):
    endpoint.manner = "slow"
    answers: list[httpx.Response] = []
    sending = threading.Thread(target=lambda: answers.append(send(gateway, noise(32 * MIB))))
    sending.start()
    comes(lambda: bool(endpoint.took and endpoint.took[0].bytes))
    door.why = Why.WITHDRAWN
    sending.join(5)
    assert code(answers[0]) == (403, "withdrawn")
    comes(lambda: left(gateway) == ROOM)
    assert endpoint.took[0].bytes < 32 * MIB


# -- callers and disks --------------------------------------------------------------------------------


def test_who_leaves_in_the_middle_leaves_nothing(gateway, endpoint, tmp_path):
    head = f"POST /v1/x HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {KEY}\r\nContent-Type: a/b\r\n"
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as one:
        one.sendall(f"{head}Content-Length: {40 * MIB}\r\n\r\n".encode() + b"x" * (10 * MIB))
        comes(lambda: left(gateway) < ROOM)
        assert list(tmp_path.iterdir()) == []
    comes(lambda: left(gateway) == ROOM)
    assert endpoint.took == []


def test_a_caller_who_dribbles_is_slow(door, tmp_path, looks):
    bounds = limits(**{**BOUNDS, "request_seconds": 0.5}, body_rate=64 * MIB)
    with RunningGateway(bounds, lambda: door, spool=tmp_path) as gateway:
        head = f"POST /v1/x HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {KEY}\r\nContent-Type: a/b\r\n"
        with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as one:
            one.sendall(f"{head}Content-Length: {40 * MIB}\r\n\r\n".encode() + b"x" * (2 * MIB))
            assert b"request-slow" in one.recv(4000)
        comes(lambda: left(gateway) == ROOM)


def test_beyond_the_room_for_all_of_them_one_is_told_to_wait(gateway, endpoint):
    endpoint.manner = "slow"
    first = threading.Thread(target=send, args=(gateway, noise(40 * MIB)))
    first.start()
    comes(lambda: left(gateway) <= ROOM - 40 * MIB)
    refused = send(gateway, noise(40 * MIB))
    assert code(refused) == (503, "spool-full")
    assert refused.headers["retry-after"] == "1"
    declared = send(gateway, b"x" * (30 * MIB))
    assert code(declared) == (503, "spool-full")
    assert send(gateway, b"small").status_code == 200
    endpoint.manner = "whole"
    first.join(20)
    comes(lambda: left(gateway) == ROOM)
    assert send(gateway, noise(40 * MIB)).status_code == 200


def test_a_disk_that_is_full_is_one_clear_sentence(gateway, endpoint, monkeypatch):
    usual = tempfile.TemporaryFile

    def full(**_: object) -> object:
        return Path("/dev/full").open("r+b", buffering=0)

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    answer = send(gateway, noise(8 * MIB))
    assert code(answer) == (503, "spool-full")
    assert "no room" in answer.json()["detail"]
    last_piece = send(gateway, b"x" * (MIB + 1000), kind="text/plain")
    assert code(last_piece) == (503, "spool-full")
    assert send(gateway, b"small").status_code == 200
    monkeypatch.setattr(tempfile, "TemporaryFile", usual)
    assert send(gateway, noise(8 * MIB)).status_code == 200
    comes(lambda: left(gateway) == ROOM)


# -- answers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("over", ["plain", "tls"])
def test_a_large_answer_streams_through_in_flat_memory(door, endpoint, tmp_path, looks, over):
    endpoint.manner, endpoint.length = "long", 96 * MIB
    headers = {"Authorization": f"Bearer {KEY}"}
    authority = Authority(tmp_path)
    pair = authority.certify("127.0.0.1")
    certificates = Certificates(Files(pair.certificate, pair.key)) if over == "tls" else None
    with (
        RunningGateway(limits(**BOUNDS), lambda: door, certificates=certificates) as gateway,
        httpx.Client(verify=authority.trusted(), timeout=60) as client,
    ):
        assert client.get(f"{gateway.url}/healthz").text == "ok\n"
        before, most, got = resident(), 0.0, 0
        with client.stream("GET", f"{gateway.url}/v1/file", headers=headers) as answer:
            for piece in answer.iter_raw():
                got += len(piece)
                most = max(most, resident())
    assert got == endpoint.length
    assert most - before < 12
