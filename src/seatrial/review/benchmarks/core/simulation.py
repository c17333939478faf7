"""Many campaigns at once: the sequential decision over tables of simulated scores, for planning and for benchmarks.

The same bets as ``sequential.py``, one row a campaign; what a row decides, and when, is what a ``SequentialTest`` fed
with that row decides.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seatrial.kernel.errors import Misuse
from seatrial.review.benchmarks.core.betting import BLIND, Floats, Sight, Stake, at_least, stake
from seatrial.review.benchmarks.core.foresight import AHEAD, Foresight
from seatrial.review.benchmarks.core.sequential import CARE, certain, check_threshold, grid_of
from seatrial.review.benchmarks.types import Threshold

TOGETHER = 8192  # campaigns that are walked through side by side: what fits a core's cache

Whole = NDArray[np.int64]


def simulate(
    scores: ArrayLike, threshold: Threshold, *, items: ArrayLike | None = None, predictions: ArrayLike | None = None
) -> tuple[Whole, Whole]:
    """Many campaigns at once: (+1 meets, −1 below; attempts counted), each of shape (campaigns,).

    ``scores`` has shape (campaigns, cells): each row every cell's score in the order drawn; ``items`` likewise the item
    of each cell, as whole numbers from 0; ``predictions`` has shape (campaigns, items), a score foreseen for each.
    Raises ``Misuse``: ``bad-score``, ``bad-predictions``.
    """
    check_threshold(threshold)
    table = _checked(scores)
    whose, guesses = _known(table, items, predictions)
    verdicts, counted = np.zeros(len(table), dtype=np.int64), np.zeros(len(table), dtype=np.int64)
    for start in range(0, len(table), TOGETHER):
        part = slice(start, start + TOGETHER)
        verdicts[part], counted[part] = _walk(table[part], threshold, _foresight(whose, guesses, part))
    return verdicts, counted


def missed(
    scores: ArrayLike, threshold: Threshold, *, items: ArrayLike | None = None, predictions: ArrayLike | None = None
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether the confidence sequence ever leaves the suite's own mean, below or above: (lower, upper), (campaigns,).

    Every cell is walked through, whatever is decided on the way. A bound leaves the mean only if the first null of the
    grid at or beyond the mean is rejected; that is what is counted. Arguments and errors as of ``simulate``.
    """
    check_threshold(threshold)
    table = _checked(scores)
    whose, guesses = _known(table, items, predictions)
    lower, upper = np.zeros(len(table), dtype=bool), np.zeros(len(table), dtype=bool)
    for start in range(0, len(table), TOGETHER):
        part = slice(start, start + TOGETHER)
        foresight = _foresight(whose, guesses, part)
        lower[part], upper[part] = _follow(table[part], threshold, foresight)
    return lower, upper


def _checked(scores: ArrayLike) -> Floats:
    table = np.asarray(scores, dtype=np.float64)
    if table.ndim != 2 or not table.shape[1] or not (table.min(initial=0) >= 0 and table.max(initial=0) <= 1):
        raise Misuse("bad-score", "Simulated scores must form a table (campaigns, cells) of numbers between 0 and 1.")
    return table


def _known(table: Floats, items: ArrayLike | None, predictions: ArrayLike | None) -> tuple[Whole | None, Floats | None]:
    if items is None and predictions is None:
        return None, None
    whose = np.asarray(items if items is not None else np.broadcast_to(np.arange(table.shape[1]), table.shape))
    if whose.shape != table.shape or whose.dtype.kind not in "iu" or whose.min(initial=0) < 0:
        raise Misuse("bad-predictions", "The items of simulated scores must be whole numbers in a table of its shape.")
    most = int(whose.max(initial=0)) + 1
    guesses = np.full((len(table), most), 0.5) if predictions is None else np.asarray(predictions, dtype=np.float64)
    if guesses.ndim != 2 or len(guesses) != len(table) or guesses.shape[1] < most:
        raise Misuse("bad-predictions", "Simulated predictions must form a table (campaigns, items).")
    return whose, guesses


def _foresight(whose: Whole | None, guesses: Floats | None, part: slice) -> Foresight | None:
    return None if whose is None or guesses is None else Foresight(whose[part], guesses[part])


def _walk(table: Floats, threshold: Threshold, foresight: Foresight | None) -> tuple[Whole, Whole]:
    campaigns, cells = table.shape
    low, far, alpha = threshold.low, 1 - threshold.high, threshold.alpha
    gap, enough = threshold.high - threshold.low, 1 / threshold.alpha
    verdicts, counted = np.zeros(campaigns, dtype=np.int64), np.full(campaigns, cells, dtype=np.int64)
    running = np.arange(campaigns)
    total, meets, below = np.zeros(campaigns), np.ones(campaigns), np.ones(campaigns)
    won, lost = np.zeros(campaigns), np.zeros(campaigns)  # sums of x² and of (1 − x)²
    for drawn in range(cells):
        if not drawn % AHEAD:
            columns = np.ascontiguousarray(table[:, drawn : drawn + AHEAD].T)
        score = columns[drawn % AHEAD][running]
        miss = 1 - score
        sight = foresight.sight() if foresight else BLIND
        other = sight.mirrored()
        up = stake(cells, drawn, total, won, low, gap=gap, alpha=alpha, wealth=meets, rival=below, sight=sight)
        missed = drawn - total
        down = stake(cells, drawn, missed, lost, far, gap=gap, alpha=alpha, wealth=below, rival=meets, sight=other)
        meets = meets + up.settled(score, sight.ahead)
        below = below + down.settled(miss, other.ahead)
        if foresight:
            foresight.note(score, total)
        total, won, lost = total + score, won + score * score, lost + miss * miss
        says_meets = (meets >= enough) | certain(cells, total, low)
        done = says_meets | (below >= enough) | certain(cells, drawn + 1 - total, far)
        if done.any():
            verdicts[running[done]] = np.where(says_meets[done], 1, -1)
            counted[running[done]] = drawn + 1
            left = ~done
            running, meets, below = running[left], meets[left], below[left]
            total, won, lost = total[left], won[left], lost[left]
            if foresight:
                foresight.keep(left)
            if not len(running):
                break
    return verdicts, counted


def _follow(
    table: Floats, threshold: Threshold, foresight: Foresight | None
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    cells = table.shape[1]
    mean = table.mean(axis=1)
    up = _Followed(cells, threshold, threshold.low, grid_of(threshold.low), mean)
    down = _Followed(cells, threshold, 1 - threshold.high, 1 - grid_of(threshold.high), 1 - mean)
    for drawn in range(cells):
        score = table[:, drawn]
        sight = foresight.sight() if foresight else BLIND
        if foresight:
            foresight.note(score, up.total)
        rivals = up.edge, down.edge
        up.update(score, rivals[1], sight)
        down.update(1 - score, rivals[0], sight.mirrored())
    return up.rejected, down.rejected


class _Followed:
    """One side of many tests: the wealth against the zone's edge, and against the first null at or beyond ``mean``."""

    def __init__(self, cells: int, threshold: Threshold, null: float, grid: Floats, mean: Floats) -> None:
        self._cells, self._alpha, self._gap, self._null = cells, threshold.alpha, threshold.high - threshold.low, null
        grid = np.append(np.sort(grid), 2.0)  # beyond the last null nothing can be missed
        self._next = grid[np.searchsorted(grid, mean - 1e-12)]
        self._alphas = np.where(self._next == null, self._alpha, CARE * self._alpha)
        self._drawn = 0
        self.total, self._squares = np.zeros(len(mean)), np.zeros(len(mean))
        self.edge, self._wealth = np.ones(len(mean)), np.ones(len(mean))
        self.rejected = np.zeros(len(mean), dtype=bool)

    def update(self, score: Floats, rival: Floats, sight: Sight) -> None:
        rival = np.where(rival < 1 / self._alpha, rival, 0.0)
        edge = self._stake(self._null, self.edge, rival, self._alpha, sight)
        rival = np.where(self._next == self._null, rival, 0.0)
        own = self._stake(self._next, self._wealth, rival, self._alphas, sight)
        kept = at_least(own, self._wealth, edge, self.edge, sight)
        beneath = self._next < self._null
        own = Stake(*(np.where(beneath, one, other) for one, other in zip(kept, own, strict=True)))
        self._wealth = self._wealth + own.settled(score, sight.ahead)
        self.edge = self.edge + edge.settled(score, sight.ahead)
        self._drawn += 1
        self.total, self._squares = self.total + score, self._squares + score * score
        self.rejected |= (self._wealth >= 1 / self._alphas) | certain(self._cells, self.total, self._next)
        self.rejected |= beneath & (self.edge >= 1 / self._alpha)

    def _stake(self, null: float | Floats, wealth: Floats, rival: Floats, alpha: float | Floats, sight: Sight) -> Stake:
        return stake(
            self._cells,
            self._drawn,
            self.total,
            self._squares,
            null,
            gap=self._gap,
            alpha=alpha,
            wealth=wealth,
            rival=rival,
            sight=sight,
        )
