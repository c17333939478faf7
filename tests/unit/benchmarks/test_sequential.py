"""The sequential decision: exact on tiny suites, measured on large ones."""

import itertools
import math

import numpy as np
import pytest

from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Misuse
from seatrial.review.benchmarks.core.fixed_sample import fixed_sample, fixed_sample_of_cells, wald_expected
from seatrial.review.benchmarks.core.sequential import SequentialTest
from seatrial.review.benchmarks.core.simulation import missed, simulate
from seatrial.review.benchmarks.types import Threshold, Verdict

ZONE = Threshold(digest(b"suite"), "mean", 0.45, 0.55, 0.05)


def suites(rate, campaigns, seed, items=120, epochs=10):
    """Item difficulties from a Beta, cells in random order: shape (campaigns, items · epochs)."""
    rng = np.random.default_rng(seed)
    chance = rng.beta(2 * rate, 2 * (1 - rate), size=(campaigns, items))
    scores = (rng.random((campaigns, items, epochs)) < chance[:, :, None]).reshape(campaigns, -1).astype(float)
    return rng.permuted(scores, axis=1)


def wrong(scores, verdicts, threshold):
    mean = scores.mean(axis=1)
    return ((verdicts == 1) & (mean < threshold.low - 1e-12)) | ((verdicts == -1) & (mean > threshold.high + 1e-12))


def tagged(rate, campaigns, seed, items=120, epochs=10):
    """The same with the item of each cell, and what a reference model of like strengths scored on each item."""
    rng = np.random.default_rng(seed)
    chance = rng.beta(2 * rate, 2 * (1 - rate), size=(campaigns, items))
    scores = (rng.random((campaigns, items, epochs)) < chance[:, :, None]).reshape(campaigns, -1).astype(float)
    order = rng.permuted(np.tile(np.arange(items * epochs), (campaigns, 1)), axis=1)
    return np.take_along_axis(scores, order, axis=1), order // epochs, (rng.binomial(10, chance) + 0.5) / 11


def played(scores, threshold=ZONE, cells=None, **knowing):
    test = SequentialTest(cells or len(scores), threshold, **knowing)
    return [test.update(score) for score in scores]


TINY = [
    population
    for size, values in ((6, (0.0, 1.0)), (5, (0.0, 0.5, 1.0)), (4, (0.0, 0.2, 0.7, 1.0)))
    for population in itertools.combinations_with_replacement(values, size)
]


@pytest.mark.parametrize("edges", [(0.3, 0.6), (0.5, 0.7), (0.2, 0.9)])
def test_wealth_is_a_supermartingale_under_its_null_on_every_tiny_suite(edges):
    threshold = Threshold(ZONE.suite, "mean", *edges, 0.2)
    histories = 0
    for population in TINY:
        mean = sum(population) / len(population)
        for drawn in range(len(population)):
            for seen in set(itertools.permutations(population, drawn)):
                left = list(population)
                for score in seen:
                    left.remove(score)
                now = played(seen, threshold, len(population))[-1] if seen else None
                following = [played((*seen, score), threshold, len(population))[-1] for score in left]
                histories += 1
                if mean <= threshold.low:
                    before = now.wealth_meets if now else 1.0
                    assert np.mean([step.wealth_meets for step in following]) <= before + 1e-9
                if mean >= threshold.high:
                    before = now.wealth_below if now else 1.0
                    assert np.mean([step.wealth_below for step in following]) <= before + 1e-9
    assert histories > 1000


@pytest.mark.parametrize(
    "table",  # (item, score) of each cell, and what is foreseen for each item
    [
        ([("a", 0.0), ("a", 0.0), ("b", 1.0), ("b", 1.0), ("c", 0.0), ("c", 1.0)], {"a": 0.1, "b": 0.9, "c": 0.5}),
        ([("a", 0.0), ("a", 0.0), ("b", 1.0), ("b", 1.0), ("c", 0.0), ("c", 1.0)], {"a": 1.0, "b": 0.0, "c": 0.2}),
        ([("a", 0.3), ("b", 0.4), ("b", 0.6), ("c", 1.0), ("c", 0.0), ("c", 0.5)], {"a": 0.0, "b": 1.0, "c": 0.7}),
    ],
)
def test_wealth_is_a_supermartingale_whatever_is_foreseen(table):
    cells, foreseen = table
    mean = sum(score for _, score in cells) / len(cells)
    for threshold in (
        Threshold(ZONE.suite, "mean", mean, mean + 0.2, 0.2),
        Threshold(ZONE.suite, "mean", mean - 0.2, mean, 0.2),
    ):
        end = {}
        for order in itertools.permutations(range(len(cells))):
            items = [cells[at][0] for at in order]
            knowing = {"items": items, "predictions": [foreseen[item] for item in items]}
            for drawn, step in enumerate(played([cells[at][1] for at in order], threshold, **knowing), start=1):
                wealth = step.wealth_meets if mean == threshold.low else step.wealth_below
                end.setdefault(order[:drawn], wealth)
        for history, before in [((), 1.0), *end.items()]:
            after = [end[(*history, at)] for at in range(len(cells)) if at not in history]
            assert not after or np.mean(after) <= before + 1e-9
            assert before >= 0


def test_every_order_of_a_small_suite_errs_in_at_most_alpha_whatever_is_foreseen():
    for alpha in (0.1, 0.3):
        threshold = Threshold(ZONE.suite, "mean", 0.45, 0.6, alpha)
        for scores in itertools.product((0.0, 1.0), repeat=7):
            if sum(scores) not in (3, 5):
                continue  # one success short of the zone, or beyond it
            orders = np.array(list(itertools.permutations(range(7))))
            table, items = np.array(scores)[orders], np.array([0, 0, 0, 1, 1, 2, 2])[orders]
            for foreseen in ((0.5, 0.5, 0.5), (0.0, 1.0, 0.5)):
                verdicts, _ = simulate(table, threshold, items=items, predictions=np.tile(foreseen, (len(orders), 1)))
                assert wrong(table, verdicts, threshold).mean() <= alpha


@pytest.mark.parametrize("alpha", [0.05, 0.2, 0.4])
def test_every_tiny_suite_errs_in_at_most_alpha_of_its_orders_and_always_ends_in_a_verdict(alpha):
    threshold = Threshold(ZONE.suite, "mean", 0.4, 0.6, alpha)
    for population in TINY:
        orders = np.array(list(itertools.permutations(population)))
        verdicts, _ = simulate(orders, threshold)
        assert (verdicts != 0).all()
        assert wrong(orders, verdicts, threshold).mean() <= alpha


@pytest.mark.parametrize(
    ("rate", "blind", "knowing", "foreseeing"),  # attempts in the mean
    [
        (0.1, 14, 14, 14),
        (0.3, 34, 34, 30),
        (0.4, 73, 71, 61),
        (0.45, 118, 113, 95),
        (0.5, 150, 142, 118),
        (0.9, 14, 14, 14),
    ],
)
def test_attempts_and_errors_on_large_suites_are_as_promised(rate, blind, knowing, foreseeing):
    scores, items, foreseen = tagged(rate, 2000, seed=14409)
    for attempts, known in (
        (blind, {}),
        (knowing, {"items": items}),
        (foreseeing, {"items": items, "predictions": foreseen}),
    ):
        verdicts, counted = simulate(scores, ZONE, **known)
        assert wrong(scores, verdicts, ZONE).mean() <= ZONE.alpha
        assert counted.mean() <= attempts * 1.05
        assert (verdicts != 0).all()


def test_misleading_predictions_cost_attempts_and_no_error():
    scores, items, foreseen = tagged(0.42, 2000, seed=12)
    verdicts, counted = simulate(scores, ZONE, items=items, predictions=1 - foreseen)
    assert wrong(scores, verdicts, ZONE).mean() <= ZONE.alpha
    assert counted.mean() <= 1.15 * simulate(scores, ZONE)[1].mean()


def test_partial_scores_are_decided_sooner_than_their_coarse_versions():
    rng = np.random.default_rng(15)
    scores = np.clip(rng.normal(0.4, 0.15, (300, 600)), 0, 1)
    items = np.tile(np.arange(600), (300, 1))
    graded = simulate(scores, ZONE, items=items)[1].mean()
    coarse = simulate((rng.random((300, 600)) < scores).astype(float), ZONE, items=items)[1].mean()
    assert graded < 0.6 * coarse


def test_at_the_edge_of_the_zone_exactly_alpha_is_not_exceeded():
    # the hardest suites: exactly one success fewer than the edge, in random order
    cells = 400
    scores = np.zeros((4000, cells))
    scores[:, : math.ceil(ZONE.low * cells) - 1] = 1.0
    scores = np.random.default_rng(3).permuted(scores, axis=1)
    verdicts, _ = simulate(scores, ZONE)
    assert 0 < (verdicts == 1).mean() <= ZONE.alpha


def test_looking_after_every_attempt_with_a_fixed_sample_test_errs_far_more_often():
    scores = suites(0.45, 2000, seed=8)
    scores = scores[scores.mean(axis=1) < ZONE.low]
    seen = np.arange(1, scores.shape[1] + 1)
    rate = scores.cumsum(axis=1) / seen
    z = (rate - ZONE.low) / np.sqrt(ZONE.low * (1 - ZONE.low) / seen)
    assert (z[:, 10:] > 1.645).any(axis=1).mean() > 3 * ZONE.alpha


def test_the_batch_and_the_single_campaign_decide_alike():
    scores, items, foreseen = tagged(0.48, 10, seed=2, items=25)
    words = {1: Verdict.MEETS, -1: Verdict.BELOW}
    for known in ((), ("items",), ("items", "predictions")):
        batch = {"items": items, "predictions": foreseen}
        verdicts, counted = simulate(scores, ZONE, **{name: batch[name] for name in known})
        for row, item, guess, verdict, attempts in zip(scores, items, foreseen, verdicts, counted, strict=True):
            single = {"items": list(item), "predictions": list(guess[item])}
            steps = played(row, **{name: single[name] for name in known})
            first = next(step for step in steps if step.verdict is not Verdict.UNDECIDED)
            assert (first.verdict, first.counted) == (words[int(verdict)], attempts)


@pytest.mark.parametrize("knowing", [False, True])
def test_the_verdict_falls_in_the_draw_in_which_the_bound_crosses_its_edge(knowing):
    for row, item, guess in zip(*tagged(0.5, 10, seed=4, items=30), strict=True):
        known = {"items": list(item), "predictions": list(guess[item])} if knowing else {}
        for step in played(row, **known):
            assert (step.verdict is Verdict.UNDECIDED) == (step.lower < ZONE.low and step.upper > ZONE.high)
            if step.verdict is not Verdict.UNDECIDED:
                break


def test_the_confidence_sequence_covers_the_suite_mean_at_all_times():
    table = (np.arange(60) < 18).astype(float)  # a mean on the grid: nothing is given away between its points
    order = np.random.default_rng(6).permuted(np.tile(np.arange(60), (4000, 1)), axis=1)
    for foreseen in (np.repeat([0.9, 0.1], [6, 14]), np.repeat([0.1, 0.9], [6, 14])):
        known = {"items": order // 3, "predictions": np.tile(foreseen, (4000, 1))}
        for side in missed(table[order], ZONE, **known):
            assert side.mean() <= ZONE.alpha + 3 * math.sqrt(0.05 * 0.95 / 4000)


@pytest.mark.parametrize("low", [0.3, 0.45, 0.52])
def test_the_batch_sees_every_bound_that_leaves_the_suite_mean(low):
    zone = Threshold(ZONE.suite, "mean", low, low + 0.05, 0.3)  # so large an error that some bounds do leave
    scores, items, foreseen = tagged(0.47, 20, seed=21, items=6)
    for known in (False, True):
        lower, upper = missed(scores, zone, **({"items": items, "predictions": foreseen} if known else {}))
        seen = 0
        for at, (row, item, guess) in enumerate(zip(scores, items, foreseen, strict=True)):
            steps = played(row, zone, **({"items": list(item), "predictions": list(guess[item])} if known else {}))
            left = (
                any(step.lower > row.mean() + 1e-9 for step in steps),
                any(step.upper < row.mean() - 1e-9 for step in steps),
            )
            assert lower[at] or not left[0]
            assert upper[at] or not left[1]
            seen += sum(left)
        assert 0 < seen <= lower.sum() + upper.sum() <= seen + 4


def test_bounds_only_tighten_and_meet_when_all_cells_are_spent():
    for row in suites(0.6, 5, seed=7, items=12):
        steps = played(row)
        for before, after in itertools.pairwise(steps[:-1]):
            assert after.lower >= before.lower
            assert after.upper <= before.upper
        last = steps[-1]
        assert last.lower == last.mean == last.upper == pytest.approx(row.mean())


def test_what_is_left_decides_with_certainty_when_it_cannot_matter():
    certain = Threshold(ZONE.suite, "mean", 0.4, 0.6, 1e-6)  # too small an error to win by betting in 10 cells
    assert [step.verdict for step in played([1.0] * 5, certain, 10)] == [Verdict.UNDECIDED] * 4 + [Verdict.MEETS]
    assert [step.verdict for step in played([0.0] * 5, certain, 10)] == [Verdict.UNDECIDED] * 4 + [Verdict.BELOW]


def test_points_that_exactly_reach_the_low_edge_do_not_yet_decide():
    certain = Threshold(ZONE.suite, "mean", 0.4, 0.6, 1e-6)
    steps = played([1, 1, 1, 1, 0, 0, 0, 0, 0, 0], certain)
    assert steps[3].verdict is Verdict.UNDECIDED
    assert steps[-1].verdict is Verdict.BELOW  # mean 0.4 lies on the edge: either word is right


def test_one_cell_is_decided_by_its_only_score():
    assert played([1.0])[0].verdict is Verdict.MEETS
    assert played([0.0])[0].verdict is Verdict.BELOW
    assert played([0.5])[0].verdict in (Verdict.MEETS, Verdict.BELOW)


def test_a_verdict_stays_whatever_comes_after_it():
    steps = played([1.0] * 40 + [0.0] * 160)
    first = next(i for i, step in enumerate(steps) if step.verdict is Verdict.MEETS)
    assert all(step.verdict is Verdict.MEETS for step in steps[first:])


def test_a_higher_score_never_speaks_for_below():
    for history in itertools.product((0.0, 1.0), repeat=6):
        steps = [played([*history, score], ZONE, 50)[-1] for score in (0.0, 0.25, 0.5, 0.75, 1.0)]
        for less, more in itertools.pairwise(steps):
            assert more.wealth_meets >= less.wealth_meets
            assert more.wealth_below <= less.wealth_below


def test_mirrored_scores_give_the_mirrored_decision():
    for row in suites(0.4, 10, seed=9, items=10):
        for one, other in zip(played(row), played(1 - row), strict=True):
            assert one.wealth_meets == pytest.approx(other.wealth_below, rel=1e-9)
            assert one.lower == pytest.approx(1 - other.upper, abs=1e-9)


@pytest.mark.parametrize("score", [-0.01, 1.01, math.nan, math.inf])
def test_a_score_outside_0_to_1_is_refused(score):
    with pytest.raises(Misuse, match="between 0 and 1"):
        SequentialTest(3, ZONE).update(score)


def test_no_score_is_taken_beyond_the_last_cell():
    test = SequentialTest(1, ZONE)
    test.update(1.0)
    with pytest.raises(Misuse, match="counted already"):
        test.update(1.0)


@pytest.mark.parametrize(("low", "high", "alpha"), [(0.5, 0.5, 0.05), (0, 0.5, 0.05), (0.5, 1, 0.05), (0.4, 0.6, 0.5)])
def test_a_threshold_that_promises_nothing_is_refused(low, high, alpha):
    with pytest.raises(Misuse) as caught:
        SequentialTest(10, Threshold(ZONE.suite, "mean", low, high, alpha))
    assert caught.value.code == "bad-threshold"


@pytest.mark.parametrize(
    "knowing",
    [
        {"items": ["a", "b"]},
        {"predictions": [0.5, 0.5]},
        {"items": ["a", "a", "b"], "predictions": [0.5, 0.6, 0.5]},
        {"items": ["a", "a", "b"], "predictions": [0.5, 0.5, 1.1]},
        {"items": ["a", "a", "b"], "predictions": [0.5, 0.5, math.nan]},
    ],
)
def test_predictions_that_do_not_fit_the_order_are_refused(knowing):
    with pytest.raises(Misuse) as caught:
        SequentialTest(3, ZONE, **knowing)
    assert caught.value.code == "bad-predictions"


def test_a_campaign_without_cells_is_refused():
    with pytest.raises(Misuse, match="at least one cell"):
        SequentialTest(0, ZONE)


def test_the_fixed_sample_design_takes_268_attempts():
    assert fixed_sample(ZONE) == 268
    assert fixed_sample_of_cells(ZONE, 1200) == 220
    assert fixed_sample_of_cells(ZONE, 50) <= 50


def test_the_fixed_sample_design_keeps_its_promise_and_no_smaller_one_does():
    rng = np.random.default_rng(1)
    n = fixed_sample(ZONE)
    for size, holds in ((n, True), (n - 60, False)):
        low, high = rng.binomial(size, ZONE.low, 200_000), rng.binomial(size, ZONE.high, 200_000)
        error = min(((low > cut).mean() + (high <= cut).mean()) / 2 for cut in range(size))
        assert (error <= ZONE.alpha + 0.002) == holds  # the two errors' mean: a lattice cannot make both equal


@pytest.mark.parametrize("rate", [0.1, 0.4, 0.45, 0.5, 0.6, 0.9])
def test_walds_expected_attempts_agree_with_his_test(rate):
    rng = np.random.default_rng(5)
    up, down = math.log(ZONE.high / ZONE.low), math.log((1 - ZONE.high) / (1 - ZONE.low))
    walk = np.where(rng.random((3000, 2000)) < rate, up, down).cumsum(axis=1)
    steps = (np.abs(walk) >= math.log(0.95 / 0.05)).argmax(axis=1) + 1
    assert wald_expected(ZONE, rate) == pytest.approx(steps.mean(), rel=0.12)
