"""A developer's endpoint on loopback, in a thread of its own, that does what a test says. Real HTTP.

It speaks what OpenAI's and Anthropic's clients speak (``spoken_protocols``). What it does is chosen by the text of
the last message or input, which names one of the methods below without its underscore. Anything else gets a plain
answer, or a stream if the body asks for one.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from .spoken_protocols import EVENTS, PLAIN, USAGE, delta_of, tool_chunks

SECRET = "sk-upstream-0123456789abcdefghijklmnop"


@dataclass
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class ScriptedUpstream:
    interval: float = 0.01  # between two events of a stream
    length: int = 5  # events of a stream with an end
    tls: ssl.SSLContext | None = None
    host: str = "127.0.0.1"  # by which it is called
    requests: list[Seen] = field(default_factory=list)
    open_streams: int = 0
    cancelled: int = 0  # streams whose caller went away

    def __enter__(self) -> ScriptedUpstream:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        started = threading.Event()
        self._loop.call_soon(lambda: self._loop.create_task(self._start(started)))
        self._thread.start()
        assert started.wait(5)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    @property
    def base_url(self) -> str:
        return f"{'http' if self.tls is None else 'https'}://{self.host}:{self.port}/v1"

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    async def _start(self, started: threading.Event) -> None:
        server = web.Server(self._serve, handler_cancellation=True, access_log=None)
        self._runner = web.ServerRunner(server, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self.tls)
        await site.start()
        self.port = self._runner.addresses[0][1]
        started.set()

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        self.requests.append(Seen(request.method, request.raw_path, dict(request.headers), body))
        if request.path == "/v1/audio/echo":
            return web.Response(body=body, content_type="application/octet-stream")
        asked: dict[str, Any] = json.loads(body) if body else {}
        words = _last_words(asked)
        script: Callable[..., Any] | None = getattr(self, f"_{words}", None) if words.isalpha() else None
        if script is not None and script not in (self._serve, self._run, self._start):
            answer: web.StreamResponse = await script(request)
            return answer
        path = request.path.removeprefix("/v1/")
        if path.startswith("responses/"):
            return web.json_response(PLAIN["responses"]({"model": "north-7b", **asked}))
        if asked.get("stream") and path in EVENTS:
            return await self._told(request, EVENTS[path](asked))
        if asked.get("stream") and asked.get("tools"):
            return await self._told(request, tool_chunks(asked))
        if asked.get("stream"):
            return await self._stream(request)
        if path in PLAIN:
            return web.json_response(PLAIN[path](asked))
        return web.json_response({"id": str(asked.get("model")), "object": "model", "created": 0, "owned_by": "lab"})

    async def _told(self, request: web.BaseRequest, events: list[dict[str, Any]]) -> web.StreamResponse:
        response = await _begin(request)
        for said in events:
            name = f"event: {said['type']}\n".encode() if "type" in said else b""
            await response.write(name + b"data: " + json.dumps(said).encode() + b"\n\n")
            await asyncio.sleep(self.interval)
        return response

    async def _stream(self, request: web.BaseRequest) -> web.StreamResponse:
        return await self._events(request, self.length, usage=True)

    async def _bare(self, request: web.BaseRequest) -> web.StreamResponse:
        return await self._events(request, self.length, usage=False)

    async def _forever(self, request: web.BaseRequest) -> web.StreamResponse:
        return await self._events(request, 10**9, usage=False)

    async def _events(self, request: web.BaseRequest, count: int, *, usage: bool) -> web.StreamResponse:
        response = await _begin(request)
        self.open_streams += 1
        try:
            for number in range(count):
                await response.write(delta_of(request.path, f"w{number} ") or event(_word(f"w{number} ")))
                await asyncio.sleep(self.interval)
            if usage:
                await response.write(event({"choices": [], "usage": USAGE}))
            await response.write(b"data: [DONE]\n\n")
        except (asyncio.CancelledError, ConnectionError):
            self.cancelled += 1
            raise
        finally:
            self.open_streams -= 1
        return response

    async def _broken(self, request: web.BaseRequest) -> web.StreamResponse:
        response = await _begin(request)
        for part in (
            b'data: {"choices": [{"delta"',
            b"\xff\xfe\n\ndata\ndata:\n\n: no",
            b"\r\r\nid: \0\n\n",
            b"data: 7",
        ):
            await response.write(part)
            await asyncio.sleep(0.01)
        return response

    async def _drop(self, request: web.BaseRequest) -> web.StreamResponse:
        response = await _begin(request)
        await response.write(event({"choices": [{"delta": {"content": "half"}}]}))
        await asyncio.sleep(0.05)
        assert request.transport is not None
        request.transport.abort()
        return response

    async def _overrun(self, request: web.BaseRequest) -> web.StreamResponse:
        return await self._events(request, 1000, usage=False)

    async def _hang(self, request: web.BaseRequest) -> web.StreamResponse:
        await asyncio.sleep(3600)
        return web.Response()

    async def _stall(self, request: web.BaseRequest) -> web.StreamResponse:
        response = await _begin(request)
        await response.write(event({"choices": [{"delta": {"content": "one"}}]}))
        await asyncio.sleep(3600)
        return response

    async def _trickle(self, request: web.BaseRequest) -> web.StreamResponse:
        """A plain answer that takes its time between its bytes."""
        response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "100000"})
        await response.prepare(request)
        for _ in range(100000):
            await response.write(b" ")
            await asyncio.sleep(0.02)
        return response

    async def _flood(self, request: web.BaseRequest) -> web.StreamResponse:
        """A stream of 3 MB, as fast as it is taken."""
        response = await _begin(request)
        for number in range(300):
            await response.write(b": " + b"%04d" % number * 2500 + b"\n\n")
        await response.write(event({"choices": [], "usage": USAGE}) + b"data: [DONE]\n\n")
        return response

    async def _redirect(self, request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=307, headers={"Location": f"http://127.0.0.1:{self.port}/elsewhere"})

    async def _unauthorised(self, request: web.BaseRequest) -> web.StreamResponse:
        return web.json_response({"error": {"message": f"Incorrect key {SECRET}"}}, status=401)

    async def _error(self, request: web.BaseRequest) -> web.StreamResponse:
        return web.json_response({"error": {"message": "context too long"}}, status=400)

    async def _fail(self, request: web.BaseRequest) -> web.StreamResponse:
        said = {"type": "error", "error": {"type": "api_error", "message": "the engine is on fire"}}
        return web.json_response(said, status=500)

    async def _busy(self, request: web.BaseRequest) -> web.StreamResponse:
        said = {"type": "error", "error": {"type": "rate_limit_error", "message": "too many evaluators"}}
        return web.json_response(said, status=429, headers={"X-Should-Retry": "false", "Retry-After": "7"})

    async def _reset(self, request: web.BaseRequest) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async def _short(self, request: web.BaseRequest) -> web.StreamResponse:
        """Less than it says."""
        response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b'{"id": "c-1", ')
        assert request.transport is not None
        request.transport.close()
        return response

    async def _long(self, request: web.BaseRequest) -> web.StreamResponse:
        """More than it says: another answer that nobody asked for."""
        body = json.dumps(PLAIN[request.path.removeprefix("/v1/")]({"model": "north-7b"}))
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        assert request.transport is not None
        request.transport.write((head + body).encode() + b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")  # type: ignore[attr-defined]
        await asyncio.sleep(0.05)
        request.transport.abort()
        return web.Response()

    async def _leak(self, request: web.BaseRequest) -> web.StreamResponse:
        response = await _begin(request)
        for part in (b'data: {"echo": "', SECRET[:20].encode(), SECRET[20:].encode(), b'"}\n\n'):
            await response.write(part)
            await asyncio.sleep(0.02)
        return response


def event(data: dict[str, Any]) -> bytes:
    """One server-sent event of a chat completion."""
    whole = {"id": "c-1", "object": "chat.completion.chunk", "created": 0, "model": "north-7b", **data}
    return b"data: " + json.dumps(whole).encode() + b"\n\n"


def _word(text: str) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {"content": text}}]}


def _last_words(asked: dict[str, Any]) -> str:
    said: Any = asked["messages"][-1]["content"] if asked.get("messages") else asked.get("input")
    return said if isinstance(said, str) else ""


async def _begin(request: web.BaseRequest) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Set-Cookie": "a=b", "X-Echo": SECRET})
    response.enable_chunked_encoding()
    await response.prepare(request)
    return response
