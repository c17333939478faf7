"""A connection goes to exactly the addresses that were checked: a name that changes its mind gains nothing."""

from __future__ import annotations

import socket
from collections.abc import Sequence

from aiohttp.abc import AbstractResolver, ResolveResult


def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of ``host``. Raises ``OSError``."""
    return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class Pinned(AbstractResolver):
    """Answers with the addresses that were checked, and with nothing else."""

    def __init__(self, found: Sequence[str]) -> None:
        self._found = found

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            {
                "hostname": host,
                "host": address,
                "port": port,
                "family": socket.AF_INET6 if ":" in address else socket.AF_INET,
                "proto": 0,
                "flags": socket.AI_NUMERICHOST,
            }
            for address in self._found
        ]

    async def close(self) -> None:
        return None
