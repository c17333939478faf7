"""What a crash may be good for, and its short description, as CASR (ISP RAS) documents them.

Source: CASR, ``docs/classes.md``, "Severity Classes": exploitable, probably exploitable, not exploitable. The tables
are that document's, by its own words; a kind that it does not name (most of UndefinedBehaviorSanitizer's, data races,
exceptions of managed languages) is undefined and described by its kind. This ranks, it decides nothing.
"""

from __future__ import annotations

from seatrial.clearinghouse.proofs.types import Exploitability

EXPLOITABLE, PROBABLY = Exploitability.EXPLOITABLE, Exploitability.PROBABLY
NOT, UNDEFINED = Exploitability.NOT, Exploitability.UNDEFINED

# Kinds whose class depends on the access: written (exploitable), read (not), not told (probably).
BY_ACCESS = frozenset(
    {
        *("heap-buffer-overflow", "global-buffer-overflow", "stack-buffer-overflow", "stack-buffer-underflow"),
        *("stack-use-after-scope", "stack-use-after-return", "heap-use-after-free", "container-overflow"),
    }
)

SHORT = {
    "SegFaultOnPc": EXPLOITABLE,
    "DestAv": EXPLOITABLE,
    "param-overlap": EXPLOITABLE,
    "BadInstruction": PROBABLY,
    "SegFaultOnPcNearNull": PROBABLY,
    "HeapError": PROBABLY,
    "StackGuard": PROBABLY,
    "DestAvNearNull": PROBABLY,
    "use-after-poison": PROBABLY,
    "negative-size-param": PROBABLY,
    "calloc-overflow": PROBABLY,
    "reallocarray-overflow": PROBABLY,
    "pvalloc-overflow": PROBABLY,
    "overwrites-const-input": PROBABLY,
    "SourceAv": NOT,
    "AbortSignal": NOT,
    "AccessViolation": NOT,
    "SourceAvNearNull": NOT,
    "SafeFunctionCheck": NOT,
    "FPE": NOT,
    "StackOverflow": NOT,
    "double-free": NOT,
    "bad-free": NOT,
    "alloc-dealloc-mismatch": NOT,
    "initialization-order-fiasco": NOT,
    "new-delete-type-mismatch": NOT,
    "bad-malloc_usable_size": NOT,
    "odr-violation": NOT,
    "memory-leaks": NOT,
    "invalid-allocation-alignment": NOT,
    "invalid-aligned-alloc-alignment": NOT,
    "invalid-posix-memalign-alignment": NOT,
    "allocation-size-too-big": NOT,
    "out-of-memory": NOT,
    "fuzz target exited": NOT,
    "timeout": NOT,
}

# Our kinds under CASR's names, where they differ.
NAMED = {
    "fpe": "FPE",
    "integer-divide-by-zero": "FPE",
    "ill": "BadInstruction",
    "abrt": "AbortSignal",
    "assertion-failure": "AbortSignal",
    "uncaught-exception": "AbortSignal",
    "heap-error": "HeapError",
    "stack-smashing": "StackGuard",
    "fortify-failure": "SafeFunctionCheck",
    "stack-overflow": "StackOverflow",
    "fuzz-target-exited": "fuzz target exited",
}


def of(kind: str, access: str, *, tool: str, near: bool = False, jump: bool = False) -> tuple[Exploitability, str]:
    """The class and the short description of a crash.

    ``near``: the address is near null; ``jump``: it is the program counter itself.
    """
    if kind in ("segv", "bus", "null-dereference"):
        near = near or kind == "null-dereference"
        if jump:
            short = "SegFaultOnPc"
        elif access:
            short = "DestAv" if access == "write" else "SourceAv"
        else:
            return NOT, "AccessViolation"
        short += "NearNull" if near else ""
        return SHORT[short], short
    if kind in BY_ACCESS:
        if not access:
            return PROBABLY, kind
        return (EXPLOITABLE if access == "write" else NOT), f"{kind}({access})"
    if kind.endswith("-param-overlap"):
        return EXPLOITABLE, "param-overlap"
    short = NAMED.get(kind, kind)
    if tool in ("python", "node", "java"):
        return UNDEFINED, kind
    return SHORT.get(short, UNDEFINED), short
