"""What a key may be, whose it is, and how one request is told from another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from seatrial.idempotency.types import Asked
from seatrial.kernel.digests import Digest, digest, digest_of
from seatrial.kernel.errors import Misuse

LONGEST = 255
KEPT_FOR = timedelta(hours=24)


def parse_key(text: str) -> str:
    """``text`` if it can be a key. Raises ``Misuse`` (``bad-idempotency-key``)."""
    if not 0 < len(text) <= LONGEST or not text.isascii() or not text.isprintable():
        raise Misuse(
            "bad-idempotency-key",
            f"An Idempotency-Key has 1 to {LONGEST} printable ASCII characters; send e.g. the pipeline's id and step.",
        )
    return text


def fingerprint(method: str, path: str, body: bytes) -> Digest:
    """Of a request with its whole body; ``path`` includes the query."""
    return digest_of([method, path, digest(body)])


def upload_fingerprint(method: str, path: str, said: Mapping[str, object]) -> Digest:
    """Of an upload, whose bytes are not read: ``said`` is what it says of itself (type, size, fields, names)."""
    return digest_of([method, path, said])


def name_of(asked: Asked) -> Digest:
    """Under which name a key is kept: a person's own, or for the public the key together with its request."""
    return digest_of([asked.person, asked.key] if asked.person else ["", asked.key, asked.fingerprint])
