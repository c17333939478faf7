"""Likeness of two crashes of one product: a rare function in common, the nearer to the crash the better.

    log-odds = 0.54 + 0.80·b + 0.86·k - 1.22·ln n - 1.04·s + 1.50·l

b: over the functions in common, the greatest ln((n + 1)/d)·0.7^p (d: how many of the product's n different crashes
pass through it; p: its place in the stack where it stands deeper, from 0); k: the same family of error; n: how many
crashes of the product are compared, since among many any two are less likely one; s: both begin with the same two
functions *and* the source had merged such crashes already (a tracker that merges by ClusterFuzz's rule): what it left
apart, it left for a reason. In a source that merges nothing, s counts the other way. l: both break at the same line of
the same function. Without a function in common the score is 0; one through which all enter, such as ``main``, is none.

Fitted by logistic regression on one half of the projects of the OSS-Fuzz crash states (n132/ARVO-Meta; the half by the
digest of the project's name), checked on the other: ``benchmarks/findings_parts/ossfuzz.py`` tells both; that set has
no lines, so l stands for what planted flaws showed. The score orders pairs; what one of them is worth was counted, and
is less than higher scores promise (``shares``). It is a suggestion, never a merge.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from seatrial.clearinghouse.proofs.types import CrashFacts, Frame

from .keys import family

DEPTH = 8  # functions of a stack that are compared
DECAY = 0.7
ENTRIES = frozenset(  # all pass through
    {"main", "main.main", "<module>", "Object.{lambda}", "LLVMFuzzerTestOneInput", "TestOneInput", "fuzzerTestOneInput"}
)
BASE, RARE, KIND, MANY, LINE = 0.54, 0.80, 0.86, -1.22, 1.50
AGAIN = {True: -1.04, False: 1.04}  # the same beginning, where the source had merged such crashes, and where not
_POWERS = tuple(DECAY**place for place in range(DEPTH))


SketchKey = tuple[tuple[str, ...], str, str]


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is compared of a crash."""

    functions: tuple[str, ...]  # each once, innermost first
    places: dict[str, int]
    family: str
    line: str = ""  # where it broke; empty if no line is known

    @property
    def key(self) -> SketchKey:
        return self.functions, self.family, self.line


@dataclass(slots=True)
class Scope:
    """The different crashes of one product: how many there are and through what they pass. Equal ones count once."""

    merged: bool = False  # whether the source had merged equal crashes before
    count: int = 0
    passing: Counter[str] = field(default_factory=Counter)

    def rarity(self, function: str) -> float:
        return math.log((self.count + 1) / max(1, self.passing[function]))


def sketch(facts: CrashFacts) -> Sketch:
    functions = tuple(name for name in dict.fromkeys(map(_name, facts.frames)) if name not in ENTRIES)[:DEPTH]
    first = facts.frames[0] if facts.frames else Frame("")
    line = f"{first.function} {first.file}:{first.line}" if first.line is not None else ""
    return Sketch(functions, {name: place for place, name in enumerate(functions)}, family(facts.kind), line)


def scope(crashes: Iterable[Iterable[Sketch]], *, merged: bool = False) -> Scope:
    """``crashes``: for each different crash the sketches of those that are equal."""
    made = Scope(merged)
    for equal in crashes:
        made.count += 1
        made.passing.update({function for each in equal for function in each.functions})
    return made


def score(a: Sketch, b: Sketch, within: Scope) -> float:
    """0 to 1, the same from both sides."""
    best, places = 0.0, b.places
    for place, function in enumerate(a.functions):
        other = places.get(function)
        if other is not None:
            worth = within.rarity(function) * _POWERS[place if place > other else other]
            if worth > best:
                best = worth
    if best <= 0.0:
        return 0.0
    again, line = a.functions[:2] == b.functions[:2], bool(a.line) and a.line == b.line
    return chance(best, within, same_family=a.family == b.family, again=again, line=line)


def chance(best: float, within: Scope, *, same_family: bool, again: bool, line: bool) -> float:
    odds = BASE + RARE * best + MANY * math.log(within.count)
    if same_family:
        odds += KIND
    if again:
        odds += AGAIN[within.merged]
    if line:
        odds += LINE
    return 1.0 / (1.0 + math.exp(-odds))


def shared(a: Sketch, b: Sketch, within: Scope) -> str:
    """The function in common that counts most; empty if there is none."""
    common = [function for function in a.functions if function in b.places]
    return max(
        common,
        key=lambda name: (within.rarity(name) * _POWERS[max(a.places[name], b.places[name])], name),
        default="",
    )


def likeness(a: Sketch, b: Sketch, within: Scope) -> tuple[float, str]:
    """The score, and the sentence that explains it."""
    value, function = score(a, b, within), shared(a, b, within)
    if not function or not value:
        return 0.0, "They have no function in common."
    here, there = a.places[function] + 1, b.places[function] + 1
    place = _ordinal(here) + (" from the crash in both" if here == there else f" and {_ordinal(there)} from the crash")
    if a.family == b.family:
        kind = f"the same kind of error ({a.family})"
    else:
        kind = f"different errors ({' and '.join(sorted((a.family, b.family)))})"
    line = f" at the same line ({a.line.rpartition(' ')[2]})" if a.line and a.line == b.line else ""
    share = f"{within.passing[function]} of {within.count} crashes of this product"
    return value, f"Both pass through {function} ({place}), as {share} do, with {kind}{line}."


def _name(frame: Frame) -> str:
    if frame.function:
        return frame.function
    if frame.line is not None:
        return f"{frame.file}:{frame.line}"
    return f"{frame.module.rpartition('/')[2]}+{frame.offset:x}" if frame.offset is not None else frame.file or "?"


def _ordinal(number: int) -> str:
    return {1: "first", 2: "second", 3: "third"}.get(number, f"{number}th")
