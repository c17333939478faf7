"""A small HTTP server around a toy service, run on a host of the box's network: ``python3 serve.py NAME PORT``.

The service lies beside it as ``service.py`` and has ``handle(method, path, args, cookies)``, which returns a status and
a text: ``args`` are those of the query and of a form, ``cookies`` a dictionary in which it may set others. It stands
alone and uses nothing but Python's own library.
"""

from __future__ import annotations

import importlib
import sys
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import ModuleType
from urllib.parse import parse_qsl, unquote, urlsplit


def respond(
    service: ModuleType, method: str, target: str, cookie: str = "", body: str = ""
) -> tuple[int, str, list[str]]:
    """Status, text and the cookies to set for one request."""
    parts = urlsplit("//host" + target if target.startswith("//") else target)
    path = unquote(target.partition("?")[0] if target.startswith("//") else parts.path)
    args = dict(parse_qsl(parts.query)) | dict(parse_qsl(body))
    cookies = {name: morsel.value for name, morsel in SimpleCookie(cookie).items()}
    before = dict(cookies)
    try:
        status, text = service.handle(method, path, args, cookies)
    except Exception as error:
        status, text = 500, type(error).__name__
    return status, str(text), [f"{name}={value}" for name, value in cookies.items() if before.get(name) != value]


class Handler(BaseHTTPRequestHandler):
    service: ModuleType

    def do_GET(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(size).decode("utf-8", "replace")
        status, text, cookies = respond(self.service, self.command, self.path, self.headers.get("Cookie", ""), body)
        data = text.encode()
        self.send_response(status)
        for cookie in cookies:
            self.send_header("Set-Cookie", cookie)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_POST = do_GET  # noqa: N815 - the name that http.server calls

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged."""


if __name__ == "__main__":
    Handler.service = importlib.import_module("service")
    ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), Handler).serve_forever()
