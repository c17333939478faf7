"""Many campaigns at once: the sequential decision over tables of simulated scores, for planning and for benchmarks.

The same bets as ``sequential.py``, one row a campaign; what a row decides, and when, is what a ``SequentialTest`` fed
with that row decides.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seatrial.kernel.errors import Misuse
from seatrial.review.benchmarks.core.betting import BLIND, Floats, stake
from seatrial.review.benchmarks.core.foresight import Foresight
from seatrial.review.benchmarks.core.sequential import certain, check_threshold
from seatrial.review.benchmarks.types import Threshold

TOGETHER = 4096  # campaigns that are walked through side by side: what fits a core's cache

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
    table = np.asarray(scores, dtype=np.float64)
    if table.ndim != 2 or not table.shape[1] or not ((table >= 0) & (table <= 1)).all():
        raise Misuse("bad-score", "Simulated scores must form a table (campaigns, cells) of numbers between 0 and 1.")
    whose = None if items is None else np.asarray(items, dtype=np.int64)
    guesses = None if predictions is None else np.asarray(predictions, dtype=np.float64)
    if whose is None and guesses is not None:
        whose = np.broadcast_to(np.arange(table.shape[1]), table.shape)
    if whose is not None:
        if whose.shape != table.shape or whose.min(initial=0) < 0:
            raise Misuse("bad-predictions", "The items of simulated scores must form a table of the same shape.")
        if guesses is None:
            guesses = np.full((len(table), int(whose.max(initial=0)) + 1), 0.5)
        if guesses.ndim != 2 or len(guesses) != len(table) or guesses.shape[1] <= whose.max(initial=0):
            raise Misuse("bad-predictions", "Simulated predictions must form a table (campaigns, items).")
    verdicts, counted = np.zeros(len(table), dtype=np.int64), np.zeros(len(table), dtype=np.int64)
    for start in range(0, len(table), TOGETHER):
        part = slice(start, start + TOGETHER)
        foresight = None if whose is None or guesses is None else Foresight(whose[part], guesses[part])
        verdicts[part], counted[part] = _walk(table[part], threshold, foresight)
    return verdicts, counted


def _walk(table: Floats, threshold: Threshold, foresight: Foresight | None) -> tuple[Whole, Whole]:
    campaigns, cells = table.shape
    low, far, alpha = threshold.low, 1 - threshold.high, threshold.alpha
    gap, enough = threshold.high - threshold.low, 1 / threshold.alpha
    verdicts, counted = np.zeros(campaigns, dtype=np.int64), np.full(campaigns, cells, dtype=np.int64)
    running = np.arange(campaigns)
    total, meets, below = np.zeros(campaigns), np.ones(campaigns), np.ones(campaigns)
    won, lost = np.zeros(campaigns), np.zeros(campaigns)  # sums of x² and of (1 − x)²
    columns = np.ascontiguousarray(table.T)
    for drawn in range(cells):
        score = columns[drawn][running]
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
