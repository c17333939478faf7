"""Callers over TLS: what held without it holds with it, and nobody unknown gets past a handshake."""

from __future__ import annotations

import contextlib
import random
import socket
import ssl
import time
from collections.abc import Iterator

import anthropic
import httpx
import httpx2
import openai
import pytest

from seatrial.gateway.certificates import Certificates, Files
from seatrial.kernel.errors import Misuse
from simulators.certificates import Authority, Pair
from simulators.running_gateway import RunningGateway, limits

from .test_ending import Reading

ASK = {"model": "north-7b", "max_tokens": 50}
HERE = ("127.0.0.1", "gateway.body.example")


@pytest.fixture
def authority(tmp_path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def ours(authority) -> Pair:
    return authority.certify(*HERE)


@pytest.fixture
def gateway(channel, ours) -> Iterator[RunningGateway]:
    certificates = Certificates(Files(ours.certificate, ours.key))
    bounds = limits(idle_seconds=1.0, drain_seconds=0.5, request_seconds=1.0, handshake_seconds=0.5, handshakes=20)
    with RunningGateway(bounds, certificates=certificates) as running:
        yield running


def client(gateway: RunningGateway, key: str, trusting: ssl.SSLContext) -> openai.OpenAI:
    return gateway.client(key, http_client=httpx.Client(verify=trusting, timeout=20))


def ask(gateway: RunningGateway, key: str, trusting: ssl.SSLContext, words: str = "hello"):
    messages = [{"role": "user", "content": words}]
    return client(gateway, key, trusting).chat.completions.create(messages=messages, **ASK)


def dialled(gateway: RunningGateway, trusting: ssl.SSLContext) -> ssl.SSLSocket:
    raw = socket.create_connection(("127.0.0.1", gateway.port), timeout=5)
    return trusting.wrap_socket(raw, server_hostname="127.0.0.1")


def said_until_end(connection: socket.socket) -> bytes:
    said = b""
    while True:
        try:
            piece = connection.recv(65536)
        except (ConnectionError, ssl.SSLError):
            return said
        if not piece:
            return said
        said += piece


def test_the_stock_clients_speak_tls(gateway, channel, authority):
    trusting = authority.trusted()
    assert ask(gateway, channel.key, trusting).choices[0].message.content == "Aye."
    messages = [{"role": "user", "content": "stream"}]
    with client(gateway, channel.key, trusting) as stock:
        chunks = list(stock.chat.completions.create(messages=messages, stream=True, **ASK))
    assert sum(bool(chunk.choices) for chunk in chunks) == channel.upstream.length
    other = anthropic.Anthropic(
        base_url=gateway.url, api_key=channel.key, max_retries=0, http_client=httpx2.Client(verify=trusting)
    )
    assert other.messages.create(messages=[{"role": "user", "content": "hello"}], **ASK).content


def test_a_client_that_does_not_know_the_authority_goes_no_further(gateway, channel, tmp_path):
    stranger = Authority(tmp_path, "Other Authority").trusted()
    with pytest.raises(openai.APIConnectionError):
        ask(gateway, channel.key, stranger)
    with pytest.raises(httpx.ConnectError, match=r"self-signed|unable to get local issuer"):
        httpx.get(f"{gateway.url}/healthz", verify=stranger)
    assert channel.upstream.requests == []


def test_only_http_1_1_in_tls_1_2_or_later_is_spoken(gateway, authority):
    trusting = authority.trusted()
    trusting.set_alpn_protocols(["h2", "http/1.1"])
    with dialled(gateway, trusting) as connection:
        assert connection.version() == "TLSv1.3"
        assert connection.selected_alpn_protocol() == "http/1.1"
    second = authority.trusted()
    second.maximum_version = ssl.TLSVersion.TLSv1_2
    with dialled(gateway, second) as connection:
        assert connection.version() == "TLSv1.2"
        assert connection.cipher()[0].startswith("ECDHE-")
    weak = authority.trusted()
    weak.set_ciphers("AES128-GCM-SHA256")
    weak.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises((ssl.SSLError, ConnectionError)):
        dialled(gateway, weak)


def test_no_bytes_harm_it_before_a_handshake_or_after(gateway, authority, caplog):
    chance = random.Random(7)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        authority.trusted().wrap_bio(incoming, outgoing, server_hostname="127.0.0.1").do_handshake()
    hello = outgoing.read()
    for number in range(120):
        noise, cut = chance.randbytes(chance.randint(1, 300)), chance.randrange(len(hello))
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", gateway.port), timeout=2) as raw:
            if number % 4 < 3:
                raw.sendall((noise, hello[:cut], hello[:cut] + noise)[number % 4])
                continue
            connection = authority.trusted().wrap_socket(raw, server_hostname="127.0.0.1")
            connection.sendall(noise)
            with socket.socket(fileno=connection.detach()) as beneath:
                beneath.sendall(noise)
    assert httpx.get(f"{gateway.url}/healthz", verify=authority.trusted()).text == "ok\n"
    until = time.monotonic() + 5
    while gateway.metrics.registry.get_sample_value("seatrial_gateway_connections"):
        assert time.monotonic() < until
        time.sleep(0.05)
    assert [record for record in caplog.records if record.levelname in ("WARNING", "ERROR")] == []


def test_plain_http_gets_nothing_from_a_port_that_speaks_tls(gateway, channel):
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=5) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"HTTP" not in said_until_end(connection)
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://127.0.0.1:{gateway.port}/healthz")


def test_a_withdrawal_is_the_last_event_of_a_stream(gateway, channel, authority):
    reading = Reading(client(gateway, channel.key, authority.trusted()))
    channel.withdraw()
    committed = time.monotonic()
    reading.end()
    assert reading.ended - committed <= 1.0
    assert reading.error.code == "withdrawn"
    assert channel.settled()[0].ended == "withdrawn"


def test_a_caller_who_takes_nothing_is_dropped_and_costs_no_memory(gateway, channel, authority):
    channel.upstream.interval = 0
    with dialled(gateway, authority.trusted()) as connection:
        body = b'{"model": "north-7b", "max_tokens": 100000, "stream": true, "messages": [{"content": "forever"}]}'
        head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {channel.key}\r\n"
        kind = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall((head + kind).encode() + body)
        until = time.monotonic() + 10
        while not channel.upstream.cancelled:
            assert time.monotonic() < until
            time.sleep(0.05)
    assert channel.settled()[0].ended == "client-left"
    assert channel.settled()[0].response_bytes < 16 * 2**20


def test_a_slow_handshake_is_ended_and_many_of_them_keep_nobody_out(gateway, channel, authority):
    begun = time.monotonic()
    silent = [socket.create_connection(("127.0.0.1", gateway.port), timeout=5) for _ in range(40)]
    assert ask(gateway, channel.key, authority.trusted()).choices
    for connection in silent:
        assert said_until_end(connection) == b""
        connection.close()
    assert time.monotonic() - begun < 4.0


def test_a_slow_request_is_told_so(gateway, authority):
    with dialled(gateway, authority.trusted()) as connection:
        connection.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\n")
        assert b"request-slow" in said_until_end(connection)


def test_large_requests_and_pipelined_ones_arrive_whole(gateway, channel, authority):
    words = "x" * 900_000
    assert ask(gateway, channel.key, authority.trusted(), words).choices
    assert words.encode() in channel.upstream.requests[-1].body
    with dialled(gateway, authority.trusted()) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 3 + b"GET /healthz HTTP/1.0\r\n\r\n")
        assert said_until_end(connection).count(b"ok\n") == 4


def test_a_gateway_that_stops_ends_streams_with_a_word(channel, ours, authority):
    running = RunningGateway(limits(drain_seconds=0.2), certificates=Certificates(Files(ours.certificate, ours.key)))
    running.__enter__()
    idle = dialled(running, authority.trusted())
    reading = Reading(client(running, channel.key, authority.trusted()))
    running.__exit__()
    assert reading.end().error.code == "gateway-stopping"
    assert said_until_end(idle) == b""


# -- mutual TLS ---------------------------------------------------------------------------------------


@pytest.fixture
def strict(channel, ours, authority) -> Iterator[RunningGateway]:
    with RunningGateway(certificates=Certificates(Files(ours.certificate, ours.key, authority.file))) as running:
        yield running


def test_a_caller_with_a_certificate_of_the_authority_is_let_in(strict, channel, authority):
    known = authority.certify("eva", client=True).shown(authority.trusted())
    assert ask(strict, channel.key, known).choices


@pytest.mark.parametrize("who", ["nobody", "a stranger", "one whose certificate ended", "a server"])
def test_others_get_no_further_than_the_handshake(strict, channel, authority, tmp_path, who):
    trusting = authority.trusted()
    if who == "a stranger":
        Authority(tmp_path, "Other Authority").certify("eva", client=True).shown(trusting)
    elif who == "one whose certificate ended":
        authority.certify("eva", client=True, ended=True).shown(trusting)
    elif who == "a server":
        authority.certify("eva").shown(trusting)
    with pytest.raises(openai.APIConnectionError):
        ask(strict, channel.key, trusting)
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{strict.url}/healthz", verify=trusting)
    assert channel.upstream.requests == []


def test_under_mutual_tls_nobody_resumes_without_showing_a_certificate(strict, authority):
    known = authority.certify("eva", client=True).shown(authority.trusted())
    known.maximum_version = ssl.TLSVersion.TLSv1_2  # it could resume from a cache
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{strict.url}/healthz", verify=known)


# -- files --------------------------------------------------------------------------------------------


def test_a_renewed_certificate_is_shown_to_new_callers_and_cuts_no_stream(gateway, channel, authority, ours, tmp_path):
    certificates = gateway.certificates
    assert not certificates.look()
    reading = Reading(client(gateway, channel.key, authority.trusted()))
    new = Authority(tmp_path, "Second Authority")
    renewed = new.certify(*HERE)
    ours.certificate.write_bytes(renewed.certificate.read_bytes())
    assert not certificates.look()  # half a pair is not used
    assert ask(gateway, channel.key, authority.trusted()).choices
    ours.key.write_bytes(renewed.key.read_bytes())
    assert certificates.look()
    assert certificates.ends > time.time()
    assert ask(gateway, channel.key, new.trusted()).choices
    with pytest.raises(openai.APIConnectionError):
        ask(gateway, channel.key, authority.trusted())
    words = reading.words
    time.sleep(0.2)
    assert reading.error is None
    assert reading.words > words


def test_files_that_cannot_be_used_are_one_clear_sentence(authority, ours, tmp_path):
    def told(**changes) -> str:
        files = {"certificate": ours.certificate, "key": ours.key, "authorities": None, **changes}
        with pytest.raises(Misuse) as refused:
            Certificates(Files(**files))
        assert refused.value.code == "bad-setting"
        return refused.value.message

    empty = tmp_path / "empty"
    empty.write_bytes(b"")
    assert told(certificate=tmp_path / "none").startswith("SEATRIAL_GATEWAY_TLS_CERTIFICATE is ")
    assert "cannot be read (No such file" in told(key=tmp_path / "none")
    assert "holds no certificate" in told(certificate=empty)
    assert "holds no private key" in told(key=empty)
    assert "does not go with the certificate" in told(key=authority.certify("x").key)
    assert told(authorities=empty).startswith("SEATRIAL_GATEWAY_TLS_CLIENT_CA is ")
