"""Webhooks over HTTP: one checked address, one request, a bounded answer that nobody repeats."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

import aiohttp

from seatrial.kernel.errors import Misuse
from seatrial.kernel.outgoing import check_url, reachable
from seatrial.notices.adapters.pinned import Pinned, resolve
from seatrial.notices.core.lifecycle import judged
from seatrial.notices.types import Outcome, Posting

PATIENCE = 10.0  # seconds, for everything
_MOST_BODY = 4096
_MOST_LINE = 8190

Resolve = Callable[[str, int], Sequence[str]]


class HttpPoster:
    """See ``ports.Poster``. A name all of whose addresses are public is reached at exactly one of those."""

    def __init__(self, *, loopback: bool, origin: str, resolve: Resolve = resolve, patience: float = PATIENCE) -> None:
        self._loopback = loopback
        self._agent = f"Seatrial ({origin})"
        self._resolve = resolve
        self._patience = patience

    def post(self, posting: Posting) -> Outcome:
        try:
            return asyncio.run(asyncio.wait_for(self._post(posting), self._patience))
        except Misuse:
            return Outcome(reason="The webhook's address is no longer one that may be used; remove it and add another.")
        except TimeoutError:
            return Outcome(reason=f"The receiver did not answer within {self._patience:g} seconds.")
        except (ssl.SSLError, aiohttp.ClientSSLError):
            return Outcome(reason="The receiver's TLS certificate could not be verified.")
        except (aiohttp.ClientError, OSError, ValueError):
            return Outcome(reason="The receiver could not be reached, or its answer is not HTTP.")

    async def _post(self, posting: Posting) -> Outcome:
        parts = urlsplit(check_url(posting.url, loopback=self._loopback))
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(None, self._resolve, host, port)
        if not found or not all(reachable(address, loopback=self._loopback) for address in found):
            return Outcome(reason="The receiver's name leads to an address that is not public.")
        connector = aiohttp.TCPConnector(resolver=Pinned(found), force_close=True)
        async with aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=self._patience),
            max_line_size=_MOST_LINE,
            max_field_size=_MOST_LINE,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
        ) as session:
            headers = {**posting.headers, "content-type": "application/json", "user-agent": self._agent}
            async with session.post(posting.url, data=posting.body, headers=headers, allow_redirects=False) as answer:
                await answer.content.read(_MOST_BODY)
                return judged(answer.status)
