"""Secrets that must be used again are sealed: AES-256-GCM (NIST SP 800-38D) under a key in a file of mode 0600.

The key stands beside and never inside the database. 96-bit random nonces: far fewer than 2^32 secrets are ever
sealed under one key (SP 800-38D, 8.3).
"""

from __future__ import annotations

import base64
import binascii
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .errors import Unavailable
from .keyfiles import kept

_NONCE = 12
_FORM = "aes-256-gcm:"


class FileSealer:
    """``unseal(seal(s, c), c) == s``; a text sealed for one ``context`` does not open in another, and one changed
    character is noticed; the same secret sealed twice gives two texts.

    The key is made at first sealing; two processes that make it at once agree on one. ``broken`` is the sentence
    for a secret that cannot be opened any more: what it was and who sets it again.
    """

    def __init__(self, path: Path, *, broken: str) -> None:
        self._path = path
        self._broken = broken

    def seal(self, secret: str, context: str) -> str:
        """Raises ``Unavailable`` (``key-missing``)."""
        self._make_key()
        nonce = os.urandom(_NONCE)
        return (
            _FORM + base64.b64encode(nonce + self._cipher().encrypt(nonce, secret.encode(), context.encode())).decode()
        )

    def unseal(self, sealed: str, context: str) -> str:
        """Raises ``Unavailable`` (``key-missing`` or ``seal-broken``)."""
        cipher = self._cipher()
        try:
            data = base64.b64decode(sealed.removeprefix(_FORM), validate=True)
            return cipher.decrypt(data[:_NONCE], data[_NONCE:], context.encode()).decode()
        except (InvalidTag, binascii.Error, ValueError) as error:
            raise Unavailable("seal-broken", self._broken) from error

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
