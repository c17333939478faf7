"""What programs print, as lines that are safe to read: found by plain search, cut to size, in whatever encoding.

Crashed programs print what their input makes them print. So nothing here looks at all of an output with a regular
expression: a literal is searched in the bytes, a window after it is cut into lines, and each line is cut to a length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

WINDOW = 96 * 1024  # bytes read after a literal: room for the deepest stack a sanitizer prints
LINE = 1_000  # characters of a line that are looked at
LINES = 1_200
BACK = 400  # bytes before a literal that may belong to its line
PLACES = 24  # how often a literal is looked for

_COLOUR = re.compile(r"\x1b\[[0-9;]{0,12}[A-Za-z]")


def windows(output: bytes, literal: bytes) -> Iterator[list[str]]:
    """The lines from the one that holds ``literal`` on, for each of its first 24 places."""
    at = -1
    for _ in range(PLACES):
        at = output.find(literal, at + 1)
        if at < 0:
            return
        yield lines(output[output.rfind(b"\n", max(0, at - BACK), at) + 1 or max(0, at - BACK) : at + WINDOW])


def last(output: bytes, literal: bytes) -> list[str]:
    """The lines from the last place of ``literal``; none where it is nowhere."""
    at = output.rfind(literal)
    if at < 0:
        return []
    return lines(output[output.rfind(b"\n", max(0, at - BACK), at) + 1 or max(0, at - BACK) : at + WINDOW])


def ends(data: bytes) -> list[str]:
    """The lines of ``data``; of what is too long those of its beginning and of its end, whole lines only."""
    if len(data) <= WINDOW // 2:
        return lines(data)
    return [*lines(data[: WINDOW // 4])[:-1], *lines(data[-WINDOW // 4 :])[1:]]


def lines(data: bytes) -> list[str]:
    text = data[:WINDOW].decode("utf-8", "replace").replace("\r", "")
    cut = [line[:LINE] for line in text.split("\n", LINES)[:LINES]]
    return [_COLOUR.sub("", line) for line in cut] if "\x1b" in text else cut


def number(digits: str) -> int | None:
    """Digits as a number a database can keep; none if it is too long to be a line or a size."""
    return int(digits) if 0 < len(digits) <= 9 and digits.isascii() and digits.isdigit() else None
