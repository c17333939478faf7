"""An endpoint on loopback that takes bodies of any size and tells what it took; or is slow, or stops, or has enough."""

from __future__ import annotations

import asyncio
import hashlib
import json
import ssl
import threading
from dataclasses import dataclass, field


@dataclass
class Took:
    """One request: its head, how much of its body came, and the digest of that."""

    head: bytes
    bytes: int
    digest: str


@dataclass
class DrinkingEndpoint:
    """``manner``: ``whole`` answers after the body, ``slow`` too but takes 8 MiB a second, ``long`` with
    ``length`` bytes; after 1 MiB ``stall`` takes no more, ``enough`` answers 413, ``drop`` hangs up.
    """

    manner: str = "whole"
    length: int = 0
    tls: ssl.SSLContext | None = None
    took: list[Took] = field(default_factory=list)

    def __enter__(self) -> DrinkingEndpoint:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        made = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.tls), self._loop
        )
        self._server = made.result(10)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        async def end() -> None:
            self._server.close()
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()
            await asyncio.sleep(0.01)

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    @property
    def base_url(self) -> str:
        return f"{'http' if self.tls is None else 'https'}://127.0.0.1:{self.port}/v1"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                if not await self._answer(head, reader, writer):
                    break
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
        taken, digest = 0, hashlib.sha256()
        took = Took(head, 0, "")
        self.took.append(took)
        while taken < length:
            piece = await reader.read(min(2**18, length - taken))
            if not piece:
                return False
            taken += len(piece)
            digest.update(piece)
            took.bytes, took.digest = taken, f"sha256:{digest.hexdigest()}"
            if self.manner == "slow":
                await asyncio.sleep(len(piece) / 2**23)
            elif self.manner == "stall" and taken >= 2**20:
                await asyncio.sleep(3600)
            elif self.manner == "drop" and taken >= 2**20:
                writer.transport.abort()
                return False
            elif self.manner == "enough" and taken >= 2**20:
                writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 6\r\nContent-Type: text/plain\r\n\r\nenough")
                await writer.drain()
                return True  # and reads on, as a server may
        if self.manner == "long":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n")
            writer.write(b"Content-Length: %d\r\n\r\n" % self.length)
            for _ in range(self.length // 2**18):
                writer.write(bytes(2**18))
                await writer.drain()
            return True
        answer = json.dumps({"id": "c-1", "bytes": taken, "digest": took.digest, "choices": []}).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(answer))
        writer.write(answer)
        await writer.drain()
        return True
