"""Where a request came from, as far as that can be known behind proxies."""

from __future__ import annotations


def client_address(remote: str, forwarded: str, proxies: int) -> str:
    """The address that the outermost of ``proxies`` trusted proxies saw; ``remote`` if there is none in front.

    Each proxy appends whom it heard from to ``X-Forwarded-For``, so it is counted from the right: what stands further
    left was written by the client, who may write anything. Empty if fewer stand there than there are proxies.
    """
    if proxies <= 0:
        return remote
    heard = [part.strip() for part in forwarded.split(",")]
    return heard[-proxies].strip("[]") if len(heard) >= proxies else ""
