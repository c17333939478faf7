"""How a request reaches the API: over HTTP here; inside the API's own process see ``seatrial.rest.local``."""

from __future__ import annotations

import io
import ssl
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from seatrial import __version__
from seatrial.kernel.errors import Misuse, Unavailable

if TYPE_CHECKING:
    import httpx

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_CHUNK = 1 << 20


class Lost(Unavailable):
    """No answer came back. Whether anything happened is not known; the same idempotency key asks again safely."""


class Transport(Protocol):
    """Carries one request and brings its answer.

    It sends a request at most once per call and never follows a redirect. Raises ``Lost`` if no whole answer came
    back, and then says nothing of whether the request was acted on.
    """

    def send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | IO[bytes],
        into: Callable[[bytes], object] | None = None,
    ) -> tuple[int, Mapping[str, str], bytes]:
        """``path`` starts with a slash. Returns status, headers and body.

        ``into`` is called with each piece of the body of an answer below 300; what is returned is then empty.
        """

    def close(self) -> None:
        """Let go of connections."""


class Http:
    """Over HTTP(S) with a personal token. Certificates are verified; the usual proxy variables are respected.

    ``ca_bundle`` names a PEM file to trust instead of the public authorities. An address without TLS is taken for
    this very machine only, since the token would be readable on the way; ``insecure`` takes it anyway.
    Raises ``Misuse`` (``bad-url``, ``url-without-tls``, ``bad-ca-bundle``, ``bad-token``).
    """

    def __init__(
        self, base_url: str, token: str, *, timeout: float = 30.0, ca_bundle: Path | None = None, insecure: bool = False
    ) -> None:
        self._base = _checked(base_url, insecure)
        if not token or not token.isascii() or not token.isprintable():
            raise Misuse("bad-token", "This is no API token; 'seatrial party token' makes one (sta-…).")
        self._token = token
        self._timeout = timeout
        self._trust = _trust(ca_bundle)
        self._client: httpx.Client | None = None

    def send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | IO[bytes],
        into: Callable[[bytes], object] | None = None,
    ) -> tuple[int, Mapping[str, str], bytes]:
        import httpx

        said = dict(headers)
        if not isinstance(body, bytes):  # a length of its own: not every server reads a body that comes in chunks
            said["Content-Length"] = str(body.seek(0, io.SEEK_END))
        content = body if isinstance(body, bytes) else _pieces(body)
        try:
            with self._open().stream(method, self._base + path, headers=said, content=content) as answer:
                if into is None or answer.status_code >= 300:
                    return answer.status_code, answer.headers, answer.read()
                for piece in answer.iter_bytes(_CHUNK):
                    into(piece)
                return answer.status_code, answer.headers, b""
        except httpx.TransportError as error:
            raise _lost(error, self._base) from error
        except httpx.InvalidURL as error:
            raise Misuse("bad-url", f"{self._base} is not an address: {error}.") from error

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def _open(self) -> httpx.Client:
        if self._client is None:
            import httpx

            self._client = httpx.Client(
                headers={"Authorization": f"Bearer {self._token}", "User-Agent": f"seatrial-client/{__version__}"},
                timeout=httpx.Timeout(self._timeout, connect=min(self._timeout, 10.0)),
                verify=self._trust if self._trust is not None else True,
                follow_redirects=False,
            )
        return self._client


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    """A file from its start, so that it can be sent again."""
    file.seek(0)
    while piece := file.read(_CHUNK):
        yield piece


def _checked(base_url: str, insecure: bool) -> str:
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise Misuse("bad-url", f"{base_url!r} is not the address of an instance; write e.g. https://review.example.")
    if parts.username or parts.password:
        raise Misuse("bad-url", "The address must hold no password; the token is given apart (SEATRIAL_TOKEN).")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK and not insecure:
        raise Misuse(
            "url-without-tls",
            f"{base_url} would send your token readable by anybody on the way; use https (or set SEATRIAL_INSECURE=1).",
        )
    return base_url.rstrip("/")


def _trust(ca_bundle: Path | None) -> ssl.SSLContext | None:
    if ca_bundle is None:
        return None
    try:
        return ssl.create_default_context(cafile=str(ca_bundle))
    except OSError as error:  # ssl.SSLError is one
        raise Misuse("bad-ca-bundle", f"{ca_bundle} is no file of PEM certificates ({error}).") from error


def _lost(error: Exception, base: str) -> Unavailable:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Unavailable(
                "certificate-not-trusted",
                f"The certificate of {base} cannot be trusted ({cause.verify_message}); "
                "set SEATRIAL_CA_BUNDLE to your authority's PEM file.",
            )
        cause = cause.__cause__ or cause.__context__
    said = str(error) or type(error).__name__
    return Lost("no-answer", f"No answer came from {base} ({said}); check the address, the network and the proxy.")
