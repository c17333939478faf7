"""Digests and salted commitments. A digest is written ``sha256:<64 hex digits>`` everywhere."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import NewType

from .canonical import canonical
from .errors import Misuse

Digest = NewType("Digest", str)

_FORM = re.compile(r"sha256:[0-9a-f]{64}")


def digest(data: bytes) -> Digest:
    """SHA-256 of ``data``."""
    return Digest("sha256:" + hashlib.sha256(data).hexdigest())


def digest_of(value: object) -> Digest:
    """SHA-256 of the canonical JSON of ``value``."""
    return digest(canonical(value))


def parse_digest(text: str) -> Digest:
    """Raises ``Misuse`` (``bad-digest``) unless ``text`` has the form ``sha256:<64 hex digits>``."""
    if not _FORM.fullmatch(text):
        raise Misuse("bad-digest", f"{text!r} is not a digest; write sha256: and 64 lower-case hex digits.")
    return Digest(text)


def new_salt() -> str:
    """128 fresh random bits in hex."""
    return secrets.token_hex(16)


def commitment(salt: str, name: str, value: object) -> Digest:
    """Binds to ``name`` and ``value`` and hides them from whoever lacks ``salt``.

    SHA-256 of the canonical JSON of ``[salt, name, value]``.
    """
    return digest_of([salt, name, value])


def same(one: str, other: str) -> bool:
    """Compare two digests or secrets in time that does not depend on where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())
