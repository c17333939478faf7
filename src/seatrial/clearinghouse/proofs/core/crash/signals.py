"""A program that died by a signal without a sanitizer's report: what it said before, and the signal itself.

The C library and the C++ runtime say why they end a program (``free(): invalid pointer``, ``*** stack smashing
detected
***``, ``Assertion … failed``). A signal by which others end programs (KILL, TERM, PIPE, ALRM, XCPU) is no crash.
"""

from __future__ import annotations

import re

from seatrial.clearinghouse.proofs.types import CrashFacts, Frame

from . import classes, text
from .names import cut, normal

SIGNALS = {4: "ill", 5: "trap", 6: "abrt", 7: "bus", 8: "fpe", 11: "segv"}  # Linux numbers, as CASR's classes know them

SAID = (
    (b"*** stack smashing detected ***", "stack-smashing"),
    (b"*** buffer overflow detected ***", "fortify-failure"),
    (b"double free or corruption", "heap-error"),
    (b"corrupted size vs. prev_size", "heap-error"),
    (b"corrupted double-linked list", "heap-error"),
    (b"free(): invalid", "heap-error"),
    (b"free(): double free detected", "heap-error"),
    (b"malloc(): ", "heap-error"),
    (b"realloc(): invalid", "heap-error"),
    (b"munmap_chunk(): invalid pointer", "heap-error"),
    (b"terminate called after throwing an instance of", "uncaught-exception"),
)
_ASSERT = re.compile(r"(?:[^:]{1,200}: )?([^:]{1,400}):(\d{1,9}): (?:(.{1,600}): )?Assertion [`'](.{0,400})' failed")


def facts(stderr: bytes, status: int) -> CrashFacts | None:
    """``status`` is minus the signal's number; none for a status that is no crash."""
    kind = SIGNALS.get(-status)
    if kind is None:
        return None
    frames: tuple[Frame, ...] = ()
    if kind == "abrt":
        for words, better in SAID:
            if words in stderr:
                kind = better
                break
        place = asserted(stderr)
        if place is not None:
            kind, frames = "assertion-failure", (place,)
    severity, summary = classes.of(kind, "", tool="signal")
    return CrashFacts("signal", kind, "", None, frames, severity, summary)


def asserted(stderr: bytes) -> Frame | None:
    """Where an assertion of C failed, if one did."""
    lines = text.last(stderr, b": Assertion ")
    found = _ASSERT.match(lines[0]) if lines else None
    return Frame(normal(found[3] or ""), cut(found[1]), text.number(found[2])) if found else None
