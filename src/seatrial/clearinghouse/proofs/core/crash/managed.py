"""Uncaught errors of Node, Java and Jazzer, Go and Rust.

As with Python, ``kind`` is what left the program; frames begin where it first broke. Go's and Rust's panics are named
after what the runtime says: ``index-out-of-range``, ``nil-dereference``, ``integer-overflow``, …; ``panic`` for the
target's own words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from seatrial.clearinghouse.proofs.types import CrashFacts, Frame

from . import classes, text
from .names import NAME, cut, normal
from .runtime import own

MOST = 64

_NODE_HEAD = re.compile(
    r"(?:Uncaught )?((?:[A-Za-z_$][\w$]{0,80}\.){0,6}[A-Za-z_$][\w$]{0,80})(?: \[[A-Z_]{1,60}\])?(?::|$)"
)
_NODE = re.compile(
    r"    at (?:async )?(?:(new .{1,200}?|[^(]{1,200}?) \()?((?:file://)?[^()]{1,600}?):(\d{1,9}):(\d{1,9})\)?$"
)
_JAVA_HEAD = re.compile(r'(?:Exception in thread "[^"]{0,200}" |== Java Exception: |Caused by: )([\w.$]{1,300})')
_JAVA = re.compile(r"\tat (?:[\w.@-]{1,100}/{1,2})?([\w.$<>]{1,300})\(([^():]{1,200})(?::(\d{1,9}))?\)")
_GO_PLACE = re.compile(r"\t([^\t]{1,600}):(\d{1,9})(?: \+0x[0-9a-f]{1,16})?$")
_RUST_HEAD = re.compile(r"thread '[^']{0,200}'(?: \(\d{1,10}\))? panicked at (.{1,600}?):(\d{1,9}):\d{1,9}:?$")
_RUST_NAME = re.compile(r"\s{0,4}\d{1,4}:\s{1,20}(?:0x[0-9a-f]{1,16} - )?(.{1,600})$")
_RUST_PLACE = re.compile(r"\s{1,40}at (.{1,600}?):(\d{1,9})(?::\d{1,9})?$")

SAID = (
    ("index out of range", "index-out-of-range"),
    ("index out of bounds", "index-out-of-range"),
    ("out of range for slice", "index-out-of-range"),
    ("slice bounds out of range", "index-out-of-range"),
    ("byte index", "index-out-of-range"),
    ("nil pointer dereference", "nil-dereference"),
    ("nil map", "nil-map"),
    ("integer divide by zero", "integer-divide-by-zero"),
    ("divide by zero", "integer-divide-by-zero"),
    ("makeslice: len out of range", "allocation-size-too-big"),
    ("with overflow", "integer-overflow"),
    ("interface conversion", "bad-cast"),
    ("`Option::unwrap()` on a `None`", "unwrap-none"),
    ("`Result::unwrap()` on an `Err`", "unwrap-error"),
    ("assertion", "assertion-failure"),
    ("all goroutines are asleep", "deadlock"),
    ("stack overflow", "stack-overflow"),
    ("goroutine stack exceeds", "stack-overflow"),
    ("out of memory", "out-of-memory"),
    ("concurrent map", "data-race"),
)


def node(stderr: bytes, status: int) -> CrashFacts | None:
    if status == 0 or b"\n    at " not in stderr:
        return None
    for lines in text.windows(stderr, b"\n    at "):
        frames: list[tuple[Frame, str]] = []
        at = next((at for at, line in enumerate(lines) if line.startswith("    at ")), None)
        if at is None:
            continue
        head = _before(stderr)
        for line in lines[at:]:
            if not line.startswith("    at "):
                break
            found = _NODE.match(line)
            if found:
                name = (found[1] or "").removeprefix("new ").replace("<anonymous>", "{lambda}")[:NAME].strip()
                frames.append((Frame(name, cut(found[2]), text.number(found[3])), found[2]))
        return _made("node", head, frames) if head and frames else None
    return None


def _before(stderr: bytes) -> str:
    """The error whose stack begins first: the nearest line above that has an error's form; its message may be long."""
    at = stderr.find(b"\n    at ")
    for line in reversed(text.lines(stderr[max(0, at - 4_000) : at])[-20:]):
        found = _NODE_HEAD.match(line)
        if found and (found[1].endswith(("Error", "Exception")) or line == found[1]):
            return found[1].rpartition(".")[2]
    return ""


def java(stderr: bytes, status: int) -> CrashFacts | None:
    if status == 0:
        return None
    for literal in (b"Exception in thread ", b"== Java Exception: "):
        for lines in text.windows(stderr, literal):
            kind = ""
            stacks: list[list[tuple[Frame, str]]] = []
            for line in lines:
                head = _JAVA_HEAD.match(line)
                if head:
                    kind = kind or head[1].rpartition(".")[2]
                    stacks.append([])
                    continue
                found = _JAVA.match(line)
                if found and stacks:
                    stacks[-1].append((Frame(found[1][:NAME], found[2], text.number(found[3] or "")), found[1]))
                elif not line.startswith("\t") and stacks:
                    break
            if kind:
                return _made("java", kind, [frame for each in reversed(stacks) for frame in each])
    return None


def go(stderr: bytes, status: int) -> CrashFacts | None:
    if status == 0:
        return None
    for literal in (b"panic: ", b"fatal error: "):
        for lines in text.windows(stderr, literal):
            if not lines[0].startswith(literal.decode()) or not any(
                line.startswith("goroutine ") for line in lines[:40]
            ):
                continue
            return _made("go", said(lines[0]), _goroutine(lines))
    return None


def _goroutine(lines: Sequence[str]) -> list[tuple[Frame, str]]:
    start = next(at for at, line in enumerate(lines) if line.startswith("goroutine "))
    frames: list[tuple[Frame, str]] = []
    name = ""
    for line in lines[start + 1 :]:
        place = _GO_PLACE.match(line)
        if place and name:
            frames.append((Frame(name, cut(place[1]), text.number(place[2])), place[1]))
            name = ""
        elif not line:
            break
        elif not line.startswith("\t"):
            bare = line[: line.rfind("(")] if line.endswith(")") and "(" in line else line
            bare = bare.removeprefix("created by ").partition(" in goroutine ")[0]
            name = bare.replace("(*", "").replace(")", "").replace("[...]", "")[:NAME]
            if name == "panic":
                frames, name = [], ""  # what follows is where it was called
    return frames


def rust(stderr: bytes, status: int) -> CrashFacts | None:
    if status == 0:
        return None
    for lines in text.windows(stderr, b" panicked at "):
        head = _RUST_HEAD.match(lines[0])
        if head is None:
            continue
        frames: list[tuple[Frame, str]] = []
        name = ""
        for line in lines[2:]:
            named, place = _RUST_NAME.match(line), _RUST_PLACE.match(line)
            if named:
                name = normal(named[1])
            elif place and name:
                frames.append((Frame(name, cut(place[1]), text.number(place[2])), place[1]))
                name = ""
            elif frames and not line.startswith(" "):
                break
        frames = frames or [(Frame("", cut(head[1]), text.number(head[2])), head[1])]
        return _made("rust", said(lines[1] if len(lines) > 1 else ""), frames)
    return None


def said(words: str) -> str:
    return next((kind for part, kind in SAID if part in words), "panic")


def _made(tool: str, kind: str, frames: list[tuple[Frame, str]]) -> CrashFacts:
    unique = list(dict.fromkeys(frames)) if tool == "java" else frames
    severity, summary = classes.of(kind, "", tool=tool)
    return CrashFacts(tool, kind, "", None, own(unique)[:MOST], severity, summary)
