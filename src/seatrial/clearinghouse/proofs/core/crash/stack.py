"""Stacks as the sanitizers print them: a numbered line a frame, with names or without.

``#0 0x55d in f(int) /src/a.c:3:9`` · ``#1 0x55d in f (/src/prog+0x1234) (BuildId: 9bb9)`` · ``#2 0x55d
(/src/prog+0x1234)`` · ``#3 f /src/a.c:3 (prog+0x12)`` as ThreadSanitizer prints it. Every step is a search for a
single character or a match at the start, so a line costs time in proportion to its length.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from seatrial.clearinghouse.proofs.types import Frame

from .names import cut, normal
from .runtime import own
from .text import number

MOST = 256  # frames read of a stack
KEPT = 64  # frames a crash keeps

_START = re.compile(r"\s{0,12}#(\d{1,4}) (?:0x([0-9a-f]{1,16}) )?")
_BUILD = re.compile(r" \(BuildId: [0-9a-fA-F]{0,80}\)$")
_PLUS = re.compile(r"(.*)\+0x([0-9a-f]{1,16})$")


def frame(line: str) -> tuple[int, Frame, str] | None:
    """(number, frame, path of its file uncut) of one line; none if it is no frame."""
    start = _START.match(line)
    if start is None:
        return None
    rest, module, offset = line[start.end() :].strip(), "", None
    rest = _BUILD.sub("", rest)
    if rest.endswith(")"):
        opening = 0 if rest.startswith("(") else rest.rfind(" (")
        plus = _PLUS.match(rest[opening:].strip(" ()")) if opening >= 0 else None
        if plus:
            module, offset, rest = plus[1][:400], int(plus[2], 16), rest[:opening].strip()
        elif rest.endswith("(<unknown module>)"):
            rest = rest.removesuffix("(<unknown module>)").strip()
    named = rest.startswith("in ") or (start[2] is None and bool(rest))
    if not named:
        if offset is None and not rest:
            return int(start[1]), Frame(""), ""
        return int(start[1]), Frame("", module=module, offset=offset), ""
    function, path, line_number = _place(rest.removeprefix("in ").strip())
    name = normal(function)
    known = bool(name) and name not in ("??", "(null)")
    if known:
        module, offset = "", None
    return int(start[1]), Frame(name if known else "", cut(path), line_number, module, offset), path


def first(lines: Iterable[str], *, ahead: int = 40) -> list[tuple[Frame, str]]:
    """The first stack in ``lines``, whose first frame must stand within ``ahead`` lines."""
    found: list[tuple[Frame, str]] = []
    for at, line in enumerate(lines):
        read = frame(line) if len(found) < MOST else None
        if read is not None and read[0] >= len(found):
            found.append((read[1], read[2]))
        elif found or at >= ahead:
            break
    return [(each, path) for each, path in found if each != Frame("")]


def kept(frames: list[tuple[Frame, str]]) -> tuple[Frame, ...]:
    return own(frames)[:KEPT]


def _place(text: str) -> tuple[str, str, int | None]:
    """``f(int) /src/a.c:3:9`` → its name, its path and its line (not the column)."""
    head, colon, tail = text.rpartition(":")
    if not colon or not tail.isdigit():
        at = text.rfind(" /")
        return (text[:at], text[at + 1 :], None) if at > 0 else (text, "", None)
    again, colon, line = head.rpartition(":")
    if colon and line.isdigit():
        head, tail = again, line
    at = head.rfind(" /")
    if at < 0:
        at = head.rfind(" ")
    if at < 0:
        return "", head, number(tail)
    return head[:at], head[at + 1 :], number(tail)
