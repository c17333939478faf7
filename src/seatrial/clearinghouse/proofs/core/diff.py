"""Applying a unified diff to a target's files. Strict and pure: nothing is guessed, nothing outside them is touched.

- Text patches only: ``---``/``+++`` with hunks. Renames, copies, modes and binary patches are refused with a sentence.
- Paths stay inside; the prefixes ``a/`` and ``b/`` go, where the file is not there with them.
- A hunk applies where it says, or at the nearest line at which every line that it keeps or removes stands as written.
  Lines end as they end in the file; "No newline at end of file" is obeyed.

Raises ``Misuse`` (``bad-patch``), and nothing is applied.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from seatrial.kernel.errors import Misuse

from .archive import File, Files
from .fields import path_fault

LARGEST = 1024**2
_HUNK = re.compile(rb"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@")
_REFUSED = (
    (b"GIT binary patch", "changes a binary file"),
    (b"Binary files ", "changes a binary file"),
    (b"rename from ", "renames a file"),
    (b"copy from ", "copies a file"),
    (b"old mode ", "changes a file's mode"),
)


@dataclass(frozen=True, slots=True)
class Patched:
    """The files with the patch applied, and what it did."""

    files: dict[str, File]
    added: Mapping[str, tuple[tuple[int, bytes], ...]]  # by path: number in the new file, line
    removed: Mapping[str, tuple[bytes, ...]]

    @property
    def touched(self) -> frozenset[str]:
        return frozenset(self.added) | frozenset(self.removed)


@dataclass(frozen=True, slots=True)
class _Hunk:
    at: int  # first line in the old file, from 1
    old: tuple[bytes, ...]
    new: tuple[bytes, ...]
    signs: bytes  # ' ', '-' or '+', one for each line


def apply(files: Files, patch: bytes) -> Patched:
    """``files`` with ``patch`` applied. Raises ``Misuse`` (``bad-patch``)."""
    if len(patch) > LARGEST:
        raise _fault(f"holds more than {LARGEST:,} bytes")
    made = dict(files)
    added: dict[str, tuple[tuple[int, bytes], ...]] = {}
    removed: dict[str, tuple[bytes, ...]] = {}
    for old, new, hunks in _parts(patch.splitlines(keepends=True)):
        path = _path(old, new, files)
        if path in added:
            raise _fault(f"changes {path!r} twice")
        before = b"" if old is None else made[path].data
        after, put, taken = _applied(before, hunks, path)
        added[path], removed[path] = tuple(put), tuple(taken)
        if new is None:
            if after:
                raise _fault(f"removes {path!r}, but not all of it")
            del made[path]
        else:
            made[path] = File(after, path in files and files[path].executable)
    if not added:
        raise _fault("changes nothing")
    return Patched(made, added, removed)


def _parts(lines: list[bytes]) -> list[tuple[str | None, str | None, list[_Hunk]]]:
    found: list[tuple[str | None, str | None, list[_Hunk]]] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        said = next((said for start, said in _REFUSED if line.startswith(start)), None)
        if said is not None:
            raise _fault(f"{said}, which is not applied here")
        if line.startswith(b"--- ") and at + 1 < len(lines) and lines[at + 1].startswith(b"+++ "):
            old, new = _named(line), _named(lines[at + 1])
            hunks, at = _hunks(lines, at + 2)
            if not hunks:
                raise _fault(f"names {old or new!r} and changes nothing in it")
            found.append((old, new, hunks))
        elif line.startswith((b"@@ ", b"+++ ")):
            raise _fault(f"has a hunk that belongs to no file (line {at + 1})")
        else:
            at += 1
    return found


def _named(line: bytes) -> str | None:
    name = line[4:].split(b"\t")[0].strip().decode("utf-8", "replace")
    return None if name == "/dev/null" else name


def _hunks(lines: list[bytes], at: int) -> tuple[list[_Hunk], int]:
    found = []
    while at < len(lines) and (head := _HUNK.match(lines[at])) is not None:
        wanted_old, wanted_new = int(head[2] or 1), int(head[4] or 1)
        at += 1
        old: list[bytes] = []
        new: list[bytes] = []
        signs = bytearray()
        while len(old) < wanted_old or len(new) < wanted_new:
            if at >= len(lines):
                raise _fault("ends in the middle of a hunk")
            sign, text = lines[at][:1], lines[at][1:]
            if sign in (b"\n", b"\r"):  # an empty line that lost its blank on the way
                sign, text = b" ", lines[at]
            if sign not in (b" ", b"-", b"+"):
                raise _fault(f"has a line in a hunk that is none (line {at + 1})")
            at += 1
            if at < len(lines) and lines[at].startswith(b"\\ "):
                text = text.removesuffix(b"\n").removesuffix(b"\r")
                at += 1
            signs += sign
            if sign != b"+":
                old.append(text)
            if sign != b"-":
                new.append(text)
        if (len(old), len(new)) != (wanted_old, wanted_new):
            raise _fault(f"has a hunk that is not as long as it says (before line {at + 1})")
        found.append(_Hunk(int(head[1]), tuple(old), tuple(new), bytes(signs)))
    return found, at


def _path(old: str | None, new: str | None, files: Files) -> str:
    """The file that is meant, in ``files`` unless it is new."""
    name = new if new is not None else old
    if name is None:
        raise _fault("names no file")
    if old is not None and new is not None and _bare(old) != _bare(new):
        raise _fault(f"renames {old[:80]!r} to {new[:80]!r}, which is not applied here")
    path = name if old is not None and name in files else _bare(name)
    if (said := path_fault(path)) is not None:
        raise _fault(said)
    if old is None and path in files:
        raise _fault(f"makes {path!r}, which is there already")
    if old is None and any(path.startswith(f"{one}/") or one.startswith(f"{path}/") for one in files):
        raise _fault(f"makes {path!r} where a folder or a file stands in the way")
    if old is not None and path not in files:
        raise _fault(f"changes {path!r}, which the target does not have")
    return path


def _bare(name: str) -> str:
    return name[2:] if name.startswith(("a/", "b/")) else name


def _applied(before: bytes, hunks: list[_Hunk], path: str) -> tuple[bytes, list[tuple[int, bytes]], list[bytes]]:
    lines = before.splitlines(keepends=True)
    made: list[bytes] = []
    added: list[tuple[int, bytes]] = []
    removed: list[bytes] = []
    done = drift = 0
    for hunk in hunks:
        wanted = hunk.at - (1 if hunk.old else 0) + drift
        at = _place(lines, hunk.old, wanted, done)
        if at is None:
            raise _fault(f"does not fit {path!r} at line {hunk.at}")
        drift += at - wanted
        made += lines[done:at]
        old, new = iter(hunk.old), iter(hunk.new)
        for sign in hunk.signs.decode():
            if sign == "-":
                removed.append(next(old))
                continue
            text = next(new)
            if sign == "+":
                added.append((len(made) + 1, text))
            else:
                next(old)
            made.append(text)
        done = at + len(hunk.old)
    return b"".join([*made, *lines[done:]]), added, removed


def _place(lines: list[bytes], old: tuple[bytes, ...], wanted: int, least: int) -> int | None:
    """Where ``old`` stands in ``lines``, from ``least`` on, nearest to ``wanted``."""
    latest = len(lines) - len(old)
    for distance in range(max(wanted - least, latest - wanted, 0) + 1):
        for at in {wanted - distance, wanted + distance}:
            if least <= at <= latest and tuple(lines[at : at + len(old)]) == old:
                return at
    return None


def _fault(said: str) -> Misuse:
    return Misuse("bad-patch", f"The patch {said}.")
