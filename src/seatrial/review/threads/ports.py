"""What threads need from outside: a place for files that are too large for rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import BinaryIO, Protocol

from seatrial.kernel.digests import Digest


class Shelf(Protocol):
    """Guarantees: what ``put`` returned can be opened from then on, whole and unchanged, also after a power loss; a
    file that was refused, broken off or too large leaves nothing under a final name; nothing is ever held whole in
    memory; the same bytes are kept once."""

    def put(self, pieces: Iterable[bytes], *, limit: int, check: Callable[[BinaryIO, int], None]) -> tuple[Digest, int]:
        """Keep a file; its digest and size. ``check`` sees it before it is kept and may raise.

        Raises ``Misuse`` (``attachment-too-large``) after at most ``limit`` bytes and a piece.
        """
        ...

    def open(self, digest: Digest) -> BinaryIO:
        """Raises ``Unavailable`` (``attachment-missing``)."""
        ...

    def sweep(self, kept: Callable[[Collection[Digest]], Collection[Digest]], *, older_than: datetime) -> int:
        """Remove what is older and not among those that ``kept`` returns of a batch; how many files went."""
        ...
