"""Files of one host over HTTP: its name is resolved once, no redirect is followed, sizes and times are bounded."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Sequence
from typing import Self
from urllib.parse import urlsplit

import aiohttp

from seatrial.clearinghouse.members.core.provider import check_host
from seatrial.kernel.errors import Misuse, NotFound, Unavailable
from seatrial.kernel.outgoing import check_url, reachable
from seatrial.notices.api import Pinned, resolve

PATIENCE = 60.0  # seconds for one file
_PIECE = 2**16

Resolve = Callable[[str, int], Sequence[str]]


class HttpReader:
    """See ``ports.Reader``; reads from the host of ``home`` alone. Used in a ``with``."""

    def __init__(
        self, home: str, *, loopback: bool, agent: str, resolve: Resolve = resolve, patience: float = PATIENCE
    ) -> None:
        self._home, self._loopback, self._agent = check_url(home, loopback=loopback, what="a feed"), loopback, agent
        self._resolve, self._patience = resolve, patience
        self._session: aiohttp.ClientSession | None = None

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        return self

    def __exit__(self, *_: object) -> None:
        if self._session is not None:
            self._loop.run_until_complete(self._session.close())
        self._loop.close()

    def read(self, url: str, most: int) -> bytes:
        """See ``ports.Reader``."""
        check_host(url, self._home)
        try:
            return self._loop.run_until_complete(asyncio.wait_for(self._read(url, most), self._patience))
        except TimeoutError as error:
            raise _not_reached(url, f"it did not answer within {self._patience:g} seconds") from error
        except (ssl.SSLError, aiohttp.ClientSSLError) as error:
            raise _not_reached(url, "its TLS certificate could not be verified") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _not_reached(url, "nobody answers there, or what answers is not HTTP") from error

    async def _read(self, url: str, most: int) -> bytes:
        session = self._session or await self._opened()
        async with session.get(url, headers={"user-agent": self._agent}, allow_redirects=False) as answer:
            if answer.status in (404, 410):
                raise NotFound("no-such-file", f"There is no {url[:200]}.")
            if answer.status != 200:
                raise _not_reached(url, f"it answers {answer.status}")
            found = bytearray()
            async for piece in answer.content.iter_chunked(_PIECE):
                found += piece
                if len(found) > most:
                    raise Misuse("file-too-large", f"{url[:200]} has more than {most:,} bytes; it is not read.")
            return bytes(found)

    async def _opened(self) -> aiohttp.ClientSession:
        parts = urlsplit(self._home)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        found = await self._loop.run_in_executor(None, self._resolve, host, port)
        if not found or not all(reachable(address, loopback=self._loopback) for address in found):
            raise _not_reached(self._home, "its name leads to an address that is not public")
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=Pinned(found), limit=4),
            timeout=aiohttp.ClientTimeout(total=self._patience),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self._session


def _not_reached(url: str, why: str) -> Unavailable:
    return Unavailable("not-reached", f"{url[:200]} could not be read: {why}.")
