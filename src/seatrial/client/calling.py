"""One call: its idempotency key, its retries, its answer or its error. The topics say only what is asked.

A change is sent again with the same key when no answer came, or when something in between answered 502, 503 or 504:
the server acts at most once on a key. A read is sent again likewise.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import IO, Any, TypeVar
from urllib.parse import quote, urlencode

from seatrial.kernel.canonical import plain
from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import SeatrialError, Unavailable

from .problems import error_of, not_the_api
from .reading import read, read_all
from .transport import Lost, Transport

T = TypeVar("T")

BASE = "/api/v1"
_BYTES = "application/octet-stream"
_AGAIN = frozenset({502, 503, 504})
_DOTS = {".": "%2E", "..": "%2E%2E"}


@dataclass(frozen=True, slots=True)
class Patience:
    """How often to ask again, and how long to wait in between (seconds, doubled each time, with jitter)."""

    attempts: int = 5
    first: float = 0.25
    longest: float = 8.0
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    def wait(self, attempt: int, asked_for: float | None) -> None:
        """Before the attempt after ``attempt`` (from 1); the server's own wish counts, up to ``longest``."""
        backoff = min(self.longest, self.first * 2 ** (attempt - 1)) * (0.5 + random.random() / 2)  # noqa: S311
        self.sleep(backoff if asked_for is None else min(self.longest, max(backoff, asked_for)))


@dataclass(frozen=True, slots=True)
class Keys:
    """Which idempotency key a change carries: ``exact`` as it is; else ``prefix`` and the route; else a fresh one.

    With a prefix (the pipeline's id and step) a step that runs again sends the same keys for the same routes.
    """

    exact: str | None = None
    prefix: str | None = None

    def key(self, method: str, path: str) -> str:
        if self.exact:
            return self.exact
        if self.prefix:
            return f"{self.prefix}:{hashlib.sha256(f'{method} {path}'.encode()).hexdigest()[:24]}"
        return f"once-{secrets.token_urlsafe(24)}"


@dataclass(frozen=True, slots=True)
class Received:
    """A file that was written: its size in bytes and its digest."""

    bytes: int
    digest: Digest


class _Arriving:
    """A file on its way into ``into``, from where that stands; each attempt begins there anew."""

    def __init__(self, into: IO[bytes]) -> None:
        self._into, self._start = into, into.tell()

    def begin(self) -> None:
        self._into.seek(self._start)
        self._into.truncate()
        self._hash, self._size = hashlib.sha256(), 0

    def write(self, piece: bytes, /) -> None:
        self._into.write(piece)
        self._hash.update(piece)
        self._size += len(piece)

    def received(self, headers: Mapping[str, str]) -> Received:
        """Once all has come. Raises ``Unavailable`` (``file-damaged``) if the server's entity tag is another digest."""
        found = Digest("sha256:" + self._hash.hexdigest())
        tag = _header(headers, "etag").removeprefix("W/").strip('"')
        if tag.startswith("sha256:") and tag != found:
            raise Unavailable(
                "file-damaged", f"The file changed on its way: it should be {tag} and is {found}; fetch it again."
            )
        return Received(self._size, found)


@dataclass(frozen=True, slots=True)
class Caller:
    """Calls the API over a transport. Raises the errors of ``kernel.errors`` as the server raised them."""

    transport: Transport
    keys: Keys = Keys()
    patience: Patience = Patience()

    def get(self, kind: type[T], path: str, /, **query: object) -> T:
        return read(kind, self._json("GET", path, query=query))

    def get_all(self, kind: type[T], path: str, /, **query: object) -> tuple[T, ...]:
        return read_all(kind, self._json("GET", path, query=query))

    def get_json(self, path: str, /, **query: object) -> Any:
        """JSON as it is: receipts, and what has no dataclass."""
        return self._json("GET", path, query=query)

    def get_bytes(self, path: str, /, **query: object) -> bytes:
        """A file, whole."""
        return self._answer("GET", path, query=query)[1]

    def get_file(self, path: str, into: IO[bytes], /, **query: object) -> Received:
        """A file of any size, written as it comes; begun anew from where ``into`` stood if it breaks off.

        Raises ``Unavailable`` (``file-damaged``) if what came is not what the server named by its digest.
        """
        arriving = _Arriving(into)
        return arriving.received(self._exchange("GET", path, query=query, into=arriving)[1])

    def work_out(self, kind: type[T], path: str, body: object) -> T:
        """Something that is asked with a body and changes nothing: it carries no key."""
        return read(kind, _parsed(*self._answer("POST", path, body=body, changes=False)))

    def change(self, kind: type[T], method: str, path: str, body: object = None, **query: object) -> T:
        return read(kind, self._json(method, path, body=body, query=query))

    def change_all(self, kind: type[T], method: str, path: str, body: object = None, **query: object) -> tuple[T, ...]:
        return read_all(kind, self._json(method, path, body=body, query=query))

    def change_json(self, method: str, path: str, body: object = None, **query: object) -> Any:
        return self._json(method, path, body=body, query=query)

    def change_silently(self, method: str, path: str, body: object = None, **query: object) -> None:
        """A change that is answered by nothing."""
        self._answer(method, path, body=body, query=query)

    def send_file(
        self, kind: type[T], method: str, path: str, file: IO[bytes], content_type: str, **query: object
    ) -> T:
        """A change whose body is a file; it is read again from its start if it has to be sent again.

        It says its digest (RFC 9530), so that another file under the same key is told from the first.
        """
        return read(kind, _parsed(*self._answer(method, path, file=file, content_type=content_type, query=query)))

    def send_again(self, kind: type[T], path: str, file: IO[bytes], **query: object) -> T:
        """A file of things each of which is taken once however often it is sent: it carries no key."""
        said = self._answer("POST", path, file=file, content_type=_BYTES, changes=False, query=query)
        return read(kind, _parsed(*said))

    def put_file(self, kind: type[T], path: str, file: IO[bytes]) -> T:
        """A file in a place of its own: putting it there again changes nothing, so it carries no key."""
        return read(kind, _parsed(*self._answer("PUT", path, file=file, content_type=_BYTES, changes=False)))

    def _json(self, method: str, path: str, *, body: object = None, query: Mapping[str, object] | None = None) -> Any:
        return _parsed(*self._answer(method, path, body=body, query=query))

    def _answer(self, method: str, path: str, **said: Any) -> tuple[int, bytes]:
        """Status below 300 and body; see ``_exchange``."""
        status, _, content = self._exchange(method, path, **said)
        return status, content

    def _exchange(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        query: Mapping[str, object] | None = None,
        file: IO[bytes] | None = None,
        content_type: str = "application/json",
        changes: bool = True,
        into: _Arriving | None = None,
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Status below 300, headers and body. The key is made once and sent with every attempt."""
        headers = {"Accept": "application/json, application/problem+json, */*"}
        data: bytes | IO[bytes] = b""
        if method != "GET":
            if changes:
                headers["Idempotency-Key"] = self.keys.key(method, path)
            headers["Content-Type"] = content_type
            if file is not None:
                headers["Content-Digest"] = _content_digest(file)
            data = file if file is not None else json.dumps(plain({} if body is None else body)).encode()
        target = BASE + path + _query(query or {})
        for attempt in range(1, self.patience.attempts + 1):
            last, asked_for = attempt == self.patience.attempts, None
            if into is not None:
                into.begin()
            try:
                status, said, content = self.transport.send(method, target, headers, data, into.write if into else None)
            except Lost:
                if last:
                    raise
            else:
                if status < 300:
                    return status, said, content
                error = error_of(status, content)
                if last or not _worth_another(status, error):
                    raise error
                asked_for = _seconds(said)
            self.patience.wait(attempt, asked_for)
        raise AssertionError("the last attempt returns or raises")


def at(*parts: str) -> str:
    """A path of the API; each part is quoted, so that no id can mean another route."""
    return "".join("/" + (_DOTS.get(part) or quote(part, safe="") or "-") for part in parts)


def _content_digest(file: IO[bytes]) -> str:
    file.seek(0)
    found = hashlib.sha256()
    while piece := file.read(1 << 20):
        found.update(piece)
    return f"sha-256=:{base64.b64encode(found.digest()).decode()}:"


def _query(query: Mapping[str, object]) -> str:
    said = {name: plain(value) for name, value in query.items() if value is not None}
    return "?" + urlencode(said, doseq=True) if said else ""


def _parsed(status: int, content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError as error:
        raise not_the_api(status) from error


def _worth_another(status: int, error: SeatrialError) -> bool:
    return status in _AGAIN or error.code == "in-progress"


def _seconds(headers: Mapping[str, str]) -> float | None:
    text = _header(headers, "retry-after")
    return float(text) if text.isdigit() else None


def _header(headers: Mapping[str, str], name: str) -> str:
    """A header, however it is spelled; empty if it is not there."""
    return next((value for spelled, value in headers.items() if spelled.lower() == name), "")
