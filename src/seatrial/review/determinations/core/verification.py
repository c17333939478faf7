"""Is a memo what was signed, and do its figures follow from the campaign? Said check by check, figure by figure.

Nothing is taken on trust but the arithmetic: the digest is recomputed, the signatures are tried, and every figure
is computed again from the record of every attempt and compared with what the memo says. A figure that differs is named
with both values. What a memo says beyond figures (reasons, consultations) is covered by the signatures alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_CLOSE = 1e-9

# What no campaign's record can say: people's words, and what stands beside the campaign.
NOT_FIGURES = frozenset(
    {
        *("v", "model", "finding", "finding_words", "reasons", "consultations", "consultation", "reconsiders"),
        *("informs", "not_tried", "sandbagging", "would_change"),
        *("ran", "error_budget", "ladder", "references", "withheld", "salts", "held_to"),
    }
)


# The figures that a part of a twin leaves out.
LEFT_OUT: Mapping[str, tuple[str, ...]] = {"families": ("families", "domain"), "items": ("excluded",)}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. ``holds`` is ``None`` where it could not be."""

    what: str
    holds: bool | None
    said: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure that does not follow: what the memo says, and what the campaign's record gives."""

    what: str
    memo: str
    record: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What was checked, in order, and every figure that differs."""

    determination: str
    checks: tuple[Check, ...]
    differences: tuple[Difference, ...]

    @property
    def holds(self) -> bool:
        """True if nothing that could be checked failed."""
        return not self.differences and all(check.holds is not False for check in self.checks)


def differences(memo: Mapping[str, Any], again: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Every figure of ``memo`` that differs from the same one computed ``again``, both in JSON's own types."""
    return tuple(
        found for name in _figures(memo, again) for found in _apart(name.replace("_", " "), memo[name], again[name])
    )


def figures_in(memo: Mapping[str, Any], again: Mapping[str, Any]) -> int:
    """How many single values ``differences`` compares."""
    return sum(_leaves(memo[name]) for name in _figures(memo, again))


def _figures(memo: Mapping[str, Any], again: Mapping[str, Any]) -> list[str]:
    """The names of what both hold; a twin says nothing of what it leaves out."""
    out = {name for one in memo.get("withheld", ()) for name in LEFT_OUT.get(one.get("part"), ())}
    return [name for name in memo if name in again and name not in NOT_FIGURES and name not in out]


def _apart(what: str, one: Any, other: Any) -> Iterator[Difference]:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for name in dict.fromkeys((*one, *other)):
            yield from _apart(f"{what}, {name.replace('_', ' ')}", one.get(name), other.get(name))
    elif isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            yield Difference(f"{what}, how many", str(len(one)), str(len(other)))
        for place, (mine, theirs) in enumerate(zip(one, other, strict=False)):
            yield from _apart(f"{what}, {_named(mine, place)}", mine, theirs)
    elif not _same(one, other):
        yield Difference(what, _word(one), _word(other))


def _named(value: Any, place: int) -> str:
    """What a reader calls a row: its family or its number of attempts, else its place from 1."""
    if isinstance(value, Mapping):
        for name in ("family", "attempts", "name"):
            if name in value:
                return f"{value[name]}" if name != "attempts" else f"after {value[name]}"
    return str(place + 1)


def _same(one: Any, other: Any) -> bool:
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in (one, other))
    if numbers:
        return math.isclose(one, other, rel_tol=_CLOSE, abs_tol=_CLOSE)
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def _word(value: Any) -> str:
    return "none" if value is None else str(value)


def _leaves(value: Any) -> int:
    if isinstance(value, Mapping):
        return sum(map(_leaves, value.values()))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return sum(map(_leaves, value))
    return 1
