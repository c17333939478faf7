"""What members need of the world outside."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol


class Reader(Protocol):
    """Reads files of one host."""

    def read(self, url: str, most: int) -> bytes:
        """Raises ``Misuse`` (``bad-address``, ``file-too-large``), ``NotFound`` (``no-such-file``), ``Unavailable``
        (``not-reached``)."""
        ...


class Verifier(Protocol):
    """Verifies OpenPGP signatures."""

    def fingerprint(self, certificate: bytes) -> str:
        """In hexadecimal, upper case. Raises ``Misuse`` (``bad-certificate``)."""
        ...

    def verify(self, content: bytes, signature: bytes, certificates: Iterable[bytes]) -> bool:
        """Whether the detached signature is one of ``content`` by one of ``certificates``."""
        ...
