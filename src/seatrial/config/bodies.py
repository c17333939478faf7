"""No request brings a larger body than this instance takes: refused before it is read, and again while it is read.

Django receives a whole body into a temporary file before any view runs. This stands in front of it, so that neither
memory nor disk fills with what would be refused anyway.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.http import HttpResponse
from django.template.loader import render_to_string

from seatrial.rest.problems import problem

ROOM_FOR_FIELDS = 1024 * 1024  # beside a file: the form's other fields, and what frames them

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Receive, Send], Awaitable[None]]

_MIB = 1024 * 1024


class BoundedBodies:
    """An ASGI application around another. A body of more than ``limit`` bytes gets 413 and one sentence."""

    def __init__(self, application: Application, *, limit: int) -> None:
        self._application, self._limit = application, limit

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        if _declared(scope) > self._limit:
            await self._refuse(scope, send)
            return
        received, answered = 0, False

        async def bounded() -> Message:
            """To the application, a body that grows too large looks like a sender who went away."""
            nonlocal received
            if received > self._limit:
                return {"type": "http.disconnect"}
            message = await receive()
            received += len(message.get("body", b""))
            return message if received <= self._limit else {"type": "http.disconnect"}

        async def sent(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        await self._application(scope, bounded, sent)
        if received > self._limit and not answered:
            await self._refuse(scope, send)

    async def _refuse(self, scope: Any, send: Send) -> None:
        response = self._refusal(scope["path"])
        headers = [(name.encode(), value.encode()) for name, value in response.items()]
        await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": response.content})

    def _refusal(self, path: str) -> HttpResponse:
        limit = (self._limit - ROOM_FOR_FIELDS) // _MIB
        sentence = f"This is larger than the {limit} MiB that can be sent at once; send less, or in parts."
        if path.startswith("/api/"):
            return problem(413, "body-too-large", sentence, kind="misuse")
        return HttpResponse(render_to_string("413.html", {"sentence": sentence}), status=413)


def _declared(scope: Any) -> int:
    """The body's length as its sender declares it; 0 if it does not."""
    length = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    return int(length) if length.isdigit() and len(length) < 20 else 0
