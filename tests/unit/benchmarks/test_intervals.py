"""Cluster-robust intervals, against textbook values and against simulation."""

import numpy as np
import pytest

from seatrial.kernel.errors import Misuse
from seatrial.review.benchmarks.core.intervals import clopper_pearson_upper, cluster_robust, student_quantile


@pytest.mark.parametrize(
    ("degrees", "quantile"), [(1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (5, 2.571), (10, 2.228), (30, 2.042)]
)
def test_student_quantiles_are_the_tables(degrees, quantile):
    assert student_quantile(degrees, 0.975) == pytest.approx(quantile, abs=6e-4)


def test_singleton_clusters_give_the_ordinary_interval_of_the_mean():
    scores = [0.1, 0.4, 0.8, 0.9, 0.3]
    interval = cluster_robust({str(i): [score] for i, score in enumerate(scores)})
    half = 2.776445 * np.std(scores, ddof=1) / np.sqrt(5)
    assert interval.mean == pytest.approx(0.5)
    assert interval.upper - interval.mean == pytest.approx(half, rel=1e-4)


def test_correlated_families_widen_the_interval():
    alike = {"a": [1.0] * 10, "b": [0.0] * 10, "c": [1.0] * 10, "d": [0.0] * 10}
    mixed = {name: [1.0, 0.0] * 5 for name in "abcd"} | {"e": [1.0], "f": [0.0]}
    wide, narrow = cluster_robust(alike), cluster_robust(mixed)
    assert wide.upper - wide.lower > 3 * (narrow.upper - narrow.lower)


def test_it_covers_the_domain_about_as_often_as_it_says():
    rng = np.random.default_rng(21)
    covered = 0
    for _ in range(800):
        families = {str(f): (rng.random(10) < rate).astype(float).tolist() for f, rate in enumerate(rng.beta(2, 2, 12))}
        interval = cluster_robust(families)
        covered += interval.lower <= 0.5 <= interval.upper
    assert covered / 800 > 0.92


def test_agreement_of_all_scores_does_not_claim_certainty():
    interval = cluster_robust({"a": [0.0] * 50, "b": [0.0] * 50, "c": []})
    assert interval.lower == 0.0
    assert interval.upper > 0.5  # two clusters are two observations


def test_a_single_cluster_says_nothing_about_others():
    assert cluster_robust({"a": [1.0, 0.0]}) is None
    assert cluster_robust({}) is None


@pytest.mark.parametrize(
    ("events", "n", "confidence", "upper"),
    [(0, 10, 0.95, 1 - 0.05**0.1), (5, 10, 0.975, 0.8129), (10, 10, 0.95, 1.0), (50, 1000, 0.975, 0.06539)],
)
def test_clopper_pearson_bounds_are_the_tables(events, n, confidence, upper):
    assert clopper_pearson_upper(events, n, confidence) == pytest.approx(upper, abs=2e-4)


def test_a_clopper_pearson_bound_covers_the_rate_as_often_as_it_says():
    rng = np.random.default_rng(4)
    bounds = np.array([clopper_pearson_upper(events, 400) for events in range(60)])
    assert (bounds[np.minimum(rng.binomial(400, 0.05, 20_000), 59)] >= 0.05).mean() >= 0.99


def test_a_count_that_is_none_is_refused():
    with pytest.raises(Misuse, match="no count"):
        clopper_pearson_upper(3, 2)
