"""What the intake needs from outside: a place for the files that come with reports."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import BinaryIO, Protocol

from seatrial.kernel.digests import Digest


class Shelf(Protocol):
    """Guarantees: what ``put`` returned can be opened from then on, whole and unchanged, also after a power loss; what
    lies there is sealed, and opens with the instance's key only; the same bytes are kept once; a file that was refused,
    broken off or too large leaves nothing; nothing is ever held whole in memory."""

    def put(self, pieces: Iterable[bytes], *, limit: int) -> tuple[Digest, int]:
        """Keep a file; the digest and the size of its bytes.

        Raises ``Misuse`` (``attachment-too-large``) after at most ``limit`` bytes and a piece.
        """
        ...

    def open(self, digest: Digest) -> BinaryIO:
        """Its bytes, seekable. Raises ``Unavailable`` (``attachment-missing``), ``Misuse`` (``sealed-broken``)."""
        ...

    def held(self) -> AbstractContextManager[None]:
        """While a caller is inside, nothing is removed: from putting a file until the row that names it stands."""
        ...

    def remove(self, digests: Collection[Digest], kept: Callable[[Collection[Digest]], Collection[Digest]]) -> int:
        """Remove those that ``kept`` does not name; how many went. Waits until nobody holds the shelf."""
        ...

    def sweep(self, kept: Callable[[Collection[Digest]], Collection[Digest]], *, older_than: datetime) -> int:
        """Remove strays: what is older and not among those that ``kept`` returns of a batch; how many went."""
        ...
