"""The ledger's signing key in a file of its own, mode 0600."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from seatrial.kernel.errors import Unavailable
from seatrial.kernel.keyfiles import kept


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
            return Ed25519PrivateKey.from_private_bytes(kept(self._path, _fresh))
        except (OSError, ValueError) as error:
            raise Unavailable(
                "key-missing",
                f"The ledger's key {self._path.name} cannot be read; restore it from the backup of the keys.",
            ) from error


def _fresh() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes_raw()
