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

from .spoken_protocols import EVENTS, PLAIN, delta_of

SECRET = "sk-upstream-0123456789abcdefghijklmnop"
USAGE = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}


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
        asked: dict[str, Any] = json.loads(body) if body else {}
        words = _last_words(asked)
        script: Callable[..., Any] | None = getattr(self, f"_{words}", None) if words.isalpha() else None
        if script is not None and script not in (self._serve, self._run, self._start):
            answer: web.StreamResponse = await script(request)
            return answer
        path = request.path.removeprefix("/v1/")
        if asked.get("stream") and path in EVENTS:
            return await self._told(request, EVENTS[path](asked))
        if asked.get("stream"):
            return await self._stream(request)
        if path in PLAIN:
            return web.json_response(PLAIN[path](asked))
        return _plain(str(asked.get("model")))

    async def _told(self, request: web.BaseRequest, events: list[dict[str, Any]]) -> web.StreamResponse:
        response = await _begin(request)
        for said in events:
            name = f"event: {said['type']}\n".encode()
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

    async def _redirect(self, request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=307, headers={"Location": f"http://127.0.0.1:{self.port}/elsewhere"})

    async def _unauthorised(self, request: web.BaseRequest) -> web.StreamResponse:
        return web.json_response({"error": {"message": f"Incorrect key {SECRET}"}}, status=401)

    async def _error(self, request: web.BaseRequest) -> web.StreamResponse:
        return web.json_response({"error": {"message": "context too long"}}, status=400)

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


def _plain(model: str) -> web.Response:
    choice = {"index": 0, "message": {"role": "assistant", "content": "Aye."}, "finish_reason": "stop"}
    whole = {"id": "c-1", "object": "chat.completion", "created": 0, "model": model, "choices": [choice]}
    return web.json_response({**whole, "usage": USAGE})
