"""The traps of parallel attempts: what arrives first must not count first."""

import heapq
from dataclasses import replace

import numpy as np
import pytest

from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Conflict, Misuse
from seatrial.review.benchmarks.core.prefix import MAX_RETRIES, Prefix, settle
from seatrial.review.benchmarks.core.simulation import simulate
from seatrial.review.benchmarks.types import AttemptResult, Threshold, Verdict

ZONE = Threshold(digest(b"suite"), "mean", 0.45, 0.55, 0.05)
ORDER = tuple(f"item-{i}#1" for i in range(100))


def result(cell, score, identity="model-1/fp-1"):
    error = "the upstream answered 503" if score is None else None
    return AttemptResult(cell, score, 1.0, digest(cell.encode()), 10, 5, identity, False, error)


def arrivals(scores, workers):
    """The sequence in which cells finish when a failure takes a tenth of a success's time."""
    pool, finished = [], []
    for cell, score in enumerate(scores):
        start = heapq.heappop(pool)[0] if len(pool) == workers else 0.0
        end = start + (1.0 if score else 0.1)
        heapq.heappush(pool, (end, cell))
        finished.append((end, cell))
    return [cell for _, cell in sorted(finished)]


def test_counting_results_as_they_arrive_is_biased_and_counting_the_prefix_is_not():
    rng = np.random.default_rng(11)
    cells, workers = 300, 40
    scores = np.zeros((1500, cells))
    scores[:, : int(0.58 * cells)] = 1.0  # the truth lies above the zone: only "below" is wrong
    scores = rng.permuted(scores, axis=1)
    arrived = np.array([row[arrivals(row, workers)] for row in scores])
    naive, _ = simulate(arrived, ZONE)
    ours, _ = simulate(scores, ZONE)  # the prefix counts in the committed order whatever arrives first
    assert (naive == -1).mean() > 5 * ZONE.alpha
    assert (ours == -1).mean() <= ZONE.alpha
    assert arrived[:, :50].mean() < 0.5 < 0.57 < scores[:, :50].mean()


def test_any_sequence_of_completion_gives_the_bit_identical_tally():
    rng = np.random.default_rng(12)
    results = tuple(result(cell, float(rng.random() < 0.5)) for cell in ORDER)
    straight = settle(ORDER, results, ZONE)
    for _ in range(20):
        assert settle(ORDER, tuple(results[i] for i in rng.permutation(len(results))), ZONE) == straight


def test_a_gap_in_the_order_holds_up_everything_behind_it():
    prefix = Prefix(ORDER, ZONE)
    for cell in ORDER[1:60]:
        prefix.record(result(cell, 0.0))
    assert prefix.decision.counted == 0
    assert prefix.tally.unused == 59
    prefix.record(result(ORDER[0], 0.0))
    assert prefix.decision.verdict is Verdict.BELOW
    assert prefix.tally.unused > 0


def test_results_after_the_decision_are_unused_and_change_nothing():
    prefix = Prefix(ORDER, ZONE)
    place = 0
    while not prefix.over:
        prefix.record(result(ORDER[place], 0.0))
        place += 1
    decided = prefix.decision
    assert decided.verdict is Verdict.BELOW
    for cell in ORDER[place:]:
        prefix.record(result(cell, 1.0))
    assert prefix.decision == decided
    assert prefix.tally.unused == len(ORDER) - place
    assert len(prefix.tally.funnel) == place + 1


def test_a_failure_of_the_machine_is_tried_again_and_is_no_failure_of_the_model():
    prefix = Prefix(ORDER, ZONE)
    prefix.record(result(ORDER[0], None))
    assert prefix.tries_left(ORDER[0]) == MAX_RETRIES
    assert prefix.decision.counted == 0
    prefix.record(result(ORDER[0], 1.0))
    assert prefix.tries_left(ORDER[0]) == 0
    assert (prefix.decision.counted, prefix.decision.mean) == (1, 1.0)
    assert prefix.tally.retried == 1


def test_after_two_retries_a_cell_is_unrunnable_and_counted_at_both_extremes():
    prefix = Prefix(ORDER[:4], ZONE)
    for _ in range(MAX_RETRIES + 1):
        prefix.record(result(ORDER[0], None))
    assert prefix.tally.unrunnable == (ORDER[0],)
    assert prefix.tally.retried == MAX_RETRIES
    assert prefix.tries_left(ORDER[0]) == 0
    for cell, score in zip(ORDER[1:4], (1.0, 0.0, 1.0), strict=True):
        prefix.record(result(cell, score))
    decision = prefix.decision
    assert (decision.lower, decision.upper) == (0.5, 0.75)
    assert decision.mean == pytest.approx(2 / 3)


def test_a_verdict_must_hold_at_both_extremes():
    order = ORDER[:10]
    prefix = Prefix(order, ZONE)
    for cell in order[:3]:
        for _ in range(MAX_RETRIES + 1):
            prefix.record(result(cell, None))
    for cell, score in zip(order[3:], (1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0), strict=True):
        prefix.record(result(cell, score))
    assert prefix.over
    assert prefix.decision.verdict is Verdict.UNDECIDED  # 4 of 10 or 7 of 10: nobody knows
    assert (prefix.decision.lower, prefix.decision.upper) == (0.4, 0.7)


def test_few_unrunnable_cells_delay_a_clear_verdict_but_do_not_prevent_it():
    prefix = Prefix(ORDER, ZONE)
    for _ in range(MAX_RETRIES + 1):
        prefix.record(result(ORDER[2], None))
    for cell in ORDER:
        if not prefix.over and cell != ORDER[2]:
            prefix.record(result(cell, 0.0))
    clean = settle(ORDER, tuple(result(cell, 0.0) for cell in ORDER), ZONE)
    assert prefix.decision.verdict is Verdict.BELOW
    assert prefix.decision.counted > clean.decision.counted


def test_another_model_voids_the_campaign_from_there():
    results = [result(cell, 1.0) for cell in ORDER[:3]] + [result(ORDER[3], 1.0, "model-1/fp-2")]
    tally = settle(ORDER, (*results, result(ORDER[4], 1.0)), ZONE)
    assert tally.void_from == 3
    assert tally.decision.counted == 3
    assert tally.decision.verdict is Verdict.UNDECIDED


def test_another_model_behind_the_prefix_is_noticed_at_once():
    prefix = Prefix(ORDER, ZONE)
    prefix.record(result(ORDER[5], 1.0))
    assert not prefix.over
    prefix.record(result(ORDER[9], 1.0, "model-2"))
    assert prefix.model_changed
    assert prefix.over


def test_a_verdict_that_fell_before_another_model_answered_stays():
    results = tuple(result(cell, 0.0) for cell in ORDER[:-1])
    before = settle(ORDER, results, ZONE)
    after = settle(ORDER, (*results, replace(result(ORDER[-1], 0.0), model_identity="model-2")), ZONE)
    assert after.decision == before.decision
    assert after.void_from is None


def test_a_cell_is_never_counted_twice():
    prefix = Prefix(ORDER, ZONE)
    prefix.record(result(ORDER[0], 1.0))
    with pytest.raises(Conflict) as caught:
        prefix.record(result(ORDER[0], 0.0))
    assert caught.value.code == "counted-twice"


def test_a_cell_outside_the_order_is_refused():
    with pytest.raises(Misuse, match="does not stand"):
        Prefix(ORDER, ZONE).record(result("stranger#1", 1.0))


def test_an_order_that_names_a_cell_twice_is_refused():
    with pytest.raises(Misuse, match="twice"):
        Prefix(("a#1", "a#1"), ZONE)


def test_remaining_cells_keep_the_committed_order():
    prefix = Prefix(ORDER[:5], ZONE)
    prefix.record(result(ORDER[3], 1.0))
    prefix.record(result(ORDER[1], None))
    assert prefix.remaining == (ORDER[0], ORDER[1], ORDER[2], ORDER[4])
