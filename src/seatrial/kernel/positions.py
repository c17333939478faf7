"""Where a value stands in a JSON text, so that a fault can name its line.

The text must be valid JSON already (``canonical.from_json`` read it); this only finds its way in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')


def line_of(text: str, path: Sequence[str | int]) -> int:
    """The line (from 1) on which the value at ``path`` begins; that of the deepest part there is, if it is missing."""
    best, depth = 1, -1
    for found, offset in _values(_TOKEN.finditer(text)):
        if len(found) > depth and list(path[: len(found)]) == found:
            best, depth = text.count("\n", 0, offset) + 1, len(found)
    return best


def _values(tokens: Iterator[re.Match[str]]) -> Iterator[tuple[list[str | int], int]]:
    """The path and the offset of every value, outermost first."""
    path: list[str | int | None] = []  # one step for each open object or array; None: an object before its next key
    begins = True  # a value may begin here
    for token in tokens:
        word = token.group()
        if word in "}]":
            path.pop()
            begins = False
        elif word == ",":
            last = path[-1]
            path[-1] = last + 1 if isinstance(last, int) else None
            begins = isinstance(last, int)
        elif word == ":":
            begins = True
        elif path and path[-1] is None:
            path[-1] = str(json.loads(word))
        elif begins:
            yield [step for step in path if step is not None], token.start()
            begins = word == "["
            if word in "{[":
                path.append(None if word == "{" else 0)
