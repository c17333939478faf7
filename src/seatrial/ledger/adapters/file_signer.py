"""The ledger's signing key in a file of its own, mode 0600."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from seatrial.kernel.errors import Unavailable


class FileSigner:
    """See ``ports.Signer``."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def public(self) -> bytes:
        return self._key().public_key().public_bytes_raw()

    def sign(self, data: bytes) -> bytes:
        return self._key().sign(data)

    def _key(self) -> Ed25519PrivateKey:
        try:
            if not self._path.exists():
                self._make()
            return Ed25519PrivateKey.from_private_bytes(self._path.read_bytes())
        except (OSError, ValueError) as error:
            raise Unavailable(
                "key-missing",
                f"The ledger's key {self._path.name} cannot be read; restore it from the backup of the keys.",
            ) from error

    def _make(self) -> None:
        """Write a draft of its own (threads share a process id), then give it the name, if nobody was first."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self._path.with_name(f"{self._path.name}.{secrets.token_hex(8)}")
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(Ed25519PrivateKey.generate().private_bytes_raw())
                file.flush()
                os.fsync(file.fileno())
            os.link(draft, self._path)
        except FileExistsError:
            pass  # another was first, and its key stands
        finally:
            draft.unlink(missing_ok=True)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # the name too survives a power loss
        finally:
            os.close(folder)
