"""Which words are kept: some, not too many, and nothing that no page or database keeps."""

from __future__ import annotations

import re

from seatrial.kernel.errors import Misuse

LONGEST_TEXT = 20_000  # reasons of a determination, the developer's statement
LONGEST_POST = 10_000
LONGEST_MODEL = 200

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_BREAKS = re.compile(r"[\n\r\t\u2028\u2029]")


def checked(text: str, name: str, *, most: int = LONGEST_TEXT, optional: bool = False) -> str:
    """``text``, trimmed. Raises ``Misuse`` (``bad-text``); ``name`` says which field it is."""
    words = text.replace("\r\n", "\n").strip()
    if not (optional or words) or len(words) > most:
        least = "at most" if optional else "1 to"
        raise Misuse("bad-text", f"The {name} must have {least} {most:,} characters; this has {len(words):,}.")
    if _UNPRINTABLE.search(words):
        raise Misuse("bad-text", f"The {name} must not contain control characters; keep to text and line breaks.")
    return words


def checked_line(text: str, name: str, *, most: int = LONGEST_MODEL) -> str:
    """``text`` as one line, trimmed. Raises ``Misuse`` (``bad-text``)."""
    words = checked(text, name, most=most)
    if _BREAKS.search(words):
        raise Misuse("bad-text", f"The {name} must stand on one line.")
    return words
