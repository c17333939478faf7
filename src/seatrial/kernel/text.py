"""What may stand in a text that people write: every script, no control characters, no hidden reordering.

Kept exactly as written (no normalisation): a name is its owner's. Only a browser's line ends become plain ones.
"""

from __future__ import annotations

import re

from .errors import Misuse

# C0 without tab and line breaks, DEL, C1, lone surrogates: no database or page keeps these. The bidirectional
# overrides and isolates (U+202A-202E, U+2066-2069) make a line read otherwise than it is stored ("Trojan source").
# U+FFFE and U+FFFF are no characters; XML knows neither.
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "|", "%")  # what a spreadsheet takes for one
_BREAKS = re.compile(r"[\t\r\n\u2028\u2029]")


def checked(what: str, text: str, *, longest: int, lines: bool = True, optional: bool = False) -> str:
    """``text`` without the blanks around it.

    Raises ``Misuse`` (``bad-text``) if it is empty (unless ``optional``), longer than ``longest`` characters, holds a
    control or reordering character, or a line break where ``lines`` is false; ``what`` names it, e.g. "The name".
    """
    kept = text.replace("\r\n", "\n").strip()
    if not (optional or kept) or len(kept) > longest:
        least = "at most" if optional else "1 to"
        raise Misuse("bad-text", f"{what} must have {least} {longest:,} characters; this has {len(kept):,}.")
    if UNPRINTABLE.search(kept):
        raise Misuse(
            "bad-text", f"{what} must hold no control or text-reordering character; write it with visible characters."
        )
    if not lines and _BREAKS.search(kept):
        raise Misuse("bad-text", f"{what} must hold no line break and no tab; write it in one line.")
    return kept


def harmless(cell: str) -> str:
    """A cell of a table that no spreadsheet runs: what would be taken for a formula begins with an apostrophe."""
    return f"'{cell}" if cell.startswith(_FORMULA) or cell.lstrip().startswith(_FORMULA) else cell
