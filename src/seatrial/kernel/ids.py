"""Identifiers: a word for the kind and 80 random bits, e.g. ``review-k3f0…``; they carry no order and no meaning."""

from __future__ import annotations

import base64
import secrets

# From RFC 4648's base 32 to Crockford's: no i, l, o, u.
_CROCKFORD = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789abcdefghjkmnpqrstvwxyz")


def new_id(kind: str) -> str:
    """A fresh identifier of at most 40 characters, unguessable and unique for practical purposes."""
    return f"{kind}-{base64.b32encode(secrets.token_bytes(10)).translate(_CROCKFORD).decode()}"
