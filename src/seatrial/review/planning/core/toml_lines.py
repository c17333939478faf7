"""Which line of a TOML file a field stands on: ``tomllib`` tells values, not places."""

from __future__ import annotations

import re
from collections.abc import Mapping

_TABLE = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_-]+)\s*\]\]?")
_FIELD = re.compile(r"\s*([A-Za-z0-9_-]+)\s*=")
_OPENS = re.compile(r'"""|\'\'\'|"(?:\\.|[^"\\])*"|\'[^\']*\'|[\[\]{}#]')

Place = tuple[str | int, ...]


def lines(text: str) -> Mapping[Place, int]:
    """Line numbers from 1 of tables and fields: ``("title",)``, ``("milestone", 2)``, ``("milestone", 2, "days")``.

    For text that ``tomllib`` could read. Text and lists over many lines are stepped over.
    """
    found: dict[Place, int] = {}
    seen: dict[str, int] = {}
    table: Place = ()
    quote, depth = "", 0  # inside a text of many lines, or of a list
    for number, line in enumerate(text.splitlines(), start=1):
        if not quote and not depth:
            header, field = _TABLE.match(line), _FIELD.match(line)
            if header is not None:
                name = header[2]
                table = (name,)
                if header[1] == "[[":
                    table = (name, seen.get(name, 0))
                    seen[name] = seen.get(name, 0) + 1
                found[table] = number
                continue
            if field is not None:
                found[(*table, field[1])] = number
        quote, depth = _after(line, quote, depth)
    return found


def nearest(found: Mapping[Place, int], place: Place) -> int | None:
    """The line of ``place``, or of what it stands in."""
    for length in range(len(place), 0, -1):
        if place[:length] in found:
            return found[place[:length]]
    return None


def _after(line: str, quote: str, depth: int) -> tuple[str, int]:
    """The state behind a line: which long quote is open, and how many brackets."""
    at = 0
    while at < len(line):
        if quote:
            end = line.find(quote, at)
            if end < 0:
                return quote, depth
            at, quote = end + 3, ""
            continue
        token = _OPENS.search(line, at)
        if token is None or token[0] == "#":
            return quote, depth
        at = token.end()
        if token[0] in ('"""', "'''"):
            quote = token[0]
        elif token[0] in "[{":
            depth += 1
        elif token[0] in "]}":
            depth -= 1
    return quote, depth
