"""What weights need from outside: a place for sealed parts, too many and too large for rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO, Protocol

from seatrial.kernel.digests import Digest


class Store(Protocol):
    """Guarantees: a part that ``put`` returned is whole and durable from then on; one that was refused, broken off or
    too large leaves nothing; no part is ever held whole in memory; ``remove`` leaves no part of a transfer.
    """

    def put(self, transfer: str, number: int, digest: Digest, pieces: Iterable[bytes], *, limit: int) -> int:
        """Keep a part whose bytes must come to ``digest``; how many there are.

        Raises ``Misuse`` (``part-too-large``, after at most ``limit`` bytes and a piece; ``part-damaged``) and
        ``Unavailable`` (``store-full``) if there is no room.
        """
        ...

    def open(self, transfer: str, number: int, digest: Digest) -> BinaryIO:
        """Raises ``Unavailable`` (``part-missing``)."""
        ...

    def remove(self, transfer: str) -> None:
        """Nothing of that transfer is left when it returns."""
        ...
