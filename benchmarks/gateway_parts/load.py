"""A load that is no bottleneck: clients in a closed loop over raw sockets, in a process of its own.

``python -m benchmarks.gateway_parts.load PORT KEY CLIENTS SECONDS plain|stream`` prints one JSON object: answers
and chunks a second, failures, and milliseconds to the first byte and to the last (median and 99th percentile).
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import time

import httptools
import uvloop

_WARM_SECONDS = 0.5  # at most, and no more than a quarter of what is measured


def request(key: str, **more: object) -> bytes:
    """The bytes of a call."""
    asked = {
        "model": "north",
        "max_tokens": 100,
        "messages": [{"role": "user", "content": "hello there " * 10}],
        **more,
    }
    body = json.dumps(asked).encode()
    head = "POST /v1/chat/completions HTTP/1.1\r\nHost: bench\r\nAccept: */*\r\nUser-Agent: bench\r\n"
    head += f"Authorization: Bearer {key}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Client(asyncio.Protocol):
    """One connection; calls again as soon as it is answered."""

    def __init__(self, sent: bytes, found: Found) -> None:
        self._sent, self._found = sent, found

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._call()

    def connection_lost(self, exc: Exception | None) -> None:
        self._found.lost += 1

    def data_received(self, data: bytes) -> None:
        if not self._first:
            self._first = time.perf_counter()
        self._found.chunks += data.count(b"data: {")
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        found, end = self._found, time.perf_counter()
        found.answers += 1
        found.failed += self._parser.get_status_code() != 200
        found.first.append(self._first - self._begun)
        found.whole.append(end - self._begun)
        asyncio.get_running_loop().call_soon(self._call)

    def _call(self) -> None:
        self._parser, self._first = httptools.HttpResponseParser(self), 0.0
        self._begun = time.perf_counter()
        self._transport.write(self._sent)


class Found:
    """What the clients count together."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.answers = self.chunks = self.failed = self.lost = 0
        self.first: list[float] = []
        self.whole: list[float] = []

    def told(self, seconds: float) -> dict[str, float]:
        return {
            "answers": self.answers / seconds,
            "chunks": self.chunks / seconds,
            "failed": self.failed + self.lost,
            "first_p50": _at(self.first, 0.5),
            "first_p99": _at(self.first, 0.99),
            "whole_p50": _at(self.whole, 0.5),
            "whole_p99": _at(self.whole, 0.99),
        }


def _at(taken: list[float], share: float) -> float:
    """Milliseconds."""
    if not taken:
        return float("nan")
    if share == 0.5:
        return statistics.median(taken) * 1000
    return sorted(taken)[min(len(taken) - 1, int(len(taken) * share))] * 1000


async def main() -> None:
    """Load for a while, and tell."""
    port, key, clients, seconds, kind = sys.argv[1:6]
    found, loop = Found(), asyncio.get_running_loop()
    sent = request(key, stream=kind == "stream")
    for _ in range(int(clients)):
        await loop.create_connection(lambda: Client(sent, found), "127.0.0.1", int(port))
    await asyncio.sleep(min(_WARM_SECONDS, float(seconds) / 4))
    found.clear()
    begun = time.perf_counter()
    await asyncio.sleep(float(seconds))
    print(json.dumps(found.told(time.perf_counter() - begun)), flush=True)
    os._exit(0)  # the connections need no farewell


if __name__ == "__main__":
    uvloop.run(main())
