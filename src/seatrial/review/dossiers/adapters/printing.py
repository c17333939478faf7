"""PDF by the Typst compiler: its embedded fonts first, the system's where those lack a letter.

PDF/UA-1 is asked for, and with it the compiler refuses letters without a glyph and names them; that is how this
printer learns what no font can show. Whoever prints on two machines gets the same bytes as long as the embedded fonts
suffice.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import datetime
from functools import cache

import typst

from seatrial.kernel.errors import Unavailable
from seatrial.review.dossiers.ports import Printed

_UNSHOWN = re.compile(r'the text `"((?:[^"\\]|\\.)*)"` could not be displayed')
_ESCAPE = re.compile(r"\\u\{([0-9a-f]+)\}|\\(.)")
_TRIES = 12


class TypstPrinter:
    """See ``Printer``."""

    def pdf(self, source: Callable[[Callable[[str], str]], str], at: datetime) -> Printed:
        unshown: frozenset[str] = frozenset()
        fonts = _fonts(system=False)
        for _ in range(_TRIES):
            text = source(_Words(unshown).instead)
            try:
                return Printed(_compiled(text, fonts, at), tuple(sorted({script(letter) for letter in unshown})))
            except typst.TypstError as error:
                found = _unshown(error.diagnostic)
                if not found - unshown:
                    raise Unavailable(
                        "cannot-print", f"The document could not be set as PDF ({error.message}); take the HTML."
                    ) from error
                if fonts is _fonts(system=False):
                    fonts = _fonts(system=True)
                else:
                    unshown |= found
        raise Unavailable("cannot-print", "The document needs more fonts than this machine has; take the HTML.")


def _unshown(diagnostic: str) -> frozenset[str]:
    """The letters that could not be shown. Blanks and plain letters among them were named with their neighbours: every
    font has those, and the names that stand in for scripts are made of them."""
    named = "".join(_unquoted(match) for match in _UNSHOWN.findall(diagnostic))
    return frozenset(letter for letter in named if not " " <= letter <= "~")


class _Words:
    """Puts the name of a script for each stretch of its letters that cannot be shown."""

    def __init__(self, unshown: frozenset[str]) -> None:
        letters = "".join(re.escape(letter) for letter in sorted(unshown))
        self._stretch = re.compile(f"[{letters}](?:[{letters}\\s]*[{letters}])?") if letters else None

    def instead(self, text: str) -> str:
        if self._stretch is None:
            return text
        return self._stretch.sub(lambda match: f"[{script(match[0][0])}]", text)


def script(letter: str) -> str:
    """The script of a letter as a reader names it: ``Arabic``, ``CJK``; ``symbol`` for what is no letter."""
    if not unicodedata.category(letter).startswith(("L", "M")):
        return "symbol"
    first = unicodedata.name(letter, "symbol").split()[0]
    return first if first == "CJK" else first.capitalize()


def _compiled(text: str, fonts: typst.Fonts, at: datetime) -> bytes:
    moment = at.replace(microsecond=0)  # a PDF's dates have no parts of a second
    found = typst.compile(text.encode(), font_paths=fonts, pdf_standards=["ua-1"], timestamp=moment, format="pdf")
    if not isinstance(found, bytes):
        raise TypeError("the compiler returned pages, not one document")
    return found


@cache
def _fonts(*, system: bool) -> typst.Fonts:
    return typst.Fonts(include_system_fonts=system)


def _unquoted(text: str) -> str:
    """Undo the quotation that the compiler's messages use."""
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)) if match[1] else match[2], text)
