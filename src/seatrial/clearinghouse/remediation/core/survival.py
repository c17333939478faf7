"""How long exposures last: the product-limit estimate of Kaplan and Meier (1958), with Greenwood's variance.

An exposure that is still open counts as long as it has lasted, not as if it had ended: leaving the open ones out would
show every fix as quick.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_Z = 1.959963984540054  # of a two-sided 95 %


@dataclass(frozen=True, slots=True)
class Spell:
    """One exposure: how many ``days`` it lasted, or has lasted until now if it has not ``ended``."""

    days: float
    ended: bool


@dataclass(frozen=True, slots=True)
class Step:
    """From ``days`` on, ``share`` of the exposures are still open (95 % between ``low`` and ``high``)."""

    days: float
    share: float
    low: float
    high: float
    at_risk: int  # open just before
    ended: int  # at that moment


def curve(spells: Iterable[Spell]) -> tuple[Step, ...]:
    """Steps at each moment something ended, in order; first the whole at day 0. Empty without spells.

    Bounds are on the log-log scale (Kalbfleisch and Prentice), so they stay between 0 and 1.
    """
    ended: Counter[float] = Counter()
    left: Counter[float] = Counter()
    for spell in spells:
        (ended if spell.ended else left)[max(0.0, spell.days)] += 1
    at_risk = ended.total() + left.total()
    if not at_risk:
        return ()
    steps = [Step(0.0, 1.0, 1.0, 1.0, at_risk, 0)]
    share, variance = 1.0, 0.0
    for moment in sorted(ended.keys() | left.keys()):
        if count := ended[moment]:
            share *= 1 - count / at_risk
            variance += count / (at_risk * (at_risk - count)) if at_risk > count else math.inf
            steps.append(Step(moment, share, *_bounds(share, variance), at_risk, count))
        at_risk -= count + left[moment]
    return tuple(steps)


def _bounds(share: float, variance: float) -> tuple[float, float]:
    if not 0 < share < 1 or not math.isfinite(variance):
        return share, share
    logarithm = math.log(share)
    half = _Z * math.sqrt(variance) / abs(logarithm)
    return share ** math.exp(half), share ** math.exp(-half)


def days_until(steps: Sequence[Step], ended: float) -> float | None:
    """Days until the share ``ended`` (0.5, 0.95) of the exposures was over; None if it is not yet."""
    return next((step.days for step in steps if step.share <= 1 - ended + 1e-12), None)
