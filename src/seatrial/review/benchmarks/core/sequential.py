"""When is a campaign certain enough? Two one-sided betting tests without replacement, valid at any time.

The yardstick is the suite mean m: the mean score over all M cells, were every one run. Cells are drawn
in a random order without replacement. Against the null "m ≤ θ", with S the sum of the scores before
draw t, the mean of what is left can be at most μ = (Mθ − S)/(M − t + 1), so the wealth

    K = ∏ (1 + λ (x − μ)),   0 ≤ λ < 1/μ,   λ chosen before x is seen,

is a supermartingale (Waudby-Smith and Ramdas, "Estimating means of bounded random variables by
betting", JRSS B 2024, section 5: sampling without replacement). By Ville's inequality it ever reaches
1/α with probability at most α: no penalty for looking. Hence, for a zone [θ₀, θ₁]:

    *meets*   K against "m ≤ θ₀" reached 1/α, or S > Mθ₀ (certain, whatever is left)
    *below*   the same in the mirror (1 − x, 1 − θ₁)

If m < θ₀ only *meets* is wrong, if m > θ₁ only *below*, and inside the zone either word is right: so a
campaign errs with probability at most α in all. Some verdict always falls by the last cell.

The bet: wealth 0.8 goes on the far edge of the zone, η = (M(θ + θ₁ − θ₀) − S)/(M − t + 1), and 0.2 on a
plug-in estimate of the rate so far; each stakes λ = (η − μ)/(μ(1 − μ)), Kelly's for a yes-or-no score.

The confidence sequence inverts each test over a grid of θ, the zone's edges among them: each bound
alone holds at all times with probability 1 − α, both together with 1 − 2α; a bound crosses its edge of
the zone in the same draw in which the verdict falls.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seatrial.kernel.errors import Misuse
from seatrial.review.benchmarks.types import Decision, FunnelPoint, Threshold, Verdict

EDGE_SHARE = 0.8  # of the starting wealth; the rest bets on the running estimate
MOST = 0.99  # of the largest stake 1/μ: a lost bet never takes everything
GRID = 400  # steps of θ the confidence sequence is drawn in

_SLACK = 1e-9  # sums of scores are floats; "certain" must not hang on the last bit
_LOG_SHARES = np.log([EDGE_SHARE, 1 - EDGE_SHARE])

Floats = NDArray[np.float64]


def check_threshold(threshold: Threshold) -> None:
    """Raises ``Misuse`` (``bad-threshold``) unless 0 < low < high < 1 and 0 < alpha < 0.5."""
    if not 0 < threshold.low < threshold.high < 1:
        raise Misuse(
            "bad-threshold",
            f"The indifference zone {threshold.low}–{threshold.high} must lie inside 0–1, low edge first.",
        )
    if not 0 < threshold.alpha < 0.5:
        raise Misuse("bad-threshold", f"An error of {threshold.alpha} cannot be promised; use more than 0, below 0.5.")


class SequentialTest:
    """The decision after each score, taken in the committed order. The first verdict that falls stays."""

    def __init__(self, cells: int, threshold: Threshold) -> None:
        check_threshold(threshold)
        if cells < 1:
            raise Misuse("no-cells", "A campaign needs at least one cell; this one has none left to send.")
        low, high = threshold.low, threshold.high
        grid = np.arange(1, GRID) / GRID
        self._cells = cells
        self._alpha = threshold.alpha
        self._drawn = 0
        self._total = 0.0
        self._verdict = Verdict.UNDECIDED
        self._meets = _OneSided(cells, np.union1d(grid, [low]), high - low, threshold.alpha)
        self._below = _OneSided(cells, np.union1d(1 - grid, [1 - high]), high - low, threshold.alpha)
        self._at_low = int(np.searchsorted(self._meets.nulls, low))
        self._at_high = int(np.searchsorted(self._below.nulls, 1 - high))

    def update(self, score: float) -> Decision:
        """Count one more ``score`` in [0, 1]. Raises ``Misuse`` for any other number and beyond the last cell."""
        if not 0 <= score <= 1:  # also catches NaN
            raise Misuse("bad-score", f"A score must lie between 0 and 1, not {score}.")
        if self._drawn == self._cells:
            raise Misuse("cells-spent", f"All {self._cells} cells are counted already; there is no further one.")
        score = float(score)
        self._meets.update(score)
        self._below.update(1 - score)
        self._drawn += 1
        self._total += score
        if self._verdict is Verdict.UNDECIDED:
            if self._meets.rejected[self._at_low]:
                self._verdict = Verdict.MEETS
            elif self._below.rejected[self._at_high]:
                self._verdict = Verdict.BELOW
        return self.decision

    @property
    def decision(self) -> Decision:
        point = self.point
        return Decision(
            verdict=self._verdict,
            counted=self._drawn,
            cells=self._cells,
            mean=point.mean,
            lower=point.lower,
            upper=point.upper,
            wealth_meets=self._meets.wealth(self._at_low),
            wealth_below=self._below.wealth(self._at_high),
        )

    @property
    def point(self) -> FunnelPoint:
        """The suite means not yet rejected: ``lower`` never falls, ``upper`` never rises, and a lucky or unlucky
        run can leave ``mean``, that of the scores so far, outside them. It is 0.5 before the first score.
        """
        if self._drawn == self._cells:
            mean = self._total / self._cells
            return FunnelPoint(self._drawn, mean, mean, mean)
        mean = self._total / self._drawn if self._drawn else 0.5
        return FunnelPoint(self._drawn, mean, self._meets.bound(), 1 - self._below.bound())


class _OneSided:
    """Wealth against "m ≤ θ" for each θ of ``nulls`` (ascending); ``rejected`` never becomes false again."""

    def __init__(self, cells: int, nulls: Floats, gap: float, alpha: float) -> None:
        self.nulls = nulls
        self.rejected = np.zeros(len(nulls), dtype=bool)
        self._cells = cells
        self._gap = gap
        self._needed = -math.log(alpha)
        self._drawn = 0
        self._total = 0.0
        self._logs = np.repeat(_LOG_SHARES[:, None], len(nulls), axis=1)

    def update(self, score: float) -> None:
        self._logs += _gains(self._cells, self._drawn, self._total, score, self.nulls, self._gap)
        self._drawn += 1
        self._total += score
        self.rejected |= np.logaddexp(*self._logs) >= self._needed
        self.rejected |= _certain(self._cells, self._total, self.nulls)

    def wealth(self, at: int) -> float:
        """K against null number ``at``. The largest float stands for more."""
        return float(np.exp(np.minimum(np.logaddexp(*self._logs[:, at]), 700.0)))

    def bound(self) -> float:
        """The largest θ up to which every null is rejected; m lies above it (or S/M, which is certain).

        Taking only an unbroken run of rejections from 0 keeps the promise between grid points: the first
        grid point at or above m is fixed beforehand and is rejected with probability at most α.
        """
        unbroken = len(self.nulls) if self.rejected.all() else int(np.argmin(self.rejected))
        below = float(self.nulls[unbroken - 1]) if unbroken else 0.0
        return max(below, self._total / self._cells)


def simulate(scores: ArrayLike, threshold: Threshold) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Many campaigns at once, for planning: (+1 meets, −1 below; attempts counted), each of shape (campaigns,).

    ``scores`` has shape (campaigns, cells): each row every cell's score in the order drawn.
    """
    check_threshold(threshold)
    table = np.asarray(scores, dtype=np.float64)
    if table.ndim != 2 or not table.shape[1] or not ((table >= 0) & (table <= 1)).all():
        raise Misuse("bad-score", "Simulated scores must form a table (campaigns, cells) of numbers between 0 and 1.")
    campaigns, cells = table.shape
    gap, needed = threshold.high - threshold.low, -math.log(threshold.alpha)
    verdicts, counted = np.zeros(campaigns, dtype=np.int64), np.full(campaigns, cells, dtype=np.int64)
    running = np.arange(campaigns)
    total = np.zeros(campaigns)
    meets = np.repeat(_LOG_SHARES[:, None], campaigns, axis=1)
    below = meets.copy()
    for drawn in range(cells):
        score = table[running, drawn]
        meets += _gains(cells, drawn, total, score, threshold.low, gap)
        below += _gains(cells, drawn, drawn - total, 1 - score, 1 - threshold.high, gap)
        total = total + score
        says_meets = (np.logaddexp(*meets) >= needed) | _certain(cells, total, threshold.low)
        says_below = (np.logaddexp(*below) >= needed) | _certain(cells, drawn + 1 - total, 1 - threshold.high)
        done = says_meets | says_below
        verdicts[running[done]] = np.where(says_meets[done], 1, -1)
        counted[running[done]] = drawn + 1
        running, total, meets, below = running[~done], total[~done], meets[:, ~done], below[:, ~done]
        if not len(running):
            break
    return verdicts, counted


def _gains(cells: int, drawn: int, total: Any, score: Any, null: Any, gap: float) -> Floats:
    """log(1 + λ(x − μ)) for both bets, shape (2, …). Stakes depend on ``drawn`` and ``total`` only, never on ``score``.

    With μ ≤ 0 every further point decides by itself, and with μ ≥ 1 what is left cannot reach the null's
    edge: in both cases nothing is staked and the wealth stands still.
    """
    left = cells - drawn
    mean_left = (cells * np.asarray(null) - total) / left
    edge = mean_left + cells * gap / left
    estimate = (total + 0.5) / (drawn + 1.0)
    playable = (mean_left > 0) & (mean_left < 1)
    mean = np.where(playable, mean_left, 0.5)
    stakes = np.stack([_stake(mean, edge), _stake(mean, np.asarray(estimate))])
    gains: Floats = np.log1p(np.where(playable, stakes, 0.0) * (score - mean))
    return gains


def _stake(mean: Floats, alternative: Floats) -> Floats:
    kelly = (np.minimum(alternative, 1.0) - mean) / (mean * (1 - mean))
    stake: Floats = np.clip(kelly, 0.0, MOST / mean)
    return stake


def _certain(cells: int, total: Any, null: Any) -> Any:
    """True where the points already made exceed Mθ: m > θ whatever is left."""
    return total > cells * np.asarray(null) + _SLACK
