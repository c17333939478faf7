"""Identifiers: a word for the kind and 80 random bits, e.g. ``review-k3f0…``; they carry no order and no meaning."""

from __future__ import annotations

import secrets

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u


def new_id(kind: str) -> str:
    """A fresh identifier of at most 40 characters, unguessable and unique for practical purposes."""
    return f"{kind}-" + "".join(secrets.choice(_ALPHABET) for _ in range(16))
