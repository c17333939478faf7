"""The pure part of adapting somebody else's task: what pins a sample, and what its score is worth here.

A sample's digest covers what the model, the box and the scorer get of it: input, target, choices, files, setup,
metadata and sandbox. Values that JSON has no exact word for (large integers, NaN, times) stand in it as text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from seatrial.kernel.digests import Digest, digest_of
from seatrial.kernel.errors import Misuse

CONTAINER = "container"  # what a sample needs that asks for Docker with one image: our box will do, where it is chosen
COMPOSE = "compose"  # what one needs that brings several containers: Docker itself

_WORDS: Mapping[str, float] = {"C": 1.0, "I": 0.0, "P": 0.5, "N": 0.0}  # correct, incorrect, partial, no answer
_EXACT = 2**53  # the integers that every reader of JSON reads alike
_CLOCK = re.compile(r"(\d+):(\d{2})(?::(\d{2}))?")  # h:mm or h:mm:ss


def pinned(document: Mapping[str, Any]) -> Digest:
    """The digest of a sample's ``document``, whatever values stand in it."""
    return digest_of(_json(document))


def unit_score(value: object, score: str = "") -> float:
    """What a scorer's ``value`` counts for, from 0 to 1; ``score`` names the part that counts, as ``scorer.key``.

    C, P, I and N are 1, 1/2, 0 and 0; truth values and numbers from 0 to 1 are themselves. Raises ``Misuse``
    (``score-unreadable``) for everything else: nothing is guessed.
    """
    _, _, key = score.partition(".")
    if key:
        if not isinstance(value, Mapping) or key not in value:
            raise Misuse("score-unreadable", f"The task's scorer gave no value {key!r}, which this suite counts.")
        value = value[key]
    if isinstance(value, str) and value in _WORDS:
        return _WORDS[value]
    if isinstance(value, bool | int | float) and 0 <= value <= 1:
        return float(value)
    what = "several values" if isinstance(value, Mapping | list | tuple) else repr(value)[:60]
    raise Misuse("score-unreadable", f"The task's scorer gave {what}, which is neither C, P, I, N nor from 0 to 1.")


def chosen_scorer(names: Sequence[str], keyed: Mapping[str, Sequence[str]], score: str) -> str:
    """The scorer among ``names`` whose value counts; ``keyed`` are those that give a value for each of several keys.

    Raises ``Misuse`` (``score-not-chosen``) if that cannot be told from ``score``.
    """
    name, _, key = (score or names[0]).partition(".")
    keys = keyed.get(name, ())
    chosen = score or len(names) == 1
    if chosen and name in names and (key in keys or (key and "*" in keys) if keys else not key):
        return name
    options = ", ".join(f"{name}.{key}" for name in names for key in keyed.get(name, ()) or ("",)).replace("., ", ", ")
    raise Misuse(
        "score-not-chosen",
        f"This task gives no score {score!r} but {options.rstrip('.')}; say with --score which of them counts.",
    )


def counted_scorer(names: Sequence[str], score: str) -> str:
    """Of the scorers that gave a score the one that counts: the one named, or the first."""
    return score.partition(".")[0] or next(iter(names), "")


def item_id(sample: str) -> str:
    """The id of the item that holds ``sample``: the same, but '#' parts item and epoch and stands in none."""
    return sample.replace("#", "-")


def minutes(value: object) -> float | None:
    """A human time in minutes out of a task's metadata: a number of minutes, or h:mm or h:mm:ss."""
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value > 0:
        return float(value)
    if isinstance(value, str) and (found := _CLOCK.fullmatch(value.strip())):
        hours, whole, seconds = (int(part or 0) for part in found.groups())
        return hours * 60 + whole + seconds / 60 or None
    return None


def _json(value: Any) -> Any:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return value if abs(value) < _EXACT else {"integer": str(value)}
    if isinstance(value, float):
        return value if math.isfinite(value) else {"number": repr(value)}
    if isinstance(value, Mapping):
        return {str(key): _json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((_json(item) for item in value), key=repr)
    return {type(value).__name__: str(value)}
