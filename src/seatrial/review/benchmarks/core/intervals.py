"""Cluster-robust intervals: what the scores say beyond the suite, shown beside the decision, never mixed in.

Items of one family resemble each other, and so do epochs of one item, so the family (or the item) is what
was sampled. With s_ic the scores of cluster c, s̄ the mean of all n scores, G clusters:

    se² = G/(G − 1) · Σ_c (Σ_i (s_ic − s̄))² / n²,      s̄ ± t(G − 1) · se

(Liang and Zeger 1986; for evaluations of language models: Miller, "Adding Error Bars to Evals",
arXiv:2411.00640, section 2.2; t with G − 1 degrees and the factor G/(G − 1) for few clusters: Cameron and
Miller, "A Practitioner's Guide to Cluster-Robust Inference", 2015.) If all scores agree, se is 0 and would
claim certainty: then Wilson's interval (1927) with each cluster taken as one observation is given instead.

These intervals assume a sample of fixed size; the campaign stops when its decision falls, so they are
descriptive. The confidence sequence is what holds at any time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from seatrial.kernel.errors import Misuse


@dataclass(frozen=True, slots=True)
class Interval:
    mean: float
    lower: float
    upper: float


def cluster_robust(clusters: Mapping[str, Sequence[float]], confidence: float = 0.95) -> Interval | None:
    """The interval for the mean of all scores, or ``None`` with fewer than two clusters that have scores."""
    filled = [scores for scores in clusters.values() if scores]
    groups, n = len(filled), sum(map(len, filled))
    if groups < 2:
        return None
    mean = math.fsum(score for scores in filled for score in scores) / n
    variance = math.fsum(math.fsum(score - mean for score in scores) ** 2 for scores in filled) / n**2
    if all(score == filled[0][0] for scores in filled for score in scores):
        return _wilson(mean, groups, confidence)
    half = student_quantile(groups - 1, (1 + confidence) / 2) * math.sqrt(variance * groups / (groups - 1))
    return Interval(mean, max(0.0, mean - half), min(1.0, mean + half))


def clopper_pearson_upper(events: int, n: int, confidence: float = 0.99) -> float:
    """The largest rate at which ``events`` or fewer of ``n`` are still seen with probability 1 − ``confidence``.

    (Clopper and Pearson 1934, one-sided.) Raises ``Misuse`` (``bad-count``) unless 0 ≤ events ≤ n and n > 0.
    """
    if not 0 <= events <= n or n < 1:
        raise Misuse("bad-count", f"{events} of {n} is no count; give 0 to n events of at least one trial.")
    if events == n:
        return 1.0
    k = np.arange(events + 1)
    ways = np.concatenate([[0.0], np.cumsum(np.log(n - k[:-1]) - np.log(k[1:]))])  # log of n over k
    low, high = events / n, 1.0
    for _ in range(60):
        rate = (low + high) / 2
        seen = np.exp(ways + k * math.log(rate) + (n - k) * math.log1p(-rate)).sum() if rate < 1 else 0.0
        low, high = (rate, high) if seen > 1 - confidence else (low, rate)
    return high


def student_quantile(degrees: int, probability: float) -> float:
    """The quantile of Student's t for an upper ``probability`` in (0.5, 1), by bisection on its distribution."""
    low, high = 0.0, 1.0
    while _student(degrees, high) < probability:
        high *= 2
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if _student(degrees, middle) < probability else (low, middle)
    return (low + high) / 2


def _student(degrees: int, t: float) -> float:
    """P(T ≤ t) for t ≥ 0: the finite sums of Abramowitz and Stegun 26.7.3 and 26.7.4."""
    angle = math.atan(t / math.sqrt(degrees))
    sine, cosine = math.sin(angle), math.cos(angle)
    term, total = (cosine, cosine) if degrees % 2 else (1.0, 1.0)
    for k in range(3 if degrees % 2 else 2, degrees - 1, 2):
        term *= (k - 1) / k * cosine**2
        total += term
    if degrees % 2:
        return 0.5 + (angle + (sine * total if degrees > 1 else 0.0)) / math.pi
    return 0.5 + sine * total / 2


def _wilson(mean: float, n: int, confidence: float) -> Interval:
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    centre = (mean + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * math.sqrt(mean * (1 - mean) / n + z**2 / (4 * n**2))
    return Interval(mean, max(0.0, min(mean, centre - half)), min(1.0, max(mean, centre + half)))
