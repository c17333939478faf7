"""The feeds' reading paths in front of Django, in the same process: most requests are a lookup and bytes.

An answer is kept as it was sent, for exactly the same question (address, query, what is accepted, who asks). Before
one is used, the process knows that nothing was published in the last ``FRESH`` seconds; if something was, every kept
answer is dropped. What was answered to somebody by name is kept for ``RIGHTS`` seconds, so that a right that ended
ends here no later than streams do in the gateway. Whatever is not a plain reading goes on to Django.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import unquote

from seatrial.kernel.clock import now

from .asked import Answer, Asked
from .serving import PREFIXES, change, served

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Receive, Send], Awaitable[None]]

FRESH, RIGHTS = 0.25, 1.0  # seconds
_ROOM, _MOST = 64 * 2**20, 4_096  # bytes and answers kept at most
_READ = frozenset({b"accept", b"authorization", b"if-none-match"})


class FeedsInFront:
    """An ASGI application around another."""

    def __init__(self, application: Application, *, origin: str) -> None:
        self._application, self._origin = application, origin
        self._kept: dict[tuple[str, bytes, bytes, bytes], _Kept] = {}
        self._room = 0
        self._change, self._seen = -1, float("-inf")
        self._working: dict[tuple[int, tuple[str, bytes, bytes, bytes]], asyncio.Future[_Kept]] = {}
        self._looking: asyncio.Future[None] | None = None
        self._threads = ThreadPoolExecutor(4, "feeds")  # each with a connection to the database of its own

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIXES) or scope["method"] not in ("GET", "HEAD"):
            await self._application(scope, receive, send)
            return
        accept = authorization = known = b""
        for name, value in scope["headers"]:
            if name in _READ:
                if name == b"accept":
                    accept = value if not accept else accept + b"," + value
                elif name == b"authorization":
                    authorization = value
                else:
                    known = value
        moment = time.monotonic()
        if moment - self._seen > FRESH:
            await self._look(moment)
        key = (scope["path"], scope["query_string"], accept, authorization)
        kept = self._kept.get(key)
        if kept is None or moment > kept.until:
            kept = await self._asked_once(key)
        if known and kept.etag and _names(known, kept.etag):
            await send(kept.unchanged)
            await send(_EMPTY)
            return
        await send(kept.start)
        await send(_EMPTY if scope["method"] == "HEAD" else kept.body)

    async def _look(self, moment: float) -> None:
        """Drops what is kept if something was published. However many ask, one looks and the others wait for it."""
        if self._looking is None:
            loop = asyncio.get_running_loop()
            looking = self._looking = loop.create_future()
            try:
                found = await loop.run_in_executor(self._threads, change)
                if found != self._change:
                    self._kept.clear()
                    self._room, self._change = 0, found
                self._seen = moment
            finally:
                self._looking = None
                looking.set_result(None)
            return
        await self._looking
        if moment - self._seen > FRESH:  # whoever looked could not
            await self._look(moment)

    async def _asked_once(self, key: tuple[str, bytes, bytes, bytes]) -> _Kept:
        """However many ask the same at once, it is worked out once; never across a publication that was seen."""
        name = (self._change, key)
        working = self._working.get(name)
        if working is None:
            working = self._working[name] = asyncio.ensure_future(self._ask(key))
            working.add_done_callback(lambda _: self._working.pop(name, None))
        return await asyncio.shield(working)  # one who goes away takes the answer from nobody

    async def _ask(self, key: tuple[str, bytes, bytes, bytes]) -> _Kept:
        path, query, accept, authorization = key
        asked = Asked(
            "GET",
            unquote(path) if "%" in path else path,
            query.decode("latin-1"),
            {"accept": accept.decode("latin-1"), "authorization": authorization.decode("latin-1")},
        )
        begun, moment = self._change, time.monotonic()
        answer = await asyncio.get_running_loop().run_in_executor(self._threads, served, asked, now(), self._origin)
        kept = _Kept(answer, moment + RIGHTS if authorization else float("inf"))
        if answer.status == 200 and begun == self._change:
            if len(self._kept) >= _MOST or self._room + len(answer.body) > _ROOM:
                self._kept.clear()
                self._room = 0
            self._kept[key] = kept
            self._room += len(answer.body)
        return kept


class _Kept:
    """An answer as messages."""

    __slots__ = ("body", "etag", "start", "unchanged", "until")

    def __init__(self, answer: Answer, until: float) -> None:
        self.until, self.etag = until, answer.etag.encode()
        headers = [(name.lower().encode(), value.encode()) for name, value in answer.all_headers()]
        sized = [*headers, (b"content-length", b"%d" % len(answer.body))]
        self.start = {"type": "http.response.start", "status": answer.status, "headers": sized}
        self.body = {"type": "http.response.body", "body": answer.body}
        same = [one for one in headers if one[0] != b"content-type"]
        self.unchanged = {"type": "http.response.start", "status": 304, "headers": same}


_EMPTY = {"type": "http.response.body", "body": b""}


def _names(known: bytes, etag: bytes) -> bool:
    if known == etag or known.strip() == b"*":
        return True
    return etag in (one.strip().removeprefix(b"W/") for one in known.split(b","))
