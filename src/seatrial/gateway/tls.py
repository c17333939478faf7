"""TLS between a socket and one connection of a caller.

To the socket a protocol, to the connection its transport. Bytes are encrypted as they are handed over, so what the
network has not taken waits in one place only, the socket's own buffer: slow callers, aborts and last words are as
without TLS.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from typing import Any

_PIECE = 2**18


class Link(asyncio.Transport, asyncio.Protocol):
    """``inner`` hears nothing before the handshake is over. ``shaken`` is told once: true, or false if it failed."""

    def __init__(self, context: ssl.SSLContext, inner: asyncio.Protocol, shaken: Callable[[Link, bool], None]) -> None:
        super().__init__()
        self.since = asyncio.get_running_loop().time()  # loop time at which the handshake began
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._inner = inner
        self._told: Callable[[Link, bool], None] | None = shaken
        self._raw: asyncio.Transport | None = None
        self._shaken = False
        self._closing = False

    # -- asyncio.Protocol: what the socket says ------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._raw = transport  # type: ignore[assignment]
        if self._closing:
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._raw = None
        self._tell(False)
        if self._shaken:
            self._inner.connection_lost(exc)

    def pause_writing(self) -> None:
        if self._shaken:
            self._inner.pause_writing()

    def resume_writing(self) -> None:
        if self._shaken:
            self._inner.resume_writing()

    def data_received(self, data: bytes) -> None:
        if self._closing:
            return
        self._incoming.write(data)
        try:
            if not self._shaken:
                self._shake()
            if self._shaken:
                self._deliver()
        except ssl.SSLError:
            self._flush()  # the alert that says why
            self._closing = True
            self._tell(False)
            if self._raw is not None:
                self._raw.close()

    # -- asyncio.Transport: what the connection asks for ---------------------------------------------

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        if self._closing or self._raw is None:
            return
        try:
            written = self._tls.write(data)
            while written < len(data):
                written += self._tls.write(memoryview(data)[written:])
        except ssl.SSLError:
            self.abort()
        else:
            self._raw.write(self._outgoing.read())

    def close(self) -> None:
        if self._closing or self._raw is None:
            return
        with contextlib.suppress(ssl.SSLError):  # it says that we end, and need not hear the same
            self._tls.unwrap()
        self._flush()
        self._closing = True
        self._raw.close()

    def abort(self) -> None:
        """Without the word that ends a TLS stream, so that the caller can tell that something is missing."""
        self._closing = True
        if self._raw is not None:
            self._raw.abort()

    def is_closing(self) -> bool:
        return self._closing or self._raw is None or self._raw.is_closing()

    def pause_reading(self) -> None:
        if self._raw is not None:
            self._raw.pause_reading()

    def resume_reading(self) -> None:
        if self._raw is not None and not self._closing:
            self._raw.resume_reading()

    def get_write_buffer_size(self) -> int:
        return self._raw.get_write_buffer_size() if self._raw is not None else 0

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._raw.get_extra_info(name, default) if self._raw is not None else default

    # ------------------------------------------------------------------------------------------------

    def _shake(self) -> None:
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            self._flush()
            return
        self._flush()
        self._shaken = True
        self._tell(True)
        self._inner.connection_made(self)

    def _deliver(self) -> None:
        pieces, over = [], False
        with contextlib.suppress(ssl.SSLWantReadError):
            while not over and (self._incoming.pending or self._tls.pending()):
                piece = self._tls.read(_PIECE)
                pieces.append(piece)
                over = not piece
        if any(pieces):
            self._inner.data_received(pieces[0] if len(pieces) == 1 else b"".join(pieces))
        self._flush()
        if over:
            self.close()

    def _flush(self) -> None:
        if self._outgoing.pending and self._raw is not None and not self._closing:
            self._raw.write(self._outgoing.read())

    def _tell(self, well: bool) -> None:
        told, self._told = self._told, None
        if told is not None:
            told(self, well)
