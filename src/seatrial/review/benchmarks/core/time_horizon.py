"""How long are the tasks, in a person's time, that the model does half of the time? A secondary metric.

Success is fitted on the logarithm of the human time t by logistic regression, each item weighing the same:

    P(success) = 1 / (1 + exp(−(a − b log₂ t)))        horizon: log₂ t = (a − log(p/(1 − p))) / b,  p = ½

(Kwa et al., "Measuring AI Ability to Complete Long Tasks", arXiv:2503.14499, section 4.) The interval is the percentile
bootstrap in their three steps: families, items within a family, attempts at an item, each with replacement. A small
ridge on b keeps resamples that a line parts perfectly from running away.

Nothing is said beyond the suite: a horizon below the shortest or above the longest human time is reported as that, and
so is a bound of the interval (``None`` with ``beyond`` or an open end). Too little spread in human times, or success
that does not fall with time, gives no horizon but a reason.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seatrial.kernel.errors import Misuse

SPREAD = 2.0  # doublings of human time a suite must span
RIDGE = 0.02
RESAMPLES = 1000

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TimedItem:
    """An item that was tried: how many of ``attempts`` succeeded, and how long a person takes."""

    family: str
    human_minutes: float
    attempts: int
    successes: int


@dataclass(frozen=True, slots=True)
class TimeHorizon:
    """Minutes of a person's time. ``minutes`` is ``None`` where ``why`` says so; an open end of the interval too."""

    minutes: float | None
    lower: float | None
    upper: float | None
    shortest: float
    longest: float
    items: int
    why: str = ""


def time_horizon(
    items: Sequence[TimedItem], *, share: float = 0.5, confidence: float = 0.95, seed: int = 0
) -> TimeHorizon:
    """The horizon at which ``share`` of attempts succeed. The same ``items`` and ``seed`` give the same figures.

    Raises ``Misuse``: ``bad-horizon`` for a share outside 0 to 1, no items, human times or counts that are none.
    """
    if not 0 < share < 1:
        raise Misuse("bad-horizon", f"A share of {share} has no horizon; use one between 0 and 1.")
    if not items or not all(one.human_minutes > 0 and 0 <= one.successes <= one.attempts > 0 for one in items):
        raise Misuse("bad-horizon", "A horizon needs items with a human time and at least one attempt each.")
    times = np.log2([one.human_minutes for one in items])
    shortest, longest = 2.0 ** times.min(), 2.0 ** times.max()
    nothing = TimeHorizon(None, None, None, float(shortest), float(longest), len(items))
    if times.max() - times.min() < SPREAD:
        return _because(
            nothing, f"human times span less than {SPREAD:g} doublings, from {shortest:g} to {longest:g} minutes"
        )
    rates = np.array([[one.successes / one.attempts for one in items]])
    at, slope = _horizons(times, rates, np.ones_like(rates), share)
    if not slope[0] > 0:
        return _because(nothing, "success does not fall with human time")
    resampled = _horizons(times, *_resamples(items, np.random.default_rng(seed)), share)
    bounds = _bounds(times, *resampled, confidence)
    if at[0] > times.max():
        return _because(nothing, f"beyond the suite's range: more than {longest:g} minutes", lower=bounds[0])
    if at[0] < times.min():
        return _because(nothing, f"beyond the suite's range: less than {shortest:g} minutes", upper=bounds[1])
    return TimeHorizon(float(2.0 ** at[0]), *bounds, float(shortest), float(longest), len(items))


def _because(nothing: TimeHorizon, why: str, lower: float | None = None, upper: float | None = None) -> TimeHorizon:
    return TimeHorizon(None, lower, upper, nothing.shortest, nothing.longest, nothing.items, why)


def _bounds(times: Floats, at: Floats, slope: Floats, confidence: float) -> tuple[float | None, float | None]:
    """Percentiles of the resampled horizons; an end that lies outside the suite's range is open."""
    at = np.where(slope > 0, at, np.inf)  # no fall with time in a resample: it speaks for no upper end
    tail = (1 - confidence) / 2
    lower, upper = np.sort(at)[[int(tail * len(at)), min(len(at) - 1, math.ceil((1 - tail) * len(at)))]]
    inside = float(times.min()), float(times.max())
    return (
        float(2.0**lower) if inside[0] <= lower <= inside[1] else None,
        float(2.0**upper) if inside[0] <= upper <= inside[1] else None,
    )


def _resamples(items: Sequence[TimedItem], rng: np.random.Generator) -> tuple[Floats, Floats]:
    """(success rates, weights) of shape (RESAMPLES, items): families, then items, then attempts drawn again."""
    names = sorted({one.family for one in items})
    members = [np.array([at for at, one in enumerate(items) if one.family == name]) for name in names]
    attempts = np.array([one.attempts for one in items])
    weights = np.zeros((RESAMPLES, len(items)))
    for row in weights:
        for family in rng.integers(len(members), size=len(members)):
            chosen = members[family]
            np.add.at(row, chosen[rng.integers(len(chosen), size=len(chosen))], 1.0)
    rates = rng.binomial(attempts, [one.successes / one.attempts for one in items], size=weights.shape) / attempts
    return rates, weights


def _horizons(times: Floats, rates: Floats, weights: Floats, share: float) -> tuple[Floats, Floats]:
    """(log₂ of the horizon, b) of each row, by Newton's method with the step halved where it would overshoot."""
    centre = times - times.mean()
    level, slope = np.zeros(len(rates)), np.zeros(len(rates))
    for _ in range(60):
        chance = 1 / (1 + np.exp(-np.clip(level[:, None] - slope[:, None] * centre, -30, 30)))
        error, spread = weights * (rates - chance), weights * np.maximum(chance * (1 - chance), 1e-6)
        pull, turn = error.sum(axis=1) - RIDGE * level, -(error * centre).sum(axis=1) - RIDGE * slope
        aa, ab = spread.sum(axis=1) + RIDGE, -(spread * centre).sum(axis=1)
        bb = (spread * centre**2).sum(axis=1) + RIDGE
        whole = aa * bb - ab * ab
        level = level + np.clip((bb * pull - ab * turn) / whole, -2, 2)
        slope = slope + np.clip((aa * turn - ab * pull) / whole, -2, 2)
    wanted = math.log(share / (1 - share))
    steep = np.where(np.abs(slope) > 1e-9, slope, 1e-9)
    return times.mean() + (level - wanted) / steep, slope
