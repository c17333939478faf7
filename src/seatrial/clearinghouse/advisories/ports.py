"""What advisories need of the outside."""

from __future__ import annotations

from typing import Protocol


class Signer(Protocol):
    """The instance's OpenPGP key.

    The same key for the life of the instance; a signature is detached, in ASCII armour, and any implementation of
    OpenPGP verifies it with ``certificate``. The secret key never leaves its file.
    """

    def sign(self, content: bytes) -> str:
        """A detached signature of ``content``. Raises ``Unavailable`` (``signing-key-missing``)."""
        ...

    def certificate(self) -> str:
        """The public key, in ASCII armour. Raises ``Unavailable`` (``signing-key-missing``)."""
        ...

    def fingerprint(self) -> str:
        """The key's fingerprint in hex. Raises ``Unavailable`` (``signing-key-missing``)."""
        ...
