"""A transport that answers by script and remembers what it was sent; an answer may be lost on its way."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import IO, Any

from seatrial.client.transport import Lost

LOST = object()


@dataclass
class Sent:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class ScriptedTransport:
    """``script`` holds what to answer: ``LOST``, or (status, body) with the body as a value or bytes.

    A download may break off: (status, body, ``LOST``) brings ``body`` and no end.
    """

    script: list[Any]
    sent: list[Sent] = field(default_factory=list)
    headers: Mapping[str, str] = field(default_factory=dict)

    def send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | IO[bytes],
        into: Callable[[bytes], object] | None = None,
    ) -> tuple[int, Mapping[str, str], bytes]:
        if not isinstance(body, bytes):
            body.seek(0)
            body = body.read()
        self.sent.append(Sent(method, path, dict(headers), body))
        answer = self.script.pop(0)
        if answer is LOST:
            raise Lost("no-answer", "No answer came.")
        status, said, *broken = answer
        content = said if isinstance(said, bytes) else json.dumps(said).encode()
        if into is not None and status < 300:
            into(content)
            content = b""
        if broken:
            raise Lost("no-answer", "The answer broke off.")
        return status, self.headers, content

    def close(self) -> None: ...
