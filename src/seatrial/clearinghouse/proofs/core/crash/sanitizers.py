"""Reports of AddressSanitizer, MemorySanitizer, ThreadSanitizer, LeakSanitizer, and of libFuzzer itself.

A report begins with ``==PID==ERROR: Tool: what``; the access and its size stand in one of the next lines, then the
stack. A fault at an address below 64 KiB is a null dereference, as CASR and ClusterFuzz count it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seatrial.clearinghouse.proofs.types import CrashFacts, Frame

from . import classes, stack, text

NEAR_NULL = 64 * 1024

TOOLS = {
    "AddressSanitizer": "asan",
    "HWAddressSanitizer": "asan",
    "MemorySanitizer": "msan",
    "ThreadSanitizer": "tsan",
    "LeakSanitizer": "lsan",
    "UndefinedBehaviorSanitizer": "ubsan",
    "libFuzzer": "libfuzzer",
}
_HEAD = re.compile(r"(?:==\d{1,10}== ?)?(?:ERROR|WARNING): ([A-Za-z]{3,30}): (.*)")
_HARD = re.compile(r"(?:==\d{1,10}==)?AddressSanitizer: (hard rss limit exhausted)")

# How a report begins that is not simply named by its first word.
SAID = (
    ("attempting double-free", "double-free"),
    ("attempting free on address which was not malloc()-ed", "bad-free"),
    ("attempting to call malloc_usable_size()", "bad-malloc_usable_size"),
    ("requested allocation size", "allocation-size-too-big"),
    ("allocator is out of memory", "out-of-memory"),
    ("specified RSS limit exceeded", "out-of-memory"),
    ("hard rss limit exhausted", "out-of-memory"),
    ("calloc parameters overflow", "calloc-overflow"),
    ("reallocarray parameters overflow", "reallocarray-overflow"),
    ("pvalloc parameters overflow", "pvalloc-overflow"),
    ("invalid allocation alignment", "invalid-allocation-alignment"),
    ("invalid alignment requested in aligned_alloc", "invalid-aligned-alloc-alignment"),
    ("invalid alignment requested in posix_memalign", "invalid-posix-memalign-alignment"),
    ("bad parameters to __sanitizer_annotate", "bad-annotation"),
    ("detected memory leaks", "memory-leaks"),
    ("data race", "data-race"),
    ("heap-use-after-free (virtual call vs free)", "use-after-free-race"),
    ("lock-order-inversion", "lock-order-inversion"),
    ("thread leak", "thread-leak"),
    ("destroy of a locked mutex", "destroyed-locked-mutex"),
    ("unlock of an unlocked mutex", "unlocked-mutex"),
    ("double lock of a mutex", "double-lock"),
    ("signal-unsafe call inside of a signal", "signal-unsafe-call"),
    ("timeout after", "timeout"),
    ("out-of-memory", "out-of-memory"),
    ("fuzz target exited", "fuzz-target-exited"),
    ("fuzz target overwrites its const", "overwrites-const-input"),
    ("deadly signal", "deadly-signal"),
)
SIGNALS = {"SEGV": "segv", "BUS": "bus", "FPE": "fpe", "ILL": "ill", "ABRT": "abrt", "TRAP": "trap"}
DOORS = {
    "__assert_fail": "assertion-failure",
    "__stack_chk_fail": "stack-smashing",
    "__chk_fail": "fortify-failure",
    "__cxa_throw": "uncaught-exception",
    "malloc_printerr": "heap-error",
    "abort": "abrt",
    "raise": "abrt",
}
_WORD = re.compile(r"[a-z][a-z0-9-]{2,60}(?=$|[\s:(])")
_SIGNAL = re.compile(r"([A-Z]{3,6}) on (?:unknown )?address(?: 0x([0-9a-f]{1,16}))?(?: \(pc 0x([0-9a-f]{1,16}))?")
_ACCESS = re.compile(r"\s{0,4}(?:Atomic |Previous )?(READ|WRITE|[Rr]ead|[Ww]rite) of size (\d{1,9})\b")
_CAUSED = re.compile(r"==\d{1,10}==The signal is caused by an? (READ|WRITE|UNKNOWN) memory access")
_RACE = re.compile(r"  (?:Atomic |Previous (?:atomic )?)?[Rr]ead|  (?:Atomic |Previous (?:atomic )?)?[Ww]rite")


def reports(output: bytes) -> Iterator[CrashFacts]:
    """Every report in ``output``, in its order."""
    seen = 0
    for literal in (b"Sanitizer: ", b"libFuzzer: "):
        for lines in text.windows(output, literal):
            head = _HEAD.match(lines[0]) or _HARD.match(lines[0])
            if head is None:
                continue
            tool, said = (head[1], head[2]) if head.re is _HEAD else ("AddressSanitizer", head[1])
            if tool in TOOLS:
                yield _facts(TOOLS[tool], said, lines[1:])
                seen += 1
                if seen >= 8:
                    return


def _facts(tool: str, said: str, lines: list[str]) -> CrashFacts:
    signal = _SIGNAL.match(said)
    kind = _kind(said)
    access, size = "", None
    for line in lines[:8]:
        found = _ACCESS.match(line)
        if found:
            access, size = found[1].lower(), text.number(found[2])
            break
        caused = _CAUSED.match(line)
        if caused:
            access = "" if caused[1] == "UNKNOWN" else caused[1].lower()
            break
        if line.lstrip().startswith("#"):
            break
    near = jump = False
    if signal and signal[1] in ("SEGV", "BUS"):
        near = signal[2] is not None and int(signal[2], 16) < NEAR_NULL
        jump = signal[2] is not None and signal[3] is not None and int(signal[2], 16) == int(signal[3], 16)
        kind = "null-dereference" if near else kind
    if tool == "tsan":
        frames = _race(lines)
    else:
        found_frames = stack.first(lines)
        frames = stack.kept(found_frames)
        if kind in ("deadly-signal", "abrt"):
            kind = _ended({each.function for each, _ in found_frames}, kind)
    if jump:
        access = ""
    severity, summary = classes.of(kind, access, tool=tool, near=near, jump=jump)
    return CrashFacts(tool, kind, access, size, frames, severity, summary)


def _kind(said: str) -> str:
    for words, kind in SAID:
        if said.startswith(words):
            return kind
    signal = _SIGNAL.match(said)
    if signal and signal[1] in SIGNALS:
        return SIGNALS[signal[1]]
    word = _WORD.match(said)
    return word.group() if word else "unknown"


def _ended(functions: set[str], kind: str) -> str:
    """By which of the C library's doors a program ended itself."""
    for door, name in DOORS.items():
        if any(function.endswith(door) for function in functions):
            return name
    return kind


def _race(lines: list[str]) -> tuple[Frame, ...]:
    """The stack of one of the two accesses, the same one whichever thread came first."""
    stacks: list[tuple[Frame, ...]] = []
    for at, line in enumerate(lines[:400]):
        if _RACE.match(line) and len(stacks) < 2:
            stacks.append(stack.kept(stack.first(lines[at + 1 : at + 1 + stack.MOST], ahead=2)))
    if not stacks:
        return stack.kept(stack.first(lines))
    return min(stacks, key=lambda frames: [(f.function, f.file, f.line or 0, f.offset or 0) for f in frames])
