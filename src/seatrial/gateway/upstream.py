"""Calls to a developer's endpoint: the port, and its adapter on aiohttp's client.

Redirects are not followed, cookies are not kept, no proxy of the environment is used, nothing is decompressed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from seatrial.gateway.call import Headers
from seatrial.gateway.limits import Limits
from seatrial.kernel.errors import Unavailable


class Answer(Protocol):
    """An endpoint's answer whose head has come."""

    @property
    def status(self) -> int: ...

    @property
    def headers(self) -> Headers: ...

    def chunks(self) -> AsyncIterator[bytes]:
        """The body's bytes as they come. Raises ``Unavailable`` (``upstream-slow``, ``upstream-broke``)."""
        ...


class Upstream(Protocol):
    """Guarantees: one request for one call; leaving the block early ends the exchange on the endpoint's side too."""

    def call(self, method: str, url: str, headers: Headers, body: bytes) -> AbstractAsyncContextManager[Answer]:
        """Raises ``Unavailable`` (``upstream-down``, ``-slow``, ``-broke``) if no answer begins."""
        ...

    async def close(self) -> None: ...


class HttpUpstream:
    """``Upstream`` on aiohttp. Make it inside the running loop."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=4.0),
            timeout=aiohttp.ClientTimeout(
                total=None, connect=None, sock_connect=limits.connect_seconds, sock_read=None
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
        )

    @asynccontextmanager
    async def call(self, method: str, url: str, headers: Headers, body: bytes) -> AsyncIterator[Answer]:
        sent = self._session.request(
            method,
            URL(url, encoded=True),
            headers=CIMultiDict(headers),
            data=body or None,
            allow_redirects=False,
            skip_auto_headers=("User-Agent", "Content-Type", "Accept"),
        )
        try:
            async with asyncio.timeout(self._limits.first_byte_seconds):
                response = await sent
        except (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError, aiohttp.InvalidURL) as error:
            raise Unavailable(
                "upstream-down", "The developer's endpoint cannot be reached; tell the developer, and try again later."
            ) from error
        except TimeoutError as error:
            raise _slow(self._limits.first_byte_seconds) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _broke() from error
        try:
            yield _Answer(response, self._limits.idle_seconds)
        finally:
            response.close()  # returns the connection if the answer was read to its end, else closes it

    async def close(self) -> None:
        await self._session.close()


class _Answer:
    def __init__(self, response: aiohttp.ClientResponse, idle_seconds: float) -> None:
        self._response = response
        self._idle_seconds = idle_seconds
        self.status = response.status
        self.headers: Headers = tuple(response.headers.items())

    async def chunks(self) -> AsyncIterator[bytes]:
        content = self._response.content
        while True:
            try:
                async with asyncio.timeout(self._idle_seconds):
                    chunk = await content.readany()
            except TimeoutError as error:
                raise _slow(self._idle_seconds) from error
            except (aiohttp.ClientError, OSError, ValueError) as error:
                raise _broke() from error
            if not chunk:
                return
            yield chunk


def _slow(seconds: float) -> Unavailable:
    return Unavailable(
        "upstream-slow", f"The developer's endpoint said nothing for {seconds:g} seconds; try again, or ask for less."
    )


def _broke() -> Unavailable:
    return Unavailable(
        "upstream-broke", "The developer's endpoint broke its answer off; tell the developer, and try again."
    )
