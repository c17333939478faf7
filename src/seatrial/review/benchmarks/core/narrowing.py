"""How far ahead of what is counted a campaign starts cells: the nearer the decision, the fewer.

Cells are counted in the committed order and run many at once. What was started and not counted when the verdict falls
is paid for and of no use; so is a worker that stands idle while the verdict is far. With K the larger wealth, 1/α the
wealth that decides, and G the logarithm still to be gained:

    fewest     scores that could decide, if each were the best there is: cells within it are never started in vain
    expected   scores until the verdict, if evidence grows as it has; all cells that are left, if it does not
    reach      max(fewest, expected / 2), at least 1, at most ``AHEAD`` cells a worker

``reach`` decides what is started and when, never what is counted: no verdict depends on this file.
"""

from __future__ import annotations

import math

from seatrial.review.benchmarks.types import Decision, Threshold, Verdict

AHEAD = 4  # cells for each worker beyond the first that is not finished, while the verdict is far
SHARE = 0.5  # of the scores expected until the verdict


def reach(decision: Decision, threshold: Threshold, workers: int, *, decides: bool = True) -> int:
    """How many cells from the first that is not counted may be started; ``decides`` false: no verdict will fall."""
    most = AHEAD * workers
    if not decides:
        return most
    near = max(fewest(decision, threshold), math.ceil(SHARE * expected(decision, threshold.alpha)))
    return max(1, min(most, near))


def fewest(decision: Decision, threshold: Threshold) -> int:
    """The least number of further scores that could decide, as the test bets on scores of one kind (Kelly's stake).

    Hedges on what was foreseen can win a little more, so that this is as good as exact and not a promise.
    """
    if decision.verdict is not Verdict.UNDECIDED or decision.counted == decision.cells:
        return 0
    total = decision.mean * decision.counted
    meets = _successes(decision, total, threshold.low, threshold.high, threshold.alpha, decision.wealth_meets)
    failed = decision.counted - total
    below = _successes(decision, failed, 1 - threshold.high, 1 - threshold.low, threshold.alpha, decision.wealth_below)
    return min(meets, below)


def expected(decision: Decision, alpha: float) -> float:
    """Further scores until the verdict, if the larger wealth keeps growing as it has; at most all that are left."""
    left = float(decision.cells - decision.counted)
    gained = math.log(max(decision.wealth_meets, decision.wealth_below, 1e-300))
    if decision.counted and gained > 0:
        left = min(left, max(1.0, (-math.log(alpha) - gained) / (gained / decision.counted)))
    return left


def _successes(decision: Decision, total: float, null: float, edge: float, alpha: float, wealth: float) -> int:
    """Scores of 1 in a row until the wealth against "m ≤ null" is 1/α, or the null cannot hold any more."""
    cells, drawn, number = decision.cells, decision.counted, 0
    wealth = max(wealth, 1e-300)
    while wealth * alpha < 1 and drawn < cells:
        mean = (cells * null - total) / (cells - drawn)
        if mean <= 0:
            break
        rate = (total + 2 * edge) / (drawn + 2)
        goal = max(edge, rate)
        wealth *= max(1.0, min(1.0, (cells * goal - total) / (cells - drawn)) / mean)
        total, drawn, number = total + 1, drawn + 1, number + 1
    return max(1, number)
