"""A ledger's key that lives and dies with the process."""

from __future__ import annotations

import threading

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class MemorySigner:
    """Keeps ``ledger.ports.Signer``'s promises within one process; equal ``place`` means the same key."""

    _keys: dict[str, Ed25519PrivateKey] = {}
    _making = threading.Lock()

    def __init__(self, place: str) -> None:
        self._place = place

    def public(self) -> bytes:
        return self._key().public_key().public_bytes_raw()

    def sign(self, data: bytes) -> bytes:
        return self._key().sign(data)

    def _key(self) -> Ed25519PrivateKey:
        with self._making:
            if self._place not in self._keys:
                self._keys[self._place] = Ed25519PrivateKey.generate()
            return self._keys[self._place]
