"""The exact key: when two crashes of one target are taken for one until a patch or a person says otherwise.

It takes the kind of the error and the target's three innermost frames with their lines (or, without names, offsets),
each counted once, so that the depth of a recursion does not matter. With two frames more different flaws look equal;
with four or more no fewer, and one flaw falls into more pieces (decision 37). A crash whose frames have neither lines
nor offsets has no key, nor have those that break wherever they happen to be: a timeout, or memory that runs out. Two
flaws that break at the same line by the same calls have the same key all the same: no report tells those apart, only
what stops them (``checks``).

The key of a stack that overflowed is the set of functions that call each other, since where it overflows is chance.
"""

from __future__ import annotations

import hashlib
from collections import Counter

from seatrial.clearinghouse.proofs.types import CrashFacts, Frame

from .values import Item

FRAMES = 3
FAMILIES = {
    "memory": (
        *("heap-buffer-overflow", "stack-buffer-overflow", "global-buffer-overflow", "stack-buffer-underflow"),
        *("container-overflow", "intra-object-overflow", "use-after-poison", "unknown-crash", "unknown", "segv", "bus"),
        *("index-out-of-bounds", "object-size", "negative-size-param", "memcpy-param-overlap", "memmove-param-overlap"),
        *("strcpy-param-overlap", "misaligned-address", "pointer-overflow", "stack-smashing", "fortify-failure"),
        *("heap-error", "index-out-of-range"),
    ),
    "lifetime": (
        *("heap-use-after-free", "double-free", "bad-free", "stack-use-after-return", "stack-use-after-scope"),
        *("use-after-free-race", "alloc-dealloc-mismatch"),
    ),
    "null": ("null-dereference", "nil-dereference", "nonnull-argument", "nonnull-return"),
    "arithmetic": (
        *("signed-integer-overflow", "unsigned-integer-overflow", "shift-exponent", "shift-base", "integer-overflow"),
        *("implicit-conversion", "float-cast-overflow"),
    ),
    "division": ("integer-divide-by-zero", "fpe", "ZeroDivisionError"),
    "recursion": ("stack-overflow", "RecursionError", "StackOverflowError"),
    "uninitialised": ("use-of-uninitialized-value", "invalid-value"),
    "type": ("bad-cast", "incorrect-function-pointer-type"),
    "resources": ("out-of-memory", "allocation-size-too-big", "timeout", "deadlock"),
}
_FAMILY = {kind: name for name, kinds in FAMILIES.items() for kind in kinds}
# Kinds between which only the distance decides by which a pointer misses; the access stays the same.
ADDRESS = frozenset(
    {
        *("heap-buffer-overflow", "stack-buffer-overflow", "global-buffer-overflow", "stack-buffer-underflow"),
        *("segv", "bus", "unknown-crash"),
    }
)
SHIFT = frozenset({"shift-exponent", "shift-base"})
CHANCE = frozenset({"timeout", "out-of-memory", "deadlock"})  # they end wherever they are


def family(kind: str) -> str:
    """Kinds that one flaw may show in turn, by where its bytes happen to fall; the kind itself where there are none."""
    return _FAMILY.get(kind, kind)


def exact_key(item: Item) -> str | None:
    """Equal keys join; none where the facts do not carry as far."""
    facts = item.facts
    if facts is None or facts.kind in CHANCE:
        return None
    marks = calls(facts)
    if not marks:
        return None
    return hashlib.sha256("\0".join((item.target, strict(facts), *marks)).encode()).hexdigest()[:32]


def strict(facts: CrashFacts) -> str:
    """The kind of an error as the key sees it."""
    if facts.kind in ADDRESS:
        return f"address {facts.access}"
    return "shift" if facts.kind in SHIFT else facts.kind


def calls(facts: CrashFacts) -> list[str]:
    """The stack as the key sees it, innermost first; empty where a frame cannot be told from its neighbours."""
    if family(facts.kind) == "recursion":
        often = Counter(frame.function for frame in facts.frames if frame.function)
        return sorted(function for function, times in often.items() if times > 1)
    marks = list(dict.fromkeys(_mark(frame) for frame in facts.frames))[:FRAMES]
    return [] if "" in marks else marks


def _mark(frame: Frame) -> str:
    if frame.line is not None:
        return f"{frame.function} {frame.file.rpartition('/')[2]}:{frame.line}"
    if frame.offset is not None:
        return f"{frame.module.rpartition('/')[2]}+{frame.offset:x}"
    return ""
