"""A keyring in a folder: one file per organisation, mode 0600, beside and never inside the database."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from seatrial.kernel.errors import Unavailable
from seatrial.kernel.keyfiles import kept


class FileKeyring:
    """See ``ports.Keyring``. Two processes that create the same key at once end with the same one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create(self, organisation: str) -> str:
        kept(self._path(organisation), lambda: Ed25519PrivateKey.generate().private_bytes_raw())
        return self._load(organisation).public_key().public_bytes_raw().hex()

    def sign(self, organisation: str, data: bytes) -> str:
        return self._load(organisation).sign(data).hex()

    def _load(self, organisation: str) -> Ed25519PrivateKey:
        path = self._path(organisation)
        try:
            return Ed25519PrivateKey.from_private_bytes(path.read_bytes())
        except (OSError, ValueError) as error:
            raise Unavailable(
                "key-missing",
                f"The signing key of {organisation} cannot be read; restore {path.name} from the backup of the keys.",
            ) from error

    def _path(self, organisation: str) -> Path:
        return self._folder / f"{organisation}.key"
