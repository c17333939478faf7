"""What HTTP/1.1 leaves open, closed: which requests can be read in one way only, and how heads are written. Pure.

The parser already refuses what RFC 9112 forbids (both lengths at once, bare line feeds, folded lines, spaces before a
colon, signs in a length). Here stands what it lets pass and two readers may take differently. Nothing of a caller's
framing goes upstream: the gateway writes every request anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from http import HTTPStatus

from seatrial.gateway.call import Fields, Headers
from seatrial.kernel.errors import Misuse

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BODILESS = frozenset({204, 304})
_ONCE = ("host", "content-length", "transfer-encoding", "authorization", "content-type", "expect")
_STATUS_LINES: Mapping[int, bytes] = {
    status: f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n".encode() for status in HTTPStatus
}


@lru_cache(maxsize=512)
def name_of(raw: bytes) -> str:
    """A header's name as it is compared here."""
    return raw.lower().decode("latin-1")


def check_request(method: str, version: str, target: str, headers: Headers) -> None:
    """Refuse what could be read in two ways.

    Raises ``Misuse`` (``request-ambiguous``).
    """
    if version not in ("1.1", "1.0"):
        raise _ambiguous(f"This is HTTP/{version}; speak HTTP/1.1.")
    if method not in METHODS:
        raise _ambiguous(f"The method {method[:20]} is not served here.")
    if not target.startswith("/") or "#" in target or not target.isprintable():
        raise _ambiguous("The target must be a path that begins with '/'; name the host in the Host header.")
    names = [name for name, _ in headers.fields]
    if len(set(names)) < len(names):
        for name in _ONCE:
            if names.count(name) > 1:
                raise _ambiguous(f"The header '{name}' stands twice; send it once.")
    if "transfer-encoding" in names:
        if headers.get("transfer-encoding").lower() != "chunked" or version != "1.1":
            raise _ambiguous("The only transfer coding served here is 'chunked', once, in HTTP/1.1.")
        if "content-length" in names:
            raise _ambiguous("The body has two lengths; send Content-Length or Transfer-Encoding, not both.")
    if version == "1.1" and "host" not in names:
        raise _ambiguous("The Host header is missing; send it once.")
    if "expect" in names and headers.get("expect").lower() != "100-continue":
        raise _ambiguous("The only expectation served here is '100-continue'.")


def wants_close(version: str, headers: Headers) -> bool:
    """True if the connection ends after this request, by its version or by its word."""
    if version != "1.1":
        return True
    return any(name == "connection" and "close" in value.lower() for name, value in headers.fields)


def head_of_answer(status: int, headers: Fields, extra: Iterable[bytes]) -> bytes:
    """Status line and headers up to and with the empty line; ``extra`` are whole lines of ours."""
    line = _STATUS_LINES.get(status) or f"HTTP/1.1 {status} \r\n".encode()
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers])
    return b"".join((line, lines.encode("latin-1"), *extra, b"\r\n"))


def head_of_request(method: str, target: str, host: str, headers: Fields, length: int) -> bytes:
    """Request line and headers; a body is announced if the method usually has one or there is one.

    Raises ``Misuse`` (``bad-path``) if the target would end the line.
    """
    if not target.isascii() or not target.isprintable() or " " in target:
        raise Misuse("bad-path", "The path must be printable ASCII; percent-encode anything else.")
    lines = [f"{method} {target} HTTP/1.1\r\nHost: {host}\r\n"]
    lines += [f"{name}: {value}\r\n" for name, value in headers]
    if length or method in ("POST", "PUT", "PATCH"):
        lines.append(f"Content-Length: {length}\r\n")
    lines.append("\r\n")
    return "".join(lines).encode("latin-1")


def _ambiguous(sentence: str) -> Misuse:
    return Misuse("request-ambiguous", sentence)
