"""A file's name as it came, in every script, with what could mislead a person or a program taken out."""

from __future__ import annotations

import unicodedata

LONGEST = 200  # characters
NAMELESS = "attachment"

# What turns the direction of text around, so that "exe.fdp" reads as "pdf.exe" backwards; and separators of lines.
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029\ufeff")
_SEPARATORS = str.maketrans(dict.fromkeys('/\\:*?"<>|', "_"))


def neutral(name: str) -> str:
    """``name`` normalised (NFC), without control characters, turns of direction and path separators.

    Letters of every script, joiners among them, stay. The last extension is kept where the name is cut.
    """
    kept = "".join(
        sign
        for sign in unicodedata.normalize("NFC", name)
        if sign not in _TURNING and unicodedata.category(sign) not in ("Cc", "Cs", "Cn")
    )
    kept = kept.translate(_SEPARATORS).strip().strip(".").strip()
    if not kept:
        return NAMELESS
    if len(kept) <= LONGEST:
        return kept
    stem, dot, extension = kept.rpartition(".")
    if not dot or len(extension) > 16:
        return kept[:LONGEST].strip()
    return stem[: LONGEST - len(extension) - 1].strip() + dot + extension


def extension(name: str) -> str:
    """What stands behind the last dot, in lower case; empty if there is none."""
    _, dot, last = name.rpartition(".")
    return last.lower() if dot else ""
