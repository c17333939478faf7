"""What the ledger needs from outside."""

from __future__ import annotations

from typing import Protocol


class Signer(Protocol):
    """Holds the ledger's Ed25519 key, the same one for as long as the instance lives.

    ``public`` is the 32 raw bytes; ``sign`` returns 64 bytes that verify under it. Making the key is
    atomic: processes that start at once agree on one. Raises ``Unavailable`` (``key-missing``).
    """

    def public(self) -> bytes: ...

    def sign(self, data: bytes) -> bytes: ...
