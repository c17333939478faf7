"""What coordination needs of the outside."""

from __future__ import annotations

from typing import Protocol

from seatrial.kernel.digests import Digest


class Keyer(Protocol):
    """Keyed digests of package identities.

    The same words give the same digest for the life of the instance; without the key a digest says nothing about its
    words, whatever list of packages one has. The key is never in the database, a log, a backup of rows or an answer.
    """

    def digest(self, words: str) -> Digest:
        """HMAC-SHA-256 under the instance's key. Raises ``Unavailable`` (``scan-key-missing``)."""
        ...
