"""Unified diffs as edits of numbered lines, so that any set of a program's flaws can be planted together. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@")


@dataclass(frozen=True, slots=True)
class Edit:
    """From line ``start`` (from 0) on, the lines ``old`` become ``new``."""

    start: int
    old: tuple[bytes, ...]
    new: tuple[bytes, ...]


def edits(patch: bytes) -> dict[str, list[Edit]]:
    """The edits of each file of a unified diff, context left out; raises ``ValueError`` if it is none."""
    found: dict[str, list[Edit]] = {}
    here: list[Edit] = []
    old: list[bytes] = []
    new: list[bytes] = []
    at = 0
    in_hunk = False

    def close() -> None:
        if old or new:
            here.append(Edit(at - len(old), tuple(old), tuple(new)))
        old.clear()
        new.clear()

    for line in patch.splitlines(keepends=True):
        if line.startswith(b"--- "):
            close()
            in_hunk = False
        elif line.startswith(b"+++ ") and not in_hunk:
            here = found.setdefault(line[4:].split(b"\t")[0].strip().decode().removeprefix("b/"), [])
        elif match := _HUNK.match(line):
            close()
            start, count = int(match[1]), int(match[2] or 1)
            at, in_hunk = (start - 1 if count else start), True
        elif line.startswith(b"-"):
            old.append(line[1:])
            at += 1
        elif line.startswith(b"+"):
            new.append(line[1:])
        elif line.startswith(b" "):
            close()
            at += 1
        elif line.strip():
            raise ValueError(f"{line!r} is no line of a unified diff")
    close()
    return found


def applied(text: bytes, changes: Sequence[Edit]) -> bytes:
    """``text`` with edits that do not touch one another; raises ``ValueError`` where its lines are others."""
    lines = text.splitlines(keepends=True)
    for change in sorted(changes, key=lambda change: change.start, reverse=True):
        end = change.start + len(change.old)
        if tuple(lines[change.start : end]) != change.old:
            raise ValueError(f"line {change.start + 1} is not what the change replaces")
        lines[change.start : end] = change.new
    return b"".join(lines)


def unified(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> bytes:
    """The unified diff between two sets of files, as ``git`` would write it."""
    out = []
    for path in sorted({*before, *after}):
        if before.get(path) != after.get(path):
            one, other = (files.get(path, b"").decode().splitlines(keepends=True) for files in (before, after))
            out += difflib.unified_diff(one, other, f"a/{path}", f"b/{path}")
    return "".join(out).encode()
