"""The developer's endpoint, as fast as Python serves it: ``python -m benchmarks.gateway_parts.endpoint PORT``.

``POST`` with ``"stream": true`` gets 50 chunks; with ``"go_on"`` in it, a chunk each 20 ms without end; with
``"large": n``, n MiB; anything else a plain answer. ``GET /seen`` tells the SHA-256 of every body that came.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys

import httptools
import uvloop

CHUNKS = 50
_USAGE = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
_SAID = {"index": 0, "message": {"role": "assistant", "content": "Aye. " * 40}, "finish_reason": "stop"}
_MADE = {"id": "c", "object": "chat.completion", "created": 0, "model": "north"}
_PLAIN = json.dumps({**_MADE, "choices": [_SAID], "usage": _USAGE}).encode()
_WORD = {"id": "c", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": "word "}}]}
_EVENT = b"data: %b\n\n" % json.dumps(_WORD).encode()
_DONE = b"data: [DONE]\n\n"
_MIB = b"x" * 2**20
_seen: list[str] = []


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


class Endpoint(asyncio.Protocol):
    """One connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._parser = httptools.HttpRequestParser(self)
        self._body, self._url = bytearray(), b""
        self._flows = asyncio.Event()
        self._flows.set()
        self._work: asyncio.Task[None] | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        if self._work is not None:
            self._work.cancel()

    def pause_writing(self) -> None:
        self._flows.clear()

    def resume_writing(self) -> None:
        self._flows.set()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        body, url = bytes(self._body), self._url
        self._body, self._url = bytearray(), b""
        if url == b"/seen":
            return self._plain(json.dumps(_seen).encode())
        _seen.append(hashlib.sha256(body).hexdigest())
        streams = b'"stream": true' in body or b'"stream":true' in body  # some proxies write the JSON anew
        if not streams and b'"large"' not in body:
            return self._plain(_PLAIN)
        self._work = asyncio.get_running_loop().create_task(self._long(body))
        return None

    def _plain(self, body: bytes) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        self._transport.write(head + body)

    async def _long(self, body: bytes) -> None:
        write = self._transport.write
        if b'"large"' in body:
            size = json.loads(body)["large"]
            write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n"
                % (size << 20)
            )
            for _ in range(size):
                await self._flows.wait()
                write(_MIB)
            return
        write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        if b"go_on" in body:
            while True:
                write(_chunk(_EVENT))
                await asyncio.sleep(0.02)
        for _ in range(CHUNKS):
            write(_chunk(_EVENT))
            await asyncio.sleep(0)
        write(_chunk(_DONE) + b"0\r\n\r\n")


async def main() -> None:
    """Serve until killed."""
    server = await asyncio.get_running_loop().create_server(Endpoint, "127.0.0.1", int(sys.argv[1]), backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())
