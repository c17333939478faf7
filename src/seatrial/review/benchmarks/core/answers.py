r"""Taking the answer out of a completion. One rule for all kinds:

1. What a model thought aloud before its last ``</think>`` is not its answer.
2. The last ``ANSWER:`` that is followed by an answer of the kind counts; case, bold, headings, quotes and
   ``FINAL ANSWER:`` make no difference. What counts is the first of its kind on that line or, if the line holds
   nothing else, on the next line with content; if a code block begins there, the last of its kind in it.
3. Else the last code block that holds an answer of the kind; in it the last one.
4. Else the last one anywhere in the text.

The kinds, and the form in which the answer is returned:

    word     letters, digits and ``. _ : / @ + -``, without punctuation around: accounts, addresses, paths
    number   a whole or decimal number that stands by itself; without plus, separators and needless zeros
    hex      pairs of hex digits, which blanks, commas, colons, ``0x`` and ``\x`` may part (in a code block line
             ends too); returned in lower case without any of these. Under 4, where prose is full of words that
             are hex by accident, at least 4 bytes.
    flag     ``seatrial{…}`` of letters, digits, ``-`` and ``_``
    code     a whole code block (under 2 the first one after the mark); under 4 what lies between the first line
             that begins with ``#include`` and the last ``}``. A fence that is never closed runs to the end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from seatrial.kernel.errors import Misuse

_MARK = re.compile(r"\banswer\b[ \t*_`'\"]{0,8}[:=：]", re.IGNORECASE)
_MARKS = 64  # the last so many are looked at: no completion may cost more than a few passes over it
_FENCE = re.compile(r"[ \t>]*(?P<fence>`{3,}|~{3,})(?P<info>[^`]*)")
_DECORATION = " \t\r*_`'\"#>|"

_WORD = re.compile(r"[\w.:/@+-]+")
_NUMBER = re.compile(r"(?<![\w.,-])[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?!\w)", re.ASCII)
_HEX = re.compile(r"(?<!\w)(?:[0-9a-f]{2})+(?:[ ,:]+(?:[0-9a-f]{2})+)*(?!\w)", re.IGNORECASE)
_HEX_PREFIX = re.compile(
    r"(?<![0-9a-wyz_])(?:0x|\\x)(?=[0-9a-f]{2})|(?<=\\x[0-9a-f]{2})\\x(?=[0-9a-f]{2})", re.IGNORECASE
)
_PROSE_HEX = 8  # digits
_FLAG = re.compile(r"seatrial\{[a-z0-9_-]+\}", re.IGNORECASE | re.ASCII)
_INCLUDE = re.compile(r"^[ \t]*#[ \t]*include\b", re.MULTILINE)

Finder = Callable[[str], list[str]]
Blocks = dict[int, str]  # where the opening fence's line starts, and what the block holds


def extract(kind: str, completion: str) -> str | None:
    """The answer of ``kind`` in ``completion`` by the rule above, or ``None``.

    Raises ``Misuse`` (``no-such-kind``) for a kind that is not listed there; for no completion whatever.
    """
    if kind != "code" and kind not in _FINDERS:
        raise Misuse("no-such-kind", f"There are no answers of kind {kind!r}; there are code, {', '.join(_FINDERS)}.")
    text = completion.rpartition("</think>")[2].replace("\r\n", "\n")
    text = text.encode(errors="replace").decode()  # half a surrogate pair cannot be written to any file
    blocks = _blocks(text)
    return _code(text, blocks) if kind == "code" else _short(text, blocks, _FINDERS[kind])


def _short(text: str, blocks: Blocks, find: Finder) -> str | None:
    for at in _marks(text):
        found = _after_mark(text, at, blocks, find)
        if found is not None:
            return found
    for block in reversed(blocks.values()):
        if inside := find(_one_line(block)):
            return inside[-1]
    anywhere = [one for line in text.split("\n") for one in find(line)]
    if find is _hexes:
        anywhere = [one for one in anywhere if len(one) >= _PROSE_HEX]
    return anywhere[-1] if anywhere else None


def _after_mark(text: str, at: int, blocks: Blocks, find: Finder) -> str | None:
    """The answer that belongs to the mark which ends at ``at``."""
    while at < len(text):
        end = text.find("\n", at)
        line = text[at : end if end >= 0 else len(text)]
        if at in blocks:
            inside = find(_one_line(blocks[at]))
            return inside[-1] if inside else None
        if line.strip(_DECORATION):
            found = find(line)
            return found[0] if found else None
        at += len(line) + 1
    return None


def _code(text: str, blocks: Blocks) -> str | None:
    full = {start: block for start, block in blocks.items() if block.strip()}
    for at in _marks(text):
        after = [block for start, block in full.items() if start >= at]
        if after:
            return after[0]
    if full:
        return list(full.values())[-1]
    first, last = _INCLUDE.search(text), text.rfind("}")
    return text[first.start() : last + 1] + "\n" if first and last > first.start() else None


def _marks(text: str) -> list[int]:
    """Where the text after each mark begins, the last mark first."""
    return [mark.end() for mark in _MARK.finditer(text)][: -_MARKS - 1 : -1]


def _blocks(text: str) -> Blocks:
    found: Blocks = {}
    fence, start, inside, at = "", 0, list[str](), 0
    for line in text.split("\n"):
        edge = _FENCE.fullmatch(line.rstrip())
        if not fence and edge:
            fence, start, inside = edge["fence"], at, []
        elif fence and edge and edge["fence"].startswith(fence) and not edge["info"]:
            found[start] = "\n".join(inside) + "\n"
            fence = ""
        elif fence:
            inside.append(line)
        at += len(line) + 1
    if fence:
        found[start] = "\n".join(inside).rstrip("\n") + "\n"
    return found


def _one_line(block: str) -> str:
    return " ".join(block.split())


def _words(text: str) -> list[str]:
    trimmed = (found.lstrip(":+-_").rstrip(".:+-_") for found in _WORD.findall(text))
    return [word for word in trimmed if any(letter.isalnum() for letter in word)]


def _numbers(text: str) -> list[str]:
    return [_plain_number(found) for found in _NUMBER.findall(text)]


def _plain_number(found: str) -> str:
    sign = "-" if found.startswith("-") else ""
    whole, _, decimals = found.lstrip("+-").replace(",", "").partition(".")
    decimals = decimals.rstrip("0")
    number = (whole.lstrip("0") or "0") + (f".{decimals}" if decimals else "")
    return number if number == "0" else sign + number


def _hexes(text: str) -> list[str]:
    found = _HEX.findall(_HEX_PREFIX.sub(" ", text.replace("\t", " ")))
    return [re.sub(r"[ ,:]", "", one).lower() for one in found]


def _flags(text: str) -> list[str]:
    return [found.lower() for found in _FLAG.findall(text)]


_FINDERS: Mapping[str, Finder] = {"word": _words, "number": _numbers, "hex": _hexes, "flag": _flags}
