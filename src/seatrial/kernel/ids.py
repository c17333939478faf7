"""Identifiers: a word for the kind and 80 random bits, e.g. ``review-k3f0…``; they carry no meaning."""

from __future__ import annotations

import secrets
from datetime import datetime
from functools import lru_cache

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u
_PAIRS = [one + two for one in _ALPHABET for two in _ALPHABET]  # ten bits each


def new_id(kind: str) -> str:
    """A fresh identifier of at most 40 characters, unguessable and unique for practical purposes."""
    bits = int.from_bytes(secrets.token_bytes(10))
    return f"{kind}-" + "".join([_PAIRS[bits >> place & 1023] for place in range(0, 80, 10)])


def new_id_in_time(kind: str, moment: datetime) -> str:
    """The same behind the tenth of a second of ``moment``, for what comes many times a second: ids of one time stand
    side by side in an index, so that a thousandth row costs what the first did. In order until the year 2078.
    """
    return f"{kind}-{_tenth(int(moment.timestamp() * 10))}{new_id('')[1:]}"


@lru_cache(maxsize=16)
def _tenth(tenths: int) -> str:
    return "".join([_ALPHABET[tenths >> place & 31] for place in range(30, -1, -5)])
