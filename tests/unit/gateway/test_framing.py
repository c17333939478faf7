"""What can be read in one way only, how heads are written, and where a name may not lead."""

from __future__ import annotations

import socket

import pytest

from seatrial.gateway.call import Headers
from seatrial.gateway.framing import check_request, head_of_answer, head_of_request, wants_close
from seatrial.gateway.limits import LIMITS
from seatrial.gateway.upstream import HttpUpstream
from seatrial.kernel.errors import Misuse
from simulators.gateway_fakes import FakeListener

HOST = ("host", "h")


@pytest.mark.parametrize(
    ("method", "version", "target", "headers"),
    [
        ("POST", "1.1", "/v1/x", [HOST, ("content-length", "2")]),
        ("POST", "1.1", "/v1/x?a=b", [HOST, ("transfer-encoding", "Chunked")]),
        ("GET", "1.0", "/v1/x", []),
        ("POST", "1.1", "/", [HOST, ("expect", "100-Continue"), ("x", "1"), ("x", "2")]),
    ],
)
def test_an_ordinary_request_passes(method, version, target, headers):
    check_request(method, version, target, Headers(headers))


@pytest.mark.parametrize(
    ("method", "version", "target", "headers", "says"),
    [
        ("POST", "0.9", "/", [HOST], "HTTP/0.9"),
        ("POST", "2.0", "/", [HOST], "HTTP/2.0"),
        ("CONNECT", "1.1", "h:1", [HOST], "CONNECT"),
        ("TRACE", "1.1", "/", [HOST], "TRACE"),
        ("GET", "1.1", "http://h/", [HOST], "target"),
        ("GET", "1.1", "*", [HOST], "target"),
        ("GET", "1.1", "/a#b", [HOST], "target"),
        ("GET", "1.1", "/a\tb", [HOST], "target"),
        ("GET", "1.1", "/", [], "Host"),
        ("GET", "1.1", "/", [HOST, HOST], "'host'"),
        ("POST", "1.1", "/", [HOST, ("content-length", "1"), ("content-length", "1")], "'content-length'"),
        ("POST", "1.1", "/", [HOST, ("authorization", "a"), ("authorization", "b")], "'authorization'"),
        ("POST", "1.1", "/", [HOST, ("transfer-encoding", "gzip, chunked")], "chunked"),
        ("POST", "1.0", "/", [("transfer-encoding", "chunked")], "chunked"),
        ("POST", "1.1", "/", [HOST, ("transfer-encoding", "chunked"), ("content-length", "1")], "two lengths"),
        ("POST", "1.1", "/", [HOST, ("expect", "a miracle")], "expectation"),
    ],
)
def test_what_two_readers_could_take_differently_is_refused_in_a_sentence(method, version, target, headers, says):
    with pytest.raises(Misuse, match=says) as refused:
        check_request(method, version, target, Headers(headers))
    assert refused.value.code == "request-ambiguous"


def test_a_connection_ends_by_its_version_or_its_word():
    assert wants_close("1.0", Headers([("connection", "keep-alive")]))
    assert wants_close("1.1", Headers([("connection", "Close")]))
    assert not wants_close("1.1", Headers([HOST]))


def test_heads_are_written_whole():
    assert head_of_answer(200, [("A", "b")], [b"C: d\r\n"]) == b"HTTP/1.1 200 OK\r\nA: b\r\nC: d\r\n\r\n"
    assert head_of_answer(299, [], []) == b"HTTP/1.1 299 \r\n\r\n"
    assert head_of_request("GET", "/x", "h:1", [], 0) == b"GET /x HTTP/1.1\r\nHost: h:1\r\n\r\n"
    assert head_of_request("POST", "/x", "h", [("A", "b")], 0).endswith(b"A: b\r\nContent-Length: 0\r\n\r\n")


@pytest.mark.parametrize("target", ["/a b", "/a\r\nX: y", "/ä", "/a\x00"])
def test_no_target_ends_its_line(target):
    with pytest.raises(Misuse):
        head_of_request("GET", target, "h", [], 0)


@pytest.mark.parametrize(
    "address",
    ["10.0.0.7", "127.0.0.1", "169.254.169.254", "192.168.1.1", "::1", "fd00::1", "::ffff:10.0.0.1", "0.0.0.0"],
)
async def test_a_name_that_leads_inside_is_not_called(monkeypatch, address):
    """Also when it did not a moment ago: each connection resolves anew, and goes where it looked."""

    async def resolved(host, port, **_):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", ("93.184.215.14", port)), (family, 1, 6, "", (address, port))]

    import asyncio

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolved)
    upstream, listener = HttpUpstream(LIMITS), FakeListener()
    upstream.send("GET", "https://models.lab.example/v1/x", (), b"", listener)
    await asyncio.wait_for(listener.over.wait(), 5)
    assert listener.error is not None
    assert listener.error.code == "upstream-private"
    await upstream.close()
