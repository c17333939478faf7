"""How much is staked on the next score: the bets of the sequential decision, and why none can be unfair.

Against the null "m ≤ θ" over M cells, with S the sum of the t scores so far, what is left has at most the mean
μ = (Mθ − S)/(M − t). The wealth K starts at 1 and takes, with a stake A and a hedge B fixed before the cell is drawn,

    K ← K + A (x − μ) − B (f − f̄),      A ≥ 0,  K never below 0,

where f is a prediction of the drawn cell's score and f̄ the mean prediction over all cells that are left
(``foresight.py``). The next cell is uniform among those left: under the null x has at most the mean μ, and f has the
mean f̄ exactly, whatever the predictions are worth. So K is a supermartingale, and reaches 1/α with probability ≤ α.
Nothing else is needed of A and B; how well they are chosen only decides how soon a campaign ends:

1. *What is bet on*: the far edge of the zone, or, where the scores so far lie beyond it by more than their standard
   error, part of the way to them (``LEAN``).
2. *How much*: Kelly's stake for a yes-or-no score, K (η − μ)/(μ(1 − μ)), larger by as much as the scores spread less
   around their predictions (``Sight.spread``).
3. *Never more than is needed*: a success takes K to 1/α and not beyond; what lies beyond would be error promised and
   not used. On such a draw nothing is hedged. (Of partial scores a success is Σx²/Σx, what a point is usually part of.)
4. *Nothing is kept for nobody*: wealth that is left when the opposite verdict falls is of no use, so the more the rival
   test has won, the more is staked (``RIVALRY``). This is Wald's (1 − β)/α in place of 1/α.

Only +, −, ×, ÷, √, minimum and maximum of 64-bit floats, one by one: the same bits on every machine.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

MOST = 0.99  # of the wealth is the most one score can take
LEAN = 0.6  # of the way from the far edge to the cautious estimate
PRIOR = 2.0  # scores' worth of the far edge in the estimate
RIVALRY = 0.95

Floats = NDArray[np.float64]


class Sight(NamedTuple):
    """What the predictions say before the next draw; each a number or one for each campaign."""

    ahead: Any  # f − f̄ of the cell that comes; no stake may look at it
    slope: Any  # how far scores follow predictions, from the past
    spread: Any  # variance around the predictions over that of yes-or-no scores, from the past
    most: Any  # f − f̄ is at most this,
    least: Any  # and at least this, over all cells that are left

    def mirrored(self) -> Sight:
        return Sight(-self.ahead, self.slope, self.spread, -self.least, -self.most)

    def of(self, campaign: int) -> Sight:
        return Sight(*(float(part[campaign]) for part in self))


BLIND = Sight(0.0, 0.0, 1.0, 0.0, 0.0)  # nothing predicted


class Stake(NamedTuple):
    """The bet on one draw: the wealth takes ``amount`` · (x − ``mean``) − ``hedge`` · ``Sight.ahead``."""

    amount: Floats
    hedge: Floats
    mean: Floats

    def of(self, which: slice | int) -> Stake:
        return Stake(self.amount[which], self.hedge[which], self.mean[which])

    def settled(self, score: Any, ahead: Any) -> Floats:
        """What the wealth gains by ``score``."""
        gain: Floats = self.amount * (score - self.mean) - self.hedge * ahead
        return gain


def target(alpha: Any) -> Any:
    """The wealth aimed at: a hair above the 1/α that decides, so that rounding cannot miss it."""
    return (1 + 1e-9) / alpha


def stake(
    cells: int,
    drawn: int,
    total: Any,
    squares: Any,
    null: Any,
    *,
    gap: float,
    alpha: Any,
    wealth: Any,
    rival: Any,
    sight: Sight,
) -> Stake:
    """The bet against "m ≤ ``null``" after ``drawn`` scores with the sum ``total`` and that of their ``squares``.

    With μ ≤ 0 every further point decides by itself, and with μ ≥ 1 what is left cannot reach the null's edge: in both
    cases nothing is staked. ``rival`` is the wealth of the opposite test (0 for none, or once it has decided).
    """
    left = cells - drawn
    mean = (cells * null - total) / left
    playable = (mean > 0) & (mean < 1)
    mean = np.where(playable, mean, 0.5)
    edge = np.minimum(null + gap, 1.0)
    rate = (total + PRIOR * edge) / (drawn + PRIOR)
    cautious = rate - np.sqrt(rate * (1 - rate) / (drawn + PRIOR))
    goal = edge + LEAN * np.maximum(cautious - edge, 0.0)
    advantage = np.minimum(np.maximum((cells * goal - total) / left, mean), 1.0) - mean
    amount = advantage * wealth / (mean * (1 - mean) * sight.spread * (1 - RIVALRY * alpha * rival))
    amount = np.minimum(amount, MOST * wealth / (mean + sight.slope * np.maximum(sight.most, 0.0)))
    success = (squares + 1) / (total + 1)
    needed = np.maximum(target(alpha) - wealth, 0.0) / np.maximum(success - mean, 1e-9)
    last = amount >= needed
    amount = np.where(playable, np.where(last, needed, amount), 0.0)
    return Stake(amount, np.where(last, 0.0, amount * sight.slope), mean)


def at_least(own: Stake, wealth: Any, edge: Stake, edge_wealth: Any, sight: Sight) -> Stake:
    """``own``, moved towards ``edge`` as far as needed for ``wealth`` to stay at or above ``edge_wealth``.

    The null of ``edge`` must be the larger one, so that the same stake gains no less against the smaller: then both
    wealths, once in this order, stay so whatever is drawn. Any mixture of two fair bets is fair.
    """
    safe = np.maximum(wealth - edge_wealth + edge.amount * (edge.mean - own.mean), 0.0)
    more, hedged = own.amount - edge.amount, own.hedge - edge.hedge
    worst = np.minimum(more, 0.0) - np.maximum(hedged * sight.least, hedged * sight.most)
    worst = wealth - edge_wealth + edge.amount * edge.mean - own.amount * own.mean + worst
    if not (worst < 0).any():
        return own
    share = np.where(worst < 0, safe / np.maximum(safe - worst, 1e-300), 1.0)
    amount = share * own.amount + (1 - share) * edge.amount
    return Stake(amount, share * own.hedge + (1 - share) * edge.hedge, own.mean)
