"""What the same promise would cost without looking: attempts of a fixed-sample design.

A test of one rate with both errors α, by the normal approximation of the binomial: reject between θ₀ and
θ₁ where both tails are α. With z the 1 − α quantile,

    n = (z √(θ₀(1 − θ₀)) + z √(θ₁(1 − θ₁)))² / (θ₁ − θ₀)²

(e.g. Fleiss, Levin and Paik, "Statistical Methods for Rates and Proportions", 3rd ed., section 2.4.)
It assumes independent draws, as plans in use do; drawing n of M without replacement needs fewer, by the
usual finite-population correction, which ``of_cells`` applies.
"""

from __future__ import annotations

import math
from statistics import NormalDist

from seatrial.review.benchmarks.core.sequential import check_threshold
from seatrial.review.benchmarks.types import Threshold


def fixed_sample(threshold: Threshold) -> int:
    """Attempts of the fixed-sample design with the same errors; 268 for the zone 0.45–0.55 at α = 0.05."""
    return math.ceil(_exact(threshold))


def fixed_sample_of_cells(threshold: Threshold, cells: int) -> int:
    """The same when n of only ``cells`` cells are drawn without replacement: n / (1 + (n − 1) / M)."""
    exact = _exact(threshold)
    return min(cells, math.ceil(exact / (1 + (exact - 1) / cells)))


def smallest_error(threshold: Threshold, attempts: int) -> float:
    """Both errors of the fixed-sample design of ``attempts`` independent draws: the α for which it needs no more."""
    check_threshold(threshold)
    return 1 - NormalDist().cdf(math.sqrt(attempts) * (threshold.high - threshold.low) / _spread(threshold))


def wald_expected(threshold: Threshold, rate: float) -> float:
    """Expected attempts of Wald's sequential test with both errors α, had draws been independent at ``rate``.

    The classical approximation without overshoot (Wald 1945); a yardstick, no promise for a finite suite.
    """
    check_threshold(threshold)
    low, high = threshold.low, threshold.high
    boundary = math.log((1 - threshold.alpha) / threshold.alpha)
    up, down = math.log(high / low), math.log((1 - high) / (1 - low))
    drift = rate * up + (1 - rate) * down
    if abs(drift) < 1e-6:  # the walk has no drift: expected time is boundary² over its variance
        return boundary**2 / (rate * up**2 + (1 - rate) * down**2)
    tilt = _tilt(rate, up, down)
    accept_high = (1 - math.exp(-tilt * boundary)) / (math.exp(tilt * boundary) - math.exp(-tilt * boundary))
    return boundary * (2 * accept_high - 1) / drift


def _tilt(rate: float, up: float, down: float) -> float:
    """The h ≠ 0 with E[exp(h · step)] = 1, by bisection; it has the sign opposite to the drift."""
    sign = -1.0 if rate * up + (1 - rate) * down > 0 else 1.0

    def excess(size: float) -> float:
        return rate * math.exp(sign * size * up) + (1 - rate) * math.exp(sign * size * down) - 1

    low, high = 1e-9, 1.0
    while excess(high) < 0:
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) < 0 else (low, middle)
    return sign * high


def _exact(threshold: Threshold) -> float:
    check_threshold(threshold)
    z = NormalDist().inv_cdf(1 - threshold.alpha)
    return (z * _spread(threshold) / (threshold.high - threshold.low)) ** 2


def _spread(threshold: Threshold) -> float:
    return math.sqrt(threshold.low * (1 - threshold.low)) + math.sqrt(threshold.high * (1 - threshold.high))
