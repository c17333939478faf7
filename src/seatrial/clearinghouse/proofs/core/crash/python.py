"""Python's tracebacks: of the exception that ended the program, and of the one that caused it.

``kind`` is the exception that left the program, by the last part of its name. Frames run inwards out: first those of
the earliest cause, where it broke, then what lies further out. A traceback that a program printed while it went on,
so that its status is 0, is no crash.
"""

from __future__ import annotations

import re

from seatrial.clearinghouse.proofs.types import CrashFacts, Frame

from . import classes, text
from .names import NAME, cut
from .signals import SIGNALS

_FRAME = re.compile(r'  File "([^"]{1,600})", line (\d{1,9})(?:,? in (.{1,200}))?$')
_NAME = re.compile(r"((?:[A-Za-z_]\w{0,80}\.){0,12}[A-Za-z_]\w{0,80})(?::|$)")
_GROUP = re.compile(r"^ {0,20}[|+] ?")
_HEAD, _FATAL = b"Traceback (most recent call last):", b"Fatal Python error: "
_CHAINED = (b"The above exception was the direct cause", b"During handling of the above exception")
_LIBRARY = re.compile(
    r"[\\/](?:python3[\d.]{0,4}|pypy3[\d.]{0,4})[\\/](?!(?:site|dist)-packages)|^<frozen |^[\\/]usr[\\/]lib[\\/]python3"
)
MOST, LINKS = 64, 16


def facts(stderr: bytes, status: int) -> CrashFacts | None:
    if status != 0 and -status in SIGNALS and _FATAL in stderr:
        return _fatal(stderr, status)
    if status == 0 or _HEAD not in stderr:
        return None
    chain = _chain(stderr)
    if not chain:
        return None
    kind = chain[-1][0]
    frames = list(chain[0][1])
    for _, outer in chain[1:]:
        frames += [frame for frame in outer if frame not in frames]
    kept = tuple(frame for frame, path in frames if not _LIBRARY.search(path)) or tuple(frame for frame, _ in frames)
    severity, summary = classes.of(kind, "", tool="python")
    return CrashFacts("python", kind, "", None, kept[:MOST], severity, summary)


def _chain(stderr: bytes) -> list[tuple[str, list[tuple[Frame, str]]]]:
    """The tracebacks that belong together, causes first: (exception, frames innermost first)."""
    starts = [stderr.rfind(_HEAD)]
    while len(starts) < LINKS and any(words in stderr[max(0, starts[0] - 200) : starts[0]] for words in _CHAINED):
        before = stderr.rfind(_HEAD, 0, starts[0])
        if before < 0:
            break
        starts.insert(0, before)
    read = (_one(text.ends(stderr[at:end])) for at, end in zip(starts, [*starts[1:], len(stderr)], strict=True))
    return [(kind, frames) for kind, frames in read if kind]


def _one(lines: list[str]) -> tuple[str, list[tuple[Frame, str]]]:
    frames: list[tuple[Frame, str]] = []
    kind = ""
    for raw in lines[1:]:
        line = _GROUP.sub("", raw)
        found = _FRAME.match(line)
        if found:
            frames.append((Frame((found[3] or "")[:NAME], cut(found[1]), text.number(found[2])), found[1]))
        elif line and not line.startswith(" "):
            name = _NAME.match(line)
            kind = name[1].rpartition(".")[2] if name else ""
            break
    frames.reverse()
    return kind, frames


def _fatal(stderr: bytes, status: int) -> CrashFacts:
    """What the interpreter's own fault handler prints, most recent call first."""
    frames = []
    for lines in text.windows(stderr, b"(most recent call first):"):
        for line in lines[1:]:
            found = _FRAME.match(line)
            if not found:
                break
            frames.append(Frame((found[3] or "")[:NAME], cut(found[1]), text.number(found[2])))
        break
    kind = SIGNALS[-status]
    severity, summary = classes.of(kind, "", tool="signal")
    return CrashFacts("python", kind, "", None, tuple(frames[:MOST]), severity, summary)
