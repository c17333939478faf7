"""Eight callers, each with bodies that nobody else sends; a line is printed at each one's first answer.

``python -m benchmarks.gateway_parts.caller PORT KEY ROUND``
"""

from __future__ import annotations

import asyncio
import itertools
import sys

from .load import request


async def _calls(port: int, key: str, name: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for number in itertools.count():
        writer.write(request(key, stream=number % 3 == 0, user=f"{name}-{number}"))
        head = await reader.readuntil(b"\r\n\r\n")
        if b"chunked" in head:
            await reader.readuntil(b"0\r\n\r\n")
        else:
            await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]))
        if not number:
            print("answered", flush=True)


async def main() -> None:
    """Until killed, or the gateway is."""
    port, key, name = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    await asyncio.gather(*(_calls(port, key, f"{name}-{one}") for one in range(8)), return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(main())
