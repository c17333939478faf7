"""pass@k and the time horizon: against enumeration, against what was put in, and silent where they must be."""

import itertools
import math

import numpy as np
import pytest

from seatrial.kernel.errors import Misuse
from seatrial.review.benchmarks.core.pass_at_k import pass_at_k
from seatrial.review.benchmarks.core.time_horizon import TimedItem, time_horizon


@pytest.mark.parametrize(("successes", "k"), [(0, 2), (1, 1), (1, 3), (2, 3), (5, 5), (3, 4)])
def test_pass_at_k_is_the_share_of_choices_with_a_success(successes, k):
    tries = [1.0] * successes + [0.0] * (5 - successes)
    share = np.mean([any(chosen) for chosen in itertools.combinations(tries, k)])
    assert pass_at_k({"a": tries, "b": tries}, k).mean == pytest.approx(share)


def test_pass_at_k_is_unbiased_where_the_naive_estimate_is_not():
    rng, rate, k = np.random.default_rng(1), 0.2, 4
    drawn = rng.random((20_000, 6)) < rate
    scores = {str(at): list(row.astype(float)) for at, row in enumerate(drawn)}
    found = pass_at_k(scores, k)
    truth = 1 - (1 - rate) ** k
    assert found.mean == pytest.approx(truth, abs=0.006)
    assert abs((1 - (1 - drawn.mean(axis=1)) ** k).mean() - truth) > 0.02


def test_pass_at_k_covers_over_families_and_leaves_out_items_with_too_few_attempts():
    rng, covered = np.random.default_rng(2), 0
    for _ in range(300):
        scores, families = {}, {}
        for family, rate in enumerate(rng.beta(2, 3, size=15)):
            for item in range(3):
                scores[f"{family}-{item}"] = list((rng.random(5) < rate).astype(float))
                families[f"{family}-{item}"] = str(family)
        found = pass_at_k(scores, 2, families=families)
        rates = rng.beta(2, 3, size=40_000)
        covered += found.lower <= (1 - (1 - rates) ** 2).mean() <= found.upper
    assert covered / 300 > 0.9
    assert pass_at_k({"a": [1.0, 0.0], "b": [1.0], "c": []}, 2).left_out == 1


def test_pass_at_k_says_nothing_of_nothing_and_gives_one_cluster_no_interval():
    assert pass_at_k({"a": [1.0]}, 2) is None
    assert pass_at_k({"a": [1.0, 0.0]}, 2).lower is None
    with pytest.raises(Misuse, match="use 1 or more"):
        pass_at_k({"a": [1.0]}, 0)


def suite(horizon, rng, items=60, attempts=8, slope=1.0, longest=480.0):
    """Items of 1 to ``longest`` minutes in ten families, successes drawn at a true horizon."""
    found = []
    for at in range(items):
        minutes = longest ** (at / (items - 1))
        chance = 1 / (1 + math.exp(-slope * (math.log2(horizon) - math.log2(minutes)) + 0.4 * rng.standard_normal()))
        found.append(TimedItem(f"f{at % 10}", minutes, attempts, int(rng.binomial(attempts, chance))))
    return found


def test_the_horizon_that_was_put_in_is_found_and_covered():
    rng = np.random.default_rng(3)
    found = [time_horizon(suite(30.0, rng)) for _ in range(40)]
    assert np.exp(np.mean([math.log(one.minutes) for one in found])) == pytest.approx(30.0, rel=0.1)
    assert sum(one.lower <= 30.0 <= one.upper for one in found) >= 34
    assert all(one.lower < one.minutes < one.upper for one in found)


def test_a_horizon_at_four_successes_in_five_is_shorter():
    items = suite(30.0, np.random.default_rng(4))
    assert time_horizon(items, share=0.8).minutes < time_horizon(items).minutes


def test_the_same_items_and_seed_give_the_same_figures():
    items = suite(30.0, np.random.default_rng(5))
    assert time_horizon(items, seed=1) == time_horizon(items, seed=1)


@pytest.mark.parametrize(("horizon", "words"), [(10_000.0, "more than 480 minutes"), (0.01, "less than 1 minutes")])
def test_nothing_is_extrapolated_beyond_the_suite(horizon, words):
    found = time_horizon(suite(horizon, np.random.default_rng(6)))
    assert found.minutes is None
    assert words in found.why
    assert (found.upper if horizon > 480 else found.lower) is None


@pytest.mark.parametrize("successes", [0, 8])
def test_all_or_nothing_lies_beyond_the_range(successes):
    items = [TimedItem(f"f{at % 4}", 2.0**at, 8, successes) for at in range(9)]
    found = time_horizon(items)
    assert (found.minutes, found.lower, found.upper) == (None, None, None)
    assert found.why


def test_a_perfect_edge_between_what_succeeds_and_fails_is_found():
    items = [TimedItem(f"f{at % 4}", 2.0**at, 8, 8 if at < 5 else 0) for at in range(10)]
    assert 16.0 <= time_horizon(items).minutes <= 32.0


def test_too_little_spread_and_success_that_rises_with_time_have_no_horizon():
    close = [TimedItem("f", minutes, 4, 2) for minutes in (10.0, 12.0, 20.0)]
    assert "doublings" in time_horizon(close).why
    rising = [TimedItem("f", 2.0**at, 8, at) for at in range(9)]
    assert "does not fall" in time_horizon(rising).why


@pytest.mark.parametrize(
    "items", [[], [TimedItem("f", 0.0, 1, 1)], [TimedItem("f", 1.0, 0, 0)], [TimedItem("f", 1.0, 2, 3)]]
)
def test_items_that_cannot_be_are_refused(items):
    with pytest.raises(Misuse, match="horizon"):
        time_horizon(items)
