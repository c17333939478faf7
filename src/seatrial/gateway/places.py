"""Where an endpoint is: what its URL says, and the addresses that a name may lead to."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from functools import lru_cache
from urllib.parse import urlsplit

from seatrial.kernel.errors import Unavailable

Place = tuple[bool, str, int]  # encrypted, host, port


@lru_cache(maxsize=1024)
def parts_of(url: str) -> tuple[Place, str, str]:
    """The place, what the Host header says, and the target."""
    parts = urlsplit(url)
    encrypted = parts.scheme == "https"
    port = parts.port or (443 if encrypted else 80)
    target = parts.path or "/"
    return (encrypted, parts.hostname or "", port), parts.netloc, f"{target}?{parts.query}" if parts.query else target


async def addresses_of(host: str, port: int) -> list[str]:
    """Where to connect. Raises ``Unavailable`` (``upstream-private``): a name must not lead inside."""
    try:
        return [str(ipaddress.ip_address(host))]  # the consent names it itself
    except ValueError:
        pass
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(address[4][0]) for address in found))
    if host != "localhost" and not all(_public(address) for address in addresses):
        raise Unavailable(
            "upstream-private",
            "The name of the developer's endpoint leads to a private address, which is not called; "
            "the consent must name that address itself.",
        )
    return addresses


def _public(address: str) -> bool:
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return (mapped or found).is_global
