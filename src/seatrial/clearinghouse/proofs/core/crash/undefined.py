"""Reports of UndefinedBehaviorSanitizer: ``file:line:column: runtime error: words``, with a stack or without.

Where there is no stack, the place itself is the only frame, without a function.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.clearinghouse.proofs.types import CrashFacts, Frame

from . import classes, stack, text
from .names import cut

# The first words that are found decide. Names are the checks' own, or AddressSanitizer's for the same fault.
SAID = (
    ("unsigned integer overflow", "unsigned-integer-overflow", ""),
    ("signed integer overflow", "signed-integer-overflow", ""),
    ("negation of", "signed-integer-overflow", ""),
    ("division by zero", "integer-divide-by-zero", ""),
    ("division of", "signed-integer-overflow", ""),
    ("shift exponent", "shift-exponent", ""),
    ("left shift of", "shift-base", ""),
    ("out of bounds for type", "index-out-of-bounds", ""),
    ("load of null pointer", "null-dereference", "read"),
    ("store to null pointer", "null-dereference", "write"),
    ("null pointer passed as argument", "nonnull-argument", ""),
    ("null pointer returned", "nonnull-return", ""),
    ("null pointer of type", "null-dereference", ""),
    ("to null pointer", "pointer-overflow", ""),
    ("pointer index expression", "pointer-overflow", ""),
    ("non-zero offset", "pointer-overflow", ""),
    ("unsigned offset", "pointer-overflow", ""),
    ("misaligned address", "misaligned-address", ""),
    ("insufficient space for an object", "object-size", ""),
    ("which does not point to an object of type", "bad-cast", ""),
    ("which is not a valid value for type", "invalid-value", ""),
    ("variable length array bound", "non-positive-vla-bound-value", ""),
    ("without returning a value", "missing-return", ""),
    ("unreachable", "unreachable", ""),
    ("outside the range of representable values", "float-cast-overflow", ""),
    ("incorrect function type", "incorrect-function-pointer-type", ""),
    ("implicit conversion", "implicit-conversion", ""),
    ("passing zero to", "invalid-builtin-use", ""),
    ("assumption of", "alignment-assumption", ""),
)


def reports(output: bytes) -> Iterator[CrashFacts]:
    """Every report in ``output``, in its order, eight at most."""
    seen = 0
    for lines in text.windows(output, b": runtime error: "):
        place, words = _head(lines[0])
        if place is None:
            continue
        kind, access = _kind(words)
        frames = stack.kept(stack.first(lines[1:], ahead=6))
        severity, summary = classes.of(kind, access, tool="ubsan")
        yield CrashFacts("ubsan", kind, access, None, frames or (place,), severity, summary)
        seen += 1
        if seen >= 8:
            return


def _head(line: str) -> tuple[Frame | None, str]:
    """The place of a report and what it says; no place if the line is none."""
    where, _, words = line.partition(": runtime error: ")
    parts = where.rsplit(":", 2)
    digits = [part for part in parts[1:] if part.isdigit()]
    if not words or not digits or not parts[0].strip():
        return (Frame("", "<unknown>"), words) if words and where.strip() == "<unknown>" else (None, words)
    path = parts[0] if len(digits) == len(parts) - 1 else ":".join(parts[:-1])
    return Frame("", cut(path.strip()), text.number(digits[0])), words


def _kind(words: str) -> tuple[str, str]:
    for said, kind, access in SAID:
        if said in words:
            reading = "read" if words.startswith("load of") else "write" if words.startswith("store to") else access
            return kind, reading
    return "undefined-behavior", ""
