"""What access needs from outside: something that keeps a secret beside the database, and a place for sealed bodies."""

from __future__ import annotations

from typing import BinaryIO, Protocol

from seatrial.review.access.types import SealedBody, Side


class Sealer(Protocol):
    """Guarantees: ``unseal(seal(s, c), c) == s``; nobody without its key learns ``s`` or changes it unnoticed; a text
    sealed for one ``context`` does not open in another; the same secret sealed twice gives two texts."""

    def seal(self, secret: str, context: str) -> str: ...

    def unseal(self, sealed: str, context: str) -> str:
        """Raises ``Unavailable`` (``key-missing`` or ``seal-broken``)."""
        ...


class BodyFile(Protocol):
    """A sealed body while it is written. One of ``keep`` and ``leave`` ends it."""

    def write(self, data: memoryview, /) -> object:
        """Raises ``Unavailable`` (``body-not-kept``), and then the file is cut."""
        ...

    def keep(self) -> SealedBody:
        """It is whole: durable, under its name, when this returns. Raises ``Unavailable`` (``body-not-kept``)."""
        ...

    def leave(self) -> SealedBody:
        """It will not be whole; what was written stays, marked as cut. Raises nothing."""
        ...


class Bodies(Protocol):
    """Guarantees: a file is whole only if ``keep`` returned, also after a power loss or a kill at any moment; what was
    written of another is found as cut; nobody but the owner of the process may read them; after ``destroy`` returned
    there is neither. Any number of processes may share one place.
    """

    def create(self, review: str, exchange: str, side: Side) -> BodyFile:
        """Raises ``Unavailable`` (``body-not-kept``)."""
        ...

    def find(self, review: str, exchange: str, side: Side) -> SealedBody:
        """What there is of it, whole or cut, or nothing; for a body that nobody writes any more."""
        ...

    def open(self, review: str, exchange: str, side: Side) -> BinaryIO:
        """The sealed file. Raises ``Unavailable`` (``body-missing``)."""
        ...

    def destroy(self, review: str, exchange: str, side: Side) -> None:
        """Remove it; durable. What is not there is destroyed already. Raises ``Unavailable`` (``body-stuck``)."""
        ...
