"""How likely is at least one success in k tries? A secondary metric: it describes, it decides nothing.

For an item with n attempts of which c succeeded, the unbiased estimate of its pass@k is

    1 − C(n − c, k) / C(n, k)

(Chen et al., "Evaluating Large Language Models Trained on Code", arXiv:2107.03374, section 2.1; the naive
1 − (1 − c/n)^k is biased.) The suite's is the mean over items, its interval the cluster-robust one over families, or
over items where no families are given (``intervals.py``). An item with fewer than k attempts has no estimate and is
left out; how many were is part of the answer. A campaign stops when its decision falls, so n hangs on the scores: this
describes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from seatrial.kernel.errors import Misuse
from seatrial.review.benchmarks.core.intervals import cluster_robust


@dataclass(frozen=True, slots=True)
class PassAtK:
    """``lower`` and ``upper`` are ``None`` with fewer than two clusters."""

    k: int
    mean: float
    lower: float | None
    upper: float | None
    items: int  # with at least k attempts
    left_out: int  # with some, but fewer


def pass_at_k(
    scores: Mapping[str, Sequence[float]],
    k: int,
    *,
    families: Mapping[str, str] | None = None,
    confidence: float = 0.95,
) -> PassAtK | None:
    """pass@k over the items of ``scores``; a success is a score of 1. ``None`` if no item has k attempts.

    ``families`` names the family of each item. Raises ``Misuse`` (``bad-k``) for k below 1.
    """
    if k < 1:
        raise Misuse("bad-k", f"At least one of {k} tries cannot succeed; use 1 or more.")
    clusters: dict[str, list[float]] = {}
    items = left_out = 0
    for item, tries in scores.items():
        if len(tries) >= k:
            family = item if families is None else families[item]
            clusters.setdefault(family, []).append(_of_one(len(tries), sum(score >= 1 for score in tries), k))
            items += 1
        elif tries:
            left_out += 1
    if not items:
        return None
    found = cluster_robust(clusters, confidence)
    mean = math.fsum(value for values in clusters.values() for value in values) / items
    if found is None:
        return PassAtK(k, mean, None, None, items, left_out)
    return PassAtK(k, mean, found.lower, found.upper, items, left_out)


def _of_one(attempts: int, successes: int, k: int) -> float:
    return 1.0 - math.comb(attempts - successes, k) / math.comb(attempts, k)
