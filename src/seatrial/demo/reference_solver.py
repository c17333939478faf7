"""A scripted solver behind an OpenAI-compatible endpoint: the other end of the yardstick.

Run as ``python -m seatrial.demo.reference_solver PORT SOLUTIONS`` with the endpoint's key in
``SEATRIAL_UPSTREAM_KEY``. It knows the suite's worked solutions (a JSON list of id, prompt, oracle, naive) and
gives one to all but a declared share of the attempts, which get the naive answer. It is no model and is never
shown as one: it proves that the suite can be met and that a campaign can end so. Any other prompt gets a slow,
long answer, which is good for watching a stream being cut.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

NAME = "reference-solver"
SLIPS = 0.08  # share of attempts that get the naive answer
WORDS_PER_SECOND = 25.0  # of the slow answer

_KEY = web.AppKey("key", str)


class Solver:
    """Answers by looking a prompt up among the suite's items."""

    def __init__(self, solutions: Iterable[Mapping[str, str]]) -> None:
        self._items = {item["prompt"].strip(): item for item in solutions}
        self._asked: Counter[str] = Counter()

    def answer(self, messages: list[dict[str, Any]]) -> str | None:
        """The completion for a suite's prompt, or ``None`` for any other."""
        prompt = next((str(m.get("content", "")) for m in reversed(messages) if m.get("role") == "user"), "")
        item = self._items.get(prompt.strip())
        if item is None:
            return None
        self._asked[item["id"]] += 1
        draw = hashlib.sha256(f"{item['id']}/{self._asked[item['id']]}".encode()).digest()[0] / 256
        return item["naive"] if draw < SLIPS else item["oracle"]


_SOLVER = web.AppKey("solver", Solver)


async def _completions(request: web.Request) -> web.StreamResponse:
    if request.headers.get("Authorization") != f"Bearer {request.app[_KEY]}":
        return web.json_response({"error": {"message": "unknown key", "type": "authentication_error"}}, status=401)
    body = await request.json()
    answer = request.app[_SOLVER].answer(body.get("messages", []))
    head = {"id": "chatcmpl-reference", "created": int(time.time()), "model": NAME, "system_fingerprint": "scripted-1"}
    words = len(str(body.get("messages"))) // 4
    if body.get("stream"):
        return await _stream(request, head, answer)
    text = answer if answer is not None else " ".join([word async for word in _ramble(40)])
    usage = {"prompt_tokens": words, "completion_tokens": len(text) // 4, "total_tokens": words + len(text) // 4}
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
    return web.json_response({**head, "object": "chat.completion", "choices": [choice], "usage": usage})


async def _stream(request: web.Request, head: dict[str, Any], answer: str | None) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await response.prepare(request)
    words = _ramble(600) if answer is None else _once(answer)
    try:
        async for word in words:
            choice = {"index": 0, "delta": {"content": word + " "}, "finish_reason": None}
            event = {**head, "object": "chat.completion.chunk", "choices": [choice]}
            await response.write(f"data: {json.dumps(event)}\n\n".encode())
        await response.write(b"data: [DONE]\n\n")
    except ConnectionError:
        pass  # the caller left, or was made to
    return response


async def _ramble(words: int) -> AsyncIterator[str]:
    for number in range(words):
        await asyncio.sleep(1 / WORDS_PER_SECOND)
        yield f"word-{number}"


async def _once(text: str) -> AsyncIterator[str]:
    yield text


async def _models(_request: web.Request) -> web.Response:
    return web.json_response({"object": "list", "data": [{"id": NAME, "object": "model"}]})


async def _health(_request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


def application(solutions: Iterable[Mapping[str, str]], key: str) -> web.Application:
    """The server, ready to run."""
    app = web.Application()
    app[_KEY] = key
    app[_SOLVER] = Solver(solutions)
    app.router.add_post("/v1/chat/completions", _completions)
    app.router.add_get("/v1/models", _models)
    app.router.add_get("/health", _health)
    return app


if __name__ == "__main__":
    web.run_app(
        application(json.loads(Path(sys.argv[2]).read_text()), os.environ["SEATRIAL_UPSTREAM_KEY"]),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        print=None,
    )
