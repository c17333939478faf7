"""Who can open what is sealed: key pairs on P-384, and HPKE (RFC 9180) with which a file's key is wrapped to one.

Base mode, DHKEM(P-384, HKDF-SHA384), HKDF-SHA384, AES-256-GCM. The private half is its holder's and stays in a file of
the holder's; what anybody else needs is the public half and its id, the digest of its DER encoding.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from .digests import Digest, digest
from .errors import Misuse
from .keyfiles import kept

SUITE = "hpke-p384-sha384-aes256gcm"
WRAPPED = 97 + 32 + 16  # bytes: the ephemeral point, a key of 32 bytes, its tag
SECRET = 48  # bytes of a private key's number
LONGEST_PEM = 2_000

_HPKE = Suite(KEM.P384, KDF.HKDF_SHA384, AEAD.AES_256_GCM)


class NotWrappedForThis(Exception):
    """A wrapped key does not open with this private key and this ``info``."""


@dataclass(frozen=True, slots=True)
class RecipientKey:
    """The public half: to whom something is sealed. ``der`` is its SubjectPublicKeyInfo, the point uncompressed."""

    der: bytes

    @property
    def id(self) -> Digest:
        """What names this key in a sealed file and on the ledger."""
        return digest(self.der)

    @property
    def pem(self) -> str:
        return self._loaded().public_bytes(_PEM, _SPKI).decode()

    def wrap(self, key: bytes, info: bytes) -> bytes:
        """``key`` for the holder of the private half, bound to ``info``; ``WRAPPED`` bytes for a key of 32."""
        return _HPKE.encrypt(key, self._loaded(), info=info)

    def _loaded(self) -> ec.EllipticCurvePublicKey:
        loaded = serialization.load_der_public_key(self.der)
        assert isinstance(loaded, ec.EllipticCurvePublicKey)  # noqa: S101 – ``recipient_key`` let no other in
        return loaded


class PrivateKey:
    """The private half, in memory. Its text form shows the public id only."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = key
        self.public = RecipientKey(key.public_key().public_bytes(_DER, _SPKI))

    @property
    def secret(self) -> bytes:
        """The number that is the key, ``SECRET`` bytes: for splitting it, and for nothing that is shown or logged."""
        return self._key.private_numbers().private_value.to_bytes(SECRET, "big")

    def unwrap(self, wrapped: bytes, info: bytes) -> bytes:
        """Raises ``NotWrappedForThis``."""
        try:
            return _HPKE.decrypt(wrapped, self._key, info=info)
        except (InvalidTag, ValueError) as error:
            raise NotWrappedForThis from error

    def __repr__(self) -> str:
        return f"PrivateKey({self.public.id})"


def recipient_key(pem: str) -> RecipientKey:
    """Read a public key. Raises ``Misuse`` (``bad-recipient-key``) unless it is one on P-384 in PEM."""
    try:
        if len(pem) > LONGEST_PEM:
            raise ValueError("too long")
        loaded = serialization.load_pem_public_key(pem.encode())
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _bad("This is no public key in PEM") from error
    if not isinstance(loaded, ec.EllipticCurvePublicKey) or not isinstance(loaded.curve, ec.SECP384R1):
        raise _bad("This public key is not one on P-384")
    return RecipientKey(loaded.public_bytes(_DER, _SPKI))


def fresh_key() -> PrivateKey:
    """A new pair, in memory alone."""
    return PrivateKey(ec.generate_private_key(ec.SECP384R1()))


def key_of_secret(secret: bytes) -> PrivateKey:
    """The key whose ``PrivateKey.secret`` this is. Raises ``Misuse`` (``bad-recipient-key``) for no such number."""
    try:
        return PrivateKey(ec.derive_private_key(int.from_bytes(secret, "big"), ec.SECP384R1()))
    except ValueError as error:
        raise _bad("These bytes are no private key on P-384") from error


def private_key(path: Path) -> PrivateKey:
    """The private key in a file. Raises ``Misuse`` (``bad-recipient-key``, ``cannot-read``)."""
    try:
        return _private(path.read_bytes(), path)
    except OSError as error:
        raise Misuse("cannot-read", f"{path} cannot be read ({error.strerror}); name the file of your key.") from error


def new_private_key(path: Path) -> PrivateKey:
    """The private key in ``path``, made at first use with mode 0600 and durable before it is returned.

    Raises ``Misuse`` (``bad-recipient-key``, ``cannot-write``).
    """
    try:
        return _private(kept(path, _fresh), path)
    except OSError as error:
        raise Misuse("cannot-write", f"{path} cannot be used ({error.strerror}); name another file.") from error


def _private(pem: bytes, path: Path) -> PrivateKey:
    try:
        loaded = serialization.load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _bad(f"{path.name} holds no private key in PEM without a password") from error
    if not isinstance(loaded, ec.EllipticCurvePrivateKey) or not isinstance(loaded.curve, ec.SECP384R1):
        raise _bad(f"The key in {path.name} is not one on P-384")
    return PrivateKey(loaded)


def _fresh() -> bytes:
    return ec.generate_private_key(ec.SECP384R1()).private_bytes(
        _PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _bad(what: str) -> Misuse:
    return Misuse("bad-recipient-key", f"{what}; make a pair with 'seatrial key new'.")


_PEM, _DER = serialization.Encoding.PEM, serialization.Encoding.DER
_SPKI = serialization.PublicFormat.SubjectPublicKeyInfo
