"""The API inside this process: the same routes, validation and answers as over HTTP, without a socket.

Who asks is given as a value, not as something that a request could carry: see ``asking.LocalRequest``.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import IO
from urllib.parse import unquote

from django.core.handlers.base import BaseHandler
from django.http import QueryDict

from seatrial.parties.types import Actor

from .asking import LocalRequest


class InProcess:
    """Carries one actor's requests to the API of this process. Shaped as ``seatrial.client.transport.Transport``."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor
        self._handler = BaseHandler()
        self._handler.load_middleware()

    def send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | IO[bytes],
        into: Callable[[bytes], object] | None = None,
    ) -> tuple[int, Mapping[str, str], bytes]:
        """``path`` starts with a slash and may have a query. Returns status, headers and body (see ``Transport``)."""
        response = self._handler.get_response(self._request(method, path, headers, body))
        content = b""
        try:
            if into is None or response.status_code >= 300:
                content = b"".join(response)  # a whole answer and a streamed one alike
            else:
                for piece in response:
                    into(piece)
        finally:
            for close in getattr(response, "_resource_closers", ()):
                close()  # and not response.close(): that would end this process's database connection too
        return response.status_code, dict(response.items()), content

    def close(self) -> None:
        """Nothing is open."""

    def _request(self, method: str, path: str, headers: Mapping[str, str], body: bytes | IO[bytes]) -> LocalRequest:
        stream: IO[bytes] = io.BytesIO(body) if isinstance(body, bytes) else body
        size = stream.seek(0, io.SEEK_END)
        stream.seek(0)
        request = LocalRequest()
        request.local_actor = self._actor
        request.method = method
        plain_path, _, query = path.partition("?")
        request.path = request.path_info = unquote(plain_path)
        request.GET = QueryDict(query)
        request.META = {
            "REQUEST_METHOD": method,
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "CONTENT_LENGTH": str(size),
            **{_variable(name): value for name, value in headers.items()},
        }
        request._set_content_type_params(request.META)  # type: ignore[attr-defined]
        request._stream = stream  # type: ignore[assignment]
        request._read_started = False  # type: ignore[attr-defined]
        return request


def _variable(name: str) -> str:
    """A header's name as Django's META spells it."""
    spelled = name.upper().replace("-", "_")
    return spelled if spelled in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{spelled}"
