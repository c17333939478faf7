"""When is a campaign certain enough? Two one-sided betting tests without replacement, valid at any time.

The yardstick is the suite mean m: the mean score over all M cells, were every one run. Cells are drawn
in a random order without replacement. Against the null "m ≤ θ" a wealth K is bet (``betting.py``) that
can only be expected to fall while the null is true (Waudby-Smith and Ramdas, "Estimating means of bounded
random variables by betting", JRSS B 2024, section 5: sampling without replacement). By Ville's inequality
it ever reaches 1/α with probability at most α: no penalty for looking. Hence, for a zone [θ₀, θ₁], with S the
sum of the scores so far:

    *meets*   K against "m ≤ θ₀" reached 1/α, or S > Mθ₀ (certain, whatever is left)
    *below*   the same in the mirror (1 − x, 1 − θ₁)

If m < θ₀ only *meets* is wrong, if m > θ₁ only *below*, and inside the zone either word is right: so a
campaign errs with probability at most α in all. Some verdict always falls by the last cell.

Who says which item a cell belongs to, or what score is foreseen for it, needs fewer attempts for the same
promise (``foresight.py``).

The confidence sequence inverts each test over a grid of θ, the zone's edges among them: each bound
alone holds at all times with probability 1 − α, both together with 1 − 2α. The wealth against a null below an
edge is kept at or above the edge's (``betting.at_least``), so a bound crosses its edge of the zone in the same
draw in which the verdict falls.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seatrial.kernel.errors import Misuse
from seatrial.review.benchmarks.core.betting import BLIND, Floats, Sight, at_least, stake
from seatrial.review.benchmarks.core.foresight import Foresight
from seatrial.review.benchmarks.types import Decision, FunnelPoint, Threshold, Verdict

GRID = 400  # steps of θ the confidence sequence is drawn in
CARE = 0.9  # of α is what bounds beside the zone's edges may err by: little is lost, and simulations can certify them

_SLACK = 1e-9  # sums of scores are floats; "certain" must not hang on the last bit


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
    """The decision after each score, taken in the committed order. The first verdict that falls stays.

    ``items`` names the item of each cell in the committed order, ``predictions`` a score in [0, 1] foreseen for each
    cell, the same for all cells of an item. Both must be fixed before the first attempt, and neither needs to be right.
    """

    def __init__(
        self,
        cells: int,
        threshold: Threshold,
        *,
        items: Sequence[Hashable] | None = None,
        predictions: Sequence[float] | None = None,
    ) -> None:
        check_threshold(threshold)
        if cells < 1:
            raise Misuse("no-cells", "A campaign needs at least one cell; this one has none left to send.")
        low, high = threshold.low, threshold.high
        self._cells = cells
        self._drawn = 0
        self._total = 0.0
        self._verdict = Verdict.UNDECIDED
        self._meets = _OneSided(cells, grid_of(low), low, high - low, threshold.alpha)
        self._below = _OneSided(cells, np.sort(1 - grid_of(high)), 1 - high, high - low, threshold.alpha)
        self._foresight = _foresight(cells, items, predictions)

    def update(self, score: float) -> Decision:
        """Count one more ``score`` in [0, 1]. Raises ``Misuse`` for any other number and beyond the last cell."""
        if not 0 <= score <= 1:  # also catches NaN
            raise Misuse("bad-score", f"A score must lie between 0 and 1, not {score}.")
        if self._drawn == self._cells:
            raise Misuse("cells-spent", f"All {self._cells} cells are counted already; there is no further one.")
        score = float(score)
        sight = self._foresight.sight().of(0) if self._foresight else BLIND
        meets, below = self._meets.wealth, self._below.wealth
        self._meets.update(score, below, sight)
        self._below.update(1 - score, meets, sight.mirrored())
        if self._foresight:
            self._foresight.note(np.array([score]), np.array([self._total]))
        self._drawn += 1
        self._total += score
        if self._verdict is Verdict.UNDECIDED:
            if self._meets.decided:
                self._verdict = Verdict.MEETS
            elif self._below.decided:
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
            wealth_meets=self._meets.wealth,
            wealth_below=self._below.wealth,
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
        return FunnelPoint(self._drawn, mean, self._meets.bound, 1 - self._below.bound)


class _OneSided:
    """Wealth against "m ≤ θ" for each θ of ``nulls`` (ascending); ``rejected`` never becomes false again."""

    def __init__(self, cells: int, nulls: Floats, edge: float, gap: float, alpha: float) -> None:
        self._nulls, self._at = nulls, int(np.searchsorted(nulls, edge))
        self._rejected = np.zeros(len(nulls), dtype=bool)
        self._wealth, self._rival = np.ones(len(nulls)), np.zeros(len(nulls))
        self._cells, self._gap, self._alpha = cells, gap, alpha
        self._alphas = np.full(len(nulls), CARE * alpha)
        self._alphas[self._at] = alpha
        self._drawn = 0
        self._total = self._squares = 0.0
        self.bound = 0.0  # see ``_reach``

    def update(self, score: float, rival: float, sight: Sight) -> None:
        """Settle one draw. ``rival`` is the wealth of the opposite test before it, which counts for the edge."""
        self._rival[self._at] = rival if rival < 1 / self._alpha else 0.0
        stakes = stake(
            self._cells,
            self._drawn,
            self._total,
            self._squares,
            self._nulls,
            gap=self._gap,
            alpha=self._alphas,
            wealth=self._wealth,
            rival=self._rival,
            sight=sight,
        )
        smaller = slice(0, self._at)
        kept = at_least(stakes.of(smaller), self._wealth[smaller], stakes.of(self._at), self.wealth, sight)
        gains = stakes.settled(score, sight.ahead)
        gains[smaller] = kept.settled(score, sight.ahead)
        self._wealth = self._wealth + gains
        self._drawn += 1
        self._total += score
        self._squares += score * score
        self._rejected |= (self._wealth >= 1 / self._alphas) | certain(self._cells, self._total, self._nulls)
        self._rejected[smaller] |= self._rejected[self._at]  # they are worth 1/α too, if not 1/(CARE α)
        self.bound = self._reach()

    @property
    def wealth(self) -> float:
        """K against the zone's edge."""
        return float(self._wealth[self._at])

    @property
    def decided(self) -> bool:
        return bool(self._rejected[self._at])

    def _reach(self) -> float:
        """The largest θ up to which every null is rejected; m lies above it (or S/M, which is certain).

        Taking only an unbroken run of rejections from 0 keeps the promise between grid points: the first
        grid point at or above m is fixed beforehand and is rejected with probability at most α.
        """
        unbroken = len(self._nulls) if self._rejected.all() else int(np.argmin(self._rejected))
        below = float(self._nulls[unbroken - 1]) if unbroken else 0.0
        return max(below, self._total / self._cells)


def grid_of(edge: float) -> Floats:
    """The nulls that a confidence sequence is drawn over, ascending: a grid and the ``edge`` of the zone."""
    return np.union1d(np.arange(1, GRID) / GRID, [edge])


def certain(cells: int, total: Any, null: Any) -> NDArray[np.bool_]:
    """True where the points already made exceed Mθ: m > θ whatever is left."""
    found: NDArray[np.bool_] = np.asarray(total > cells * np.asarray(null) + _SLACK)
    return found


def _foresight(cells: int, items: Sequence[Hashable] | None, predictions: Sequence[float] | None) -> Foresight | None:
    if items is None and predictions is None:
        return None
    named: Sequence[Hashable] = range(cells) if items is None else items
    foreseen = [0.5] * cells if predictions is None else [float(one) for one in predictions]
    if len(named) != cells or len(foreseen) != cells:
        raise Misuse("bad-predictions", f"Items and predictions must be given for each of the {cells} cells, in order.")
    place: dict[Hashable, int] = {}
    whose = [place.setdefault(item, len(place)) for item in named]
    guesses = np.zeros(len(place))
    guesses[whose] = foreseen
    if [float(guesses[item]) for item in whose] != foreseen and not np.isnan(guesses).any():
        raise Misuse("bad-predictions", "The cells of one item must have the same prediction.")
    return Foresight(np.array([whose], dtype=np.int64), guesses[None, :])
