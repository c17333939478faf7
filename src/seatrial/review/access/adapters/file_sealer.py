"""AES-256-GCM (NIST SP 800-38D) under a key in a file of mode 0600, beside and never inside the database."""

from __future__ import annotations

import base64
import binascii
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from seatrial.kernel.errors import Unavailable
from seatrial.kernel.keyfiles import kept

_NONCE = 12
_FORM = "aes-256-gcm:"


class FileSealer:
    """See ``ports.Sealer``. The key is made at first sealing; two processes that make it at once agree on one.

    96-bit random nonces: far fewer than 2^32 secrets are ever sealed under one key (SP 800-38D, 8.3).
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def seal(self, secret: str, context: str) -> str:
        self._make_key()
        nonce = os.urandom(_NONCE)
        return (
            _FORM + base64.b64encode(nonce + self._cipher().encrypt(nonce, secret.encode(), context.encode())).decode()
        )

    def unseal(self, sealed: str, context: str) -> str:
        cipher = self._cipher()
        try:
            data = base64.b64decode(sealed.removeprefix(_FORM), validate=True)
            return cipher.decrypt(data[:_NONCE], data[_NONCE:], context.encode()).decode()
        except (InvalidTag, binascii.Error, ValueError) as error:
            raise Unavailable(
                "seal-broken",
                "The developer's endpoint credential kept here cannot be opened; the developer must set it again.",
            ) from error

    def _make_key(self) -> None:
        try:
            kept(self._path, lambda: AESGCM.generate_key(256))
        except OSError as error:
            raise Unavailable(
                "key-missing",
                f"The instance's sealing key cannot be made ({error.strerror}); check the folder of keys.",
            ) from error

    def _cipher(self) -> AESGCM:
        try:
            key = self._path.read_bytes()
            if len(key) != 32:
                raise ValueError(f"{len(key)} bytes")
            return AESGCM(key)
        except (OSError, ValueError) as error:
            raise Unavailable(
                "key-missing",
                f"The instance's sealing key cannot be read; restore {self._path.name} from the backup of the keys.",
            ) from error
