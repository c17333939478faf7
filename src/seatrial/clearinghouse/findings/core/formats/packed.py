"""Files of reports as they are sent: plain, or packed with gzip; never more of them than may be.

A bomb is noticed by what has come out of it so far, not by what it says of itself.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from seatrial.kernel.errors import Misuse

_MAGIC = b"\x1f\x8b"
_PIECE = 1024 * 1024
_MIB = 1024 * 1024


def gathered(pieces: Iterable[bytes], limit: int) -> bytes:
    """What was sent, of at most ``limit`` bytes. Raises ``Misuse`` (``body-too-large``) as soon as it is more."""
    found = bytearray()
    for piece in pieces:
        if len(found) + len(piece) > limit:
            raise _too_large(limit)
        found += piece
    return bytes(found)


def unpacked(data: bytes, limit: int) -> bytes:
    """``data``, unpacked if it is packed, of at most ``limit`` bytes.

    Raises ``Misuse`` (``body-too-large``, ``bad-gzip``).
    """
    if not data.startswith(_MAGIC):
        if len(data) > limit:
            raise _too_large(limit)
        return data
    found, left = bytearray(), data
    try:
        while left:
            stream = zlib.decompressobj(wbits=31)
            while not stream.eof and (left or stream.unconsumed_tail):
                piece = stream.decompress(stream.unconsumed_tail or left, _PIECE)
                left = b""
                found += piece
                if len(found) > limit:
                    raise _too_large(limit)
            if not stream.eof:
                raise zlib.error("cut")
            left = stream.unused_data.lstrip(b"\0")
    except zlib.error as error:
        raise Misuse("bad-gzip", "This file begins as gzip and does not unpack; pack it again.") from error
    return bytes(found)


def _too_large(limit: int) -> Misuse:
    return Misuse(
        "body-too-large", f"This is larger than the {limit / _MIB:g} MiB that can be taken at once; send it in parts."
    )
