"""What delivery needs of the outside."""

from __future__ import annotations

from typing import Protocol


class OnlineKey(Protocol):
    """The key that signs snapshot, timestamp and what machines found of patches.

    The same for the life of the instance, until its holders put another in its place by a new root. It signs nothing
    that could make a client take a file which no vendor signed.
    """

    def pem(self) -> bytes:
        """The private half. Raises ``Unavailable`` (``delivery-key-missing``)."""
        ...
