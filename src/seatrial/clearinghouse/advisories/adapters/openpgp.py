"""An OpenPGP key in a file of its own, made at first use (Sequoia). RFC 4880, so that every implementation reads it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pysequoia import Profile, SignatureMode, Tsk, sign

from seatrial.kernel.errors import Unavailable
from seatrial.kernel.keyfiles import kept


@dataclass(frozen=True)
class OpenPgpSigner:
    """``path`` is the key's file, ``name`` what its user id says if it has to be made."""

    path: Path
    name: str

    def sign(self, content: bytes) -> str:
        """See ``ports.Signer``."""
        return sign(self._key.signer(), content, mode=SignatureMode.DETACHED).decode()

    def certificate(self) -> str:
        """See ``ports.Signer``."""
        return str(self._key.extract_certificate())

    def fingerprint(self) -> str:
        """See ``ports.Signer``."""
        return str(self._key.extract_certificate().fingerprint).upper()

    @cached_property
    def _key(self) -> Tsk:
        try:
            return Tsk.from_bytes(kept(self.path, self._made))
        except OSError as error:
            raise Unavailable(
                "signing-key-missing", f"The key that signs advisories cannot be read or made: {error.strerror}."
            ) from error

    def _made(self) -> bytes:
        return bytes(Tsk.generate(self.name, profile=Profile.RFC4880, validity_seconds=None))
