"""Signed notes and checkpoints in the forms of C2SP (signed-note, tlog-checkpoint 1.0).

A checkpoint is three lines: origin, size, root in base64; extension lines, which the specification advises
against, are neither written nor read. A signed note is a text, an empty line, and
signature lines ``— <name> <base64 of key id and signature>``. A public key is written
``<name>+<key id in hex>+<base64 of 0x01 and the 32 bytes>``, where the key id is the first four bytes of
SHA-256(name || newline || 0x01 || key). One text, one note: base64 is read in its canonical form only.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from seatrial.kernel.errors import Misuse

_ED25519 = b"\x01"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree's state: ``origin`` names the log, ``root`` is 32 bytes."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The three lines. Raises ``ValueError`` for an origin that would not stay in its line."""
        if not _in_one_line(self.origin):
            raise ValueError(f"{self.origin!r} cannot be the origin of a checkpoint")
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Raises ``ValueError`` for anything but the three lines."""
        lines = text.split("\n")
        if len(lines) != 4 or lines[-1]:
            raise ValueError("a checkpoint has three lines")
        origin, size, root = lines[:3]
        if (
            not _in_one_line(origin)
            or not size.isascii()
            or not size.isdigit()
            or (size != "0" and size.startswith("0"))
        ):
            raise ValueError("its origin or its size cannot be read")
        decoded = _unbase64(root)
        if len(decoded) != 32:
            raise ValueError("its root is not 32 bytes")
        return cls(origin, int(size), decoded)


def key_id(name: str, public: bytes) -> bytes:
    """The four bytes by which a signature line names its key."""
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:4]


def vkey(name: str, public: bytes) -> str:
    """The text form of a public key. Raises ``Misuse`` (``bad-origin``) for a name that no key can have."""
    if not _in_one_line(name) or "+" in name or any(letter.isspace() for letter in name):
        raise Misuse(
            "bad-origin", f"No key can be named {name!r}: set SEATRIAL_ORIGIN to a host name, without spaces or a plus."
        )
    return f"{name}+{key_id(name, public).hex()}+{base64.b64encode(_ED25519 + public).decode()}"


def parse_vkey(text: str) -> tuple[str, bytes]:
    """The name and the 32 bytes of a public key. Raises ``Misuse`` (``bad-key``)."""
    try:
        name, identifier, encoded = text.strip().split("+", 2)
        raw = _unbase64(encoded)
        if raw[:1] != _ED25519 or len(raw) != 33 or key_id(name, raw[1:]).hex() != identifier:
            raise ValueError("its parts do not agree")
    except ValueError as error:
        raise Misuse(
            "bad-key", f"This is not a ledger's public key ({error}); it looks like name+12345678+AQ… in one line."
        ) from error
    return name, raw[1:]


def signed(text: str, name: str, public: bytes, signature: bytes) -> str:
    """The note that carries ``signature`` over ``text`` (which ends with a newline)."""
    return f"{text}\n— {name} {base64.b64encode(key_id(name, public) + signature).decode()}\n"


def opened(note: str, key: str) -> str:
    """The text of ``note`` if ``key`` signed it. Raises ``ValueError`` saying what is wrong."""
    name, public = parse_vkey(key)
    text, parted, signatures = note.rpartition("\n\n")
    if not parted or not signatures.endswith("\n"):
        raise ValueError("it has no signature")
    text += "\n"
    for line in signatures[:-1].split("\n"):
        if not line.startswith("— ") or line.count(" ") != 2:
            raise ValueError("a signature line cannot be read")
        _, signer, encoded = line.split(" ")
        raw = _unbase64(encoded)
        if signer == name and raw[:4] == key_id(name, public):
            try:
                Ed25519PublicKey.from_public_bytes(public).verify(raw[4:], text.encode())
            except InvalidSignature:
                raise ValueError("its signature is wrong") from None
            return text
    raise ValueError(f"the key {name} did not sign it")


def _in_one_line(text: str) -> bool:
    return text != "" and text.isprintable()


def _unbase64(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("it is not base64") from error
    if base64.b64encode(raw).decode() != text:
        raise ValueError("its base64 is not in canonical form")
    return raw
