"""What the ledger needs from outside."""

from __future__ import annotations

from typing import Protocol


class Signer(Protocol):
    """Holds the ledger's Ed25519 key, the same one for as long as the instance lives.

    The key is made at first use. Making it is atomic: threads and processes that start at once agree on one, and
    from the first call to return on it is durable. What cannot be read is never replaced.
    Both raise ``Unavailable`` (``key-missing``).
    """

    def public(self) -> bytes:
        """The 32 bytes of the public key."""
        ...

    def sign(self, data: bytes) -> bytes:
        """64 bytes that verify ``data`` under ``public()``; the same for the same data."""
        ...
