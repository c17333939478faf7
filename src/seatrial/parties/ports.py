"""What parties need from outside."""

from __future__ import annotations

from typing import Protocol


class Keyring(Protocol):
    """Keeps one Ed25519 key per organisation.

    ``create`` is idempotent and durable before it returns; ``sign`` never reveals the private key and
    raises ``Unavailable`` (``key-missing``) for an organisation without one.
    """

    def create(self, organisation: str) -> str:
        """The organisation's public key (hex of 32 raw bytes), made now if it had none."""
        ...

    def sign(self, organisation: str, data: bytes) -> str:
        """The signature over ``data`` (hex of 64 bytes)."""
        ...


class Letters(Protocol):
    """Sends a mail to one address.

    ``send`` never raises for a mail server that is down: it says so in the log, and whoever sends shows the content
    by another way too.
    """

    def send(self, *, to: str, subject: str, text: str) -> None:
        """``subject`` is one line."""
        ...
