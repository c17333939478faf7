"""A keyring in a folder: one file per organisation, mode 0600, beside and never inside the database."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from seatrial.kernel.errors import Unavailable


class FileKeyring:
    """See ``ports.Keyring``. Two processes that create the same key at once end with the same one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create(self, organisation: str) -> str:
        path = self._folder / f"{organisation}.key"
        if not path.exists():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            secret = Ed25519PrivateKey.generate().private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
            draft = path.with_name(f"{path.name}.{os.getpid()}")
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(secret)
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(draft, path)  # fails if another process was first, and then its key stands
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return self._load(organisation).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()

    def sign(self, organisation: str, data: bytes) -> str:
        return self._load(organisation).sign(data).hex()

    def _load(self, organisation: str) -> Ed25519PrivateKey:
        path = self._folder / f"{organisation}.key"
        try:
            return Ed25519PrivateKey.from_private_bytes(path.read_bytes())
        except (OSError, ValueError) as error:
            raise Unavailable(
                "key-missing",
                f"The signing key of {organisation} cannot be read; restore {path.name} from the backup of the keys.",
            ) from error
