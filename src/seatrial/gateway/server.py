"""The HTTP side towards callers, on aiohttp's low-level server. It parses and writes; ``conduct`` does the rest.

To put another server here, give ``Conductor`` its ``Call`` and a ``Reply``; nothing else knows of aiohttp's server.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable

from aiohttp import HttpVersion11, web
from multidict import CIMultiDict

from seatrial.gateway.call import Call, Headers
from seatrial.gateway.conduct import CallerGone, Conductor, Reply, refuse
from seatrial.gateway.door import Door
from seatrial.gateway.limits import Limits
from seatrial.gateway.problems import Problem
from seatrial.kernel.errors import Misuse, NotFound, SeatrialError, Unavailable

_PREFIX = "/v1/"
_PARSER_BYTES = 64 * 2**10  # of one header: what exceeds our own bound but not this gets a clear answer


class HttpReply:
    """``conduct.Reply`` on an aiohttp request."""

    def __init__(self, request: web.BaseRequest) -> None:
        self._request = request
        self.response: web.StreamResponse | None = None
        self.last = False  # close the connection after this answer

    @property
    def started(self) -> bool:
        return self.response is not None

    @property
    def waiting(self) -> bool:
        transport = self._request.transport
        return transport is not None and not transport.is_closing() and _buffered(transport) > 0

    async def start(self, status: int, headers: Headers) -> None:
        response = web.StreamResponse(status=status, headers=CIMultiDict([*headers, ("Server", "seatrial")]))
        if "Content-Length" not in response.headers and self._request.version >= HttpVersion11:
            response.enable_chunked_encoding()  # before HTTP/1.1 the end of the connection ends the answer
        if self.last:
            response.force_close()
        self.response = response
        await self._send(lambda: response.prepare(self._request))

    async def write(self, data: bytes) -> None:
        response = self.response
        assert response is not None  # noqa: S101 - the conductor starts before it writes
        await self._send(lambda: response.write(data))

    async def finish(self) -> None:
        response = self.response
        assert response is not None  # noqa: S101
        await self._send(response.write_eof)

    def abort(self) -> None:
        if self._request.transport is not None:
            self._request.transport.abort()

    async def _send(self, what: Callable[[], object]) -> None:
        if self._request.transport is None or self._request.transport.is_closing():
            raise CallerGone
        try:
            await what()  # type: ignore[misc]
        except (ConnectionError, RuntimeError) as error:
            if isinstance(error, RuntimeError) and not self._gone():
                raise
            raise CallerGone from error

    def _gone(self) -> bool:
        return self._request.transport is None or self._request.transport.is_closing()


def make_server(conductor: Conductor, door: Door, limits: Limits) -> web.Server:
    """The server; what it does with a request stands in ``_serve``."""

    async def serve(request: web.BaseRequest) -> web.StreamResponse:
        reply = HttpReply(request)
        try:
            if not await _look_after_itself(request, reply, door, conductor, limits):
                await conductor.handle(await _call_of(request, limits), reply)
        except SeatrialError as error:
            reply.last = True  # what is left of the body is not read, so no other request can follow
            await refuse(reply, Problem.of(error))
        return reply.response or web.Response(status=500)

    return web.Server(
        serve,
        handler_cancellation=True,
        access_log=None,
        auto_decompress=False,
        max_line_size=_PARSER_BYTES,
        max_field_size=_PARSER_BYTES,
        keepalive_timeout=75.0,
        lingering_time=1.0,
    )


def bind(host: str, port: int) -> socket.socket:
    """A listening socket that is ours alone. Raises ``Unavailable`` (``port-in-use``)."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        raise Unavailable(
            "port-in-use",
            f"The gateway cannot listen on port {port} of {host} ({os.strerror(error.errno or 0)}); "
            "set SEATRIAL_GATEWAY_PORT to a free one.",
            port=port,
        ) from error


async def _look_after_itself(
    request: web.BaseRequest, reply: Reply, door: Door, conductor: Conductor, limits: Limits
) -> bool:
    """Answer what is asked of the gateway itself; true if it was."""
    path = request.raw_path.partition("?")[0]
    if path not in ("/healthz", "/readyz"):
        return False
    if path == "/readyz":
        if conductor.stopping:
            raise Unavailable("gateway-stopping", "The gateway is stopping; try again in a moment.")
        try:
            async with asyncio.timeout(limits.decide_seconds):
                await door.ready()
        except TimeoutError as error:
            raise Unavailable("database-away", "The gateway's database does not answer; try again soon.") from error
    await reply.start(200, [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", "3")])
    await reply.write(b"ok\n")
    await reply.finish()
    return True


async def _call_of(request: web.BaseRequest, limits: Limits) -> Call:
    """The whole request, within its bounds."""
    raw = request.raw_headers
    if sum(len(key) + len(value) + 4 for key, value in raw) + len(request.raw_path) > limits.header_bytes:
        raise Misuse("headers-too-large", f"The headers are longer than {limits.header_bytes} bytes; send fewer.")
    path, _, query = request.raw_path.partition("?")
    if not path.startswith(_PREFIX):
        raise NotFound("no-such-path", f"There is nothing at this path; calls to the model go to {_PREFIX}….")
    return Call(
        method=request.method,
        path=path.removeprefix(_PREFIX),
        query=query,
        headers=tuple((key.decode("latin-1"), value.decode("latin-1")) for key, value in raw),
        body=await _body_of(request, limits),
    )


async def _body_of(request: web.BaseRequest, limits: Limits) -> bytes:
    too_large = Misuse("body-too-large", f"The body is longer than {limits.body_bytes} bytes; send less.")
    if (request.content_length or 0) > limits.body_bytes:
        raise too_large
    body = bytearray()
    try:
        async with asyncio.timeout(limits.request_seconds):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > limits.body_bytes:
                    raise too_large
    except TimeoutError as error:
        raise Misuse(
            "request-slow", f"The body did not arrive within {limits.request_seconds:g} seconds; send it again."
        ) from error
    except (web.RequestPayloadError, OSError, ValueError) as error:
        raise Misuse("body-invalid", "The body could not be read to its end; send it again.") from error
    return bytes(body)


def _buffered(transport: asyncio.BaseTransport) -> int:
    return transport.get_write_buffer_size() if isinstance(transport, asyncio.WriteTransport) else 0
