"""Parts of a file, as HTTP asks for them (RFC 9110, 14): one range at a time."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FORM = re.compile(r"bytes=([0-9]{0,19})-([0-9]{0,19})")


@dataclass(frozen=True, slots=True)
class Part:
    """``length`` bytes from ``start`` on, of a file of ``size``."""

    start: int
    length: int
    size: int

    @property
    def content_range(self) -> str:
        return f"bytes {self.start}-{self.start + self.length - 1}/{self.size}"


def part_of(header: str | None, size: int) -> Part | None:
    """The part that a ``Range`` header asks for.

    ``None`` for the whole file: no header, one in another unit, for several ranges, or one that does not read, all of
    which a server may ignore. A range that begins behind the end has length 0.
    """
    found = _FORM.fullmatch((header or "").strip())
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        length = min(int(found[2]), size)
        return Part(size - length, length, size)
    start, last = int(found[1]), int(found[2]) if found[2] else size - 1
    if last < start and found[2]:
        return None
    return Part(start, max(0, min(last, size - 1) - start + 1), size)
