"""What access needs from outside: something that keeps a secret beside the database."""

from __future__ import annotations

from typing import Protocol


class Sealer(Protocol):
    """Guarantees: ``unseal(seal(s, c), c) == s``; nobody without its key learns ``s`` or changes it unnoticed; a text
    sealed for one ``context`` does not open in another; the same secret sealed twice gives two texts."""

    def seal(self, secret: str, context: str) -> str: ...

    def unseal(self, sealed: str, context: str) -> str:
        """Raises ``Unavailable`` (``key-missing`` or ``seal-broken``)."""
        ...
