"""Readers in a closed loop over raw sockets, in a process of its own: ``load`` here, ``python -m … JSON`` there."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass

import httptools
import uvloop
from benchmarks.gateway_parts.stage import LOAD_CORE, pinned

_WARM = 0.3  # seconds, in a run by the clock


@dataclass
class Found:
    """What the readers saw. ``failed`` counts answers that are no answers; ``why`` is one of them."""

    answers: int = 0
    failed: int = 0
    why: str = ""
    seconds: float = 0.0
    published: int = 0


def load(port: int, paths: list[tuple[str, str]], *, clients: int, seconds: float = 0, requests: int = 0) -> Found:
    """For so many seconds or requests. Each path comes with the etag that the reader knows, or none."""
    asked = json.dumps({"port": port, "paths": paths, "clients": clients, "seconds": seconds, "requests": requests})
    words = pinned(LOAD_CORE, [sys.executable, "-m", "benchmarks.feeds_parts.load", asked])
    said = subprocess.run(words, capture_output=True, text=True, check=True)
    return Found(**json.loads(said.stdout.splitlines()[-1]))


class _Reader(asyncio.Protocol):
    def __init__(self, asked: list[bytes], begun: int, found: Found, done: asyncio.Event, most: int) -> None:
        self._asked, self._place, self._found, self._done, self._most = asked, begun, found, done, most

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.is_set():
            self._found.failed += 1
            self._found.why = self._found.why or "a connection was closed"
            if self._most:
                self._done.set()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"content-length":
            self._length = int(value)

    def on_body(self, body: bytes) -> None:
        self._read += len(body)

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        self._found.answers += 1
        if status not in (200, 304) or (status == 200 and self._length not in (-1, self._read)):
            self._found.failed += 1
            self._found.why = self._found.why or f"status {status}, {self._read} of {self._length} bytes"
        if self._most and self._found.answers >= self._most:
            self._done.set()
        elif not self._done.is_set():
            asyncio.get_running_loop().call_soon(self._ask)

    def _ask(self) -> None:
        self._parser, self._length, self._read = httptools.HttpResponseParser(self), -1, 0
        self._transport.write(self._asked[self._place % len(self._asked)])
        self._place += 1


async def _main() -> None:
    asked = json.loads(sys.argv[1])
    found, done, loop = Found(), asyncio.Event(), asyncio.get_running_loop()
    sent = [_request(path, known) for path, known in asked["paths"]]
    for place in range(asked["clients"]):
        await loop.create_connection(
            lambda place=place: _Reader(sent, place, found, done, asked["requests"]),  # type: ignore[misc]
            "127.0.0.1",
            asked["port"],
        )
    if asked["requests"]:
        begun = time.perf_counter()
        await done.wait()
    else:
        await asyncio.sleep(_WARM)
        found.answers, begun = 0, time.perf_counter()
        await asyncio.sleep(asked["seconds"])
    found.seconds = time.perf_counter() - begun
    done.set()
    print(json.dumps(asdict(found)), flush=True)
    os._exit(0)  # the connections need no farewell


def _request(path: str, known: str) -> bytes:
    head = f"GET {path} HTTP/1.1\r\nHost: bench\r\nAccept: application/taxii+json;version=2.1\r\n"
    return (head + (f"If-None-Match: {known}\r\n" if known else "") + "\r\n").encode()


if __name__ == "__main__":
    uvloop.run(_main())
