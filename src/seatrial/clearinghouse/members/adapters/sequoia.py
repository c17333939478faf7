"""OpenPGP signatures verified with Sequoia."""

from __future__ import annotations

from collections.abc import Iterable

from pysequoia import Cert, Sig, verify

from seatrial.kernel.errors import Misuse


class Sequoia:
    """See ``ports.Verifier``."""

    def fingerprint(self, certificate: bytes) -> str:
        """See ``ports.Verifier``."""
        return str(_read(certificate).fingerprint).upper()

    def verify(self, content: bytes, signature: bytes, certificates: Iterable[bytes]) -> bool:
        """See ``ports.Verifier``."""
        store = [_read(one) for one in certificates]
        try:
            return bool(verify(bytes=content, store=lambda _ids: store, signature=Sig.from_bytes(signature)).valid_sigs)
        except RuntimeError:  # the binding has no error of its own; whatever it says, it is no signature
            return False


def _read(certificate: bytes) -> Cert:
    try:
        return Cert.from_bytes(certificate)
    except RuntimeError as error:
        raise Misuse("bad-certificate", "What stands there is no OpenPGP certificate.") from error
