"""What scores can be expected of the cells still to be drawn: predictions that sharpen the bets and cannot bias them.

A cell of item i that was tried n times with the sum of scores s is predicted

    f = (s + κ (q + b)) / (n + κ),      b = Σ (x − q) / (t + κ_b)  over all t scores so far,

where q is what was known of the item beforehand (a calibrated share of successes of reference models, else ½ for all)
and b how far this model's scores differ from that. ``betting.py`` hedges with f − f̄, f̄ the mean over the cells left: a
control variate whose mean is known exactly, since the order is random and the items are known. A bad prediction costs
attempts, never validity.

With r_i the cells of item i that are left, f̄ is a matter of a few operations a draw:

    Σ r_i f_i = Σ r_i (s_i + κ q_i)/(n_i + κ) + b Σ r_i κ/(n_i + κ)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seatrial.kernel.errors import Misuse
from seatrial.review.benchmarks.core.betting import Floats, Sight

KAPPA = 2.0  # attempts' worth of what was known beforehand; right where a third of the variance lies between items
SHIFT = 4.0  # κ_b
TRUST, TRUSTED = 0.8, 1.0  # the slope before there is evidence, and how much of f's variance that is worth
DOUBT = 8.0  # by which the spread is held at 1 at first
AHEAD = 32  # draws whose items are laid out at once

Whole = NDArray[np.int64]


class Foresight:
    """Predictions for many campaigns at once, one row each. ``keep`` drops rows that have ended.

    ``items`` has shape (campaigns, cells): the item of each cell, 0 …, in the order drawn. ``guesses`` has shape
    (campaigns, items): q. Raises ``Misuse`` (``bad-predictions``) for guesses outside 0 to 1.
    """

    def __init__(self, items: Whole, guesses: Floats) -> None:
        if not ((guesses >= 0) & (guesses <= 1)).all():  # also catches NaN
            raise Misuse("bad-predictions", "A prediction must lie between 0 and 1, as a share of successes does.")
        campaigns, self._cells = items.shape
        several = guesses.shape[1]
        self._items = items
        self._first = np.arange(campaigns) * several  # where a campaign's items begin in the flat tables below
        self._running = np.arange(campaigns)
        left = np.bincount((self._first[:, None] + items).ravel(), minlength=campaigns * several).astype(np.float64)
        self._left, self._guesses = left, np.ascontiguousarray(guesses).ravel()
        self._tried, self._sums = np.zeros(left.shape), np.zeros(left.shape)
        left = left.reshape(campaigns, several)
        self._drawn = 0
        self._deepest = np.zeros(campaigns)  # the most any item was tried
        self._lowest = np.where(left > 0, guesses, 1.0).min(axis=1)
        self._highest = np.where(left > 0, guesses, 0.0).max(axis=1)
        self._known = _total(left * guesses)  # Σ r (s + κq)/(n + κ)
        self._unknown = _total(left)  # Σ r κ/(n + κ)
        self._surplus = np.zeros(campaigns)  # Σ (x − q)
        self._varied, self._followed = np.full(campaigns, TRUSTED), np.full(campaigns, TRUSTED * TRUST)
        self._residual, self._binary = np.full(campaigns, DOUBT), np.full(campaigns, DOUBT)
        self._seen: tuple[Whole, Floats, Floats, Sight] | None = None

    def sight(self) -> Sight:
        """What the bets on the next draw may use, and what settles them."""
        return self._next()[-1]

    def _next(self) -> tuple[Whole, Floats, Floats, Sight]:
        """The place of each next cell's item, n + κ, s + κq, and what is seen of it."""
        if self._seen:
            return self._seen
        if not self._drawn % AHEAD:
            self._ahead = np.ascontiguousarray(self._items[:, self._drawn : self._drawn + AHEAD].T)
        at = self._first + self._ahead[self._drawn % AHEAD][self._running]
        shift = self._surplus / (self._drawn + SHIFT)
        tried, guess = self._tried[at] + KAPPA, KAPPA * self._guesses[at]
        known = self._sums[at] + guess
        expected = (known + KAPPA * shift) / tried
        mean = (self._known + shift * self._unknown) / (self._cells - self._drawn)
        highest, lowest = self._highest + shift, self._lowest + shift
        depth = self._deepest / (self._deepest + KAPPA)
        sight = Sight(
            ahead=expected - mean,
            slope=np.minimum(np.maximum(self._followed / self._varied, 0.0), 1.5),
            spread=np.minimum(np.maximum(self._residual / self._binary, 0.1), 1.0),
            most=highest + np.maximum(1 - highest, 0.0) * depth - mean,
            least=lowest + np.minimum(0 - lowest, 0.0) * depth - mean,
        )
        self._seen = at, tried, known, sight
        return self._seen

    def note(self, score: Floats, total: Floats) -> None:
        """Learn from the ``score`` of each campaign's next cell; ``total`` is the sum before it."""
        at, tried, known, sight = self._next()
        rate = (total + 1) / (self._drawn + 2)
        surprise = score - rate
        beyond = surprise - sight.slope * sight.ahead
        self._followed = self._followed + sight.ahead * surprise
        self._varied = self._varied + sight.ahead * sight.ahead
        self._residual = self._residual + beyond * beyond
        self._binary = self._binary + rate * (1 - rate)
        left = self._left[at]
        before, after = left / tried, (left - 1) / (tried + 1)
        self._known = self._known + after * (known + score) - before * known
        self._unknown = self._unknown + KAPPA * (after - before)
        self._surplus = self._surplus + (score - self._guesses[at])
        self._left[at] = left - 1
        self._tried[at] = tried - KAPPA + 1
        self._sums[at] += score
        self._deepest = np.maximum(self._deepest, tried - KAPPA + 1)
        self._drawn += 1
        self._seen = None

    def keep(self, running: NDArray[np.bool_]) -> None:
        """Go on with the rows of ``running`` only."""
        self._first, self._running = self._first[running], self._running[running]
        self._lowest, self._highest = self._lowest[running], self._highest[running]
        self._known, self._unknown = self._known[running], self._unknown[running]
        self._surplus, self._deepest = self._surplus[running], self._deepest[running]
        self._varied, self._followed = self._varied[running], self._followed[running]
        self._residual, self._binary = self._residual[running], self._binary[running]
        self._seen = None


def _total(table: Floats) -> Floats:
    """Sums of rows, added from left to right: the same bits on every machine."""
    sums: Floats = np.add.accumulate(table, axis=1)[:, -1]
    return sums
