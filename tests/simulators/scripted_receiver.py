"""A webhook's receiver on loopback, in a thread of its own, that does what a test says. Real HTTP.

``script`` is asked at each request for one of the words below, or for a status. The secret is checked with the
``standardwebhooks`` library whenever one is set: what does not verify is noted and answered 400.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

HANG = "hang"  # take the request and never answer
DRIP = "drip"  # answer a byte of the head at a time, for ever
FLOOD = "flood"  # answer 200 with a body without end
HEADERS = "headers"  # answer with a head of a megabyte
REDIRECT = "redirect"  # to /elsewhere on this receiver
NONSENSE = "nonsense"  # no HTTP at all
ABORT = "abort"  # close without an answer


@dataclass(frozen=True)
class Received:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


@dataclass
class ScriptedReceiver:
    script: Callable[[int], int | str] = lambda number: 204
    secret: str = ""
    received: list[Received] = field(default_factory=list)
    unverified: list[Received] = field(default_factory=list)
    certificate: Path | None = None  # PEM with its key: it speaks TLS
    hold_open: float = 30.0  # seconds that HANG, DRIP and FLOOD go on at most

    def __enter__(self) -> ScriptedReceiver:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver._serve(self)

            def log_message(self, *_: object) -> None:
                return None

        self._stop = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if self.certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/in"

    def wait_for(self, count: int, seconds: float = 20) -> list[Received]:
        """What was received, as soon as there are ``count`` requests."""
        until = time.monotonic() + seconds
        while len(self.received) < count and time.monotonic() < until:
            time.sleep(0.02)
        assert len(self.received) >= count, f"{len(self.received)} of {count} requests came"
        return self.received

    def _serve(self, request: Any) -> None:
        body = request.rfile.read(int(request.headers.get("content-length") or 0))
        got = Received(request.path, {key.lower(): value for key, value in request.headers.items()}, body)
        if self.secret:
            try:
                Webhook(self.secret).verify(body, got.headers)
            except WebhookVerificationError:
                self.unverified.append(got)
                request.send_error(400)
                return
        self.received.append(got)
        said = self.script(len(self.received))
        try:
            if isinstance(said, int):
                request.send_response(said)
                request.send_header("content-length", "0")
                request.end_headers()
            else:
                getattr(self, f"_{said}")(request)
        except (BrokenPipeError, ConnectionResetError):
            return

    def _hang(self, _request: Any) -> None:
        self._stop.wait(self.hold_open)

    def _drip(self, request: Any) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\nx-slow: ")
        for _ in range(int(self.hold_open / 0.05)):
            request.wfile.write(b"y")
            if self._stop.wait(0.05):
                return

    def _flood(self, request: Any) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n")
        until = time.monotonic() + self.hold_open
        while time.monotonic() < until and not self._stop.is_set():
            request.wfile.write(b"x" * 65536)

    def _headers(self, request: Any) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\nx-long: " + b"x" * 1_000_000 + b"\r\n\r\n")

    def _redirect(self, request: Any) -> None:
        request.send_response(307)
        request.send_header("location", "/elsewhere")
        request.send_header("content-length", "0")
        request.end_headers()

    def _nonsense(self, request: Any) -> None:
        request.wfile.write(b"\x00\xffnot http at all\r\n\r\n")

    def _abort(self, request: Any) -> None:
        request.connection.close()
