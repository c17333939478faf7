"""Whatever happens in whatever sequence, what is counted depends on the committed order alone."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.kernel.digests import digest
from seatrial.review.benchmarks.core.order import cells_of, committed_order
from seatrial.review.benchmarks.core.prefix import MAX_RETRIES, Prefix, settle
from seatrial.review.benchmarks.core.sequential import SequentialTest
from seatrial.review.benchmarks.types import AttemptResult, Threshold, Verdict

SUITE = digest(b"suite")
SCORES = st.sampled_from([0.0, 1.0]) | st.floats(0, 1)

thresholds = st.builds(
    lambda low, gap, alpha: Threshold(SUITE, "mean", low, min(0.99, low + gap), alpha),
    st.floats(0.05, 0.85),
    st.floats(0.02, 0.5),
    st.floats(0.001, 0.4),
)


def result(cell, score):
    return AttemptResult(cell, score, 0.0, SUITE, 0, 0, "m", False)


@st.composite
def histories(draw):
    """An order, and for each cell its failures and then, unless given up or unfinished, its score."""
    order = [f"c{i}#1" for i in range(draw(st.integers(1, 25)))]
    ends = {}
    for cell in order:
        failures = draw(st.sampled_from([0, 0, 0, 0, 1, 2, 3]))
        finished = failures > MAX_RETRIES or draw(st.sampled_from([True, True, True, False]))
        scores = [draw(SCORES)] if finished and failures <= MAX_RETRIES else []
        ends[cell] = [result(cell, score) for score in [None] * failures + scores]
    return order, ends


def shuffled(draw, ends):
    """The results of all cells, interleaved at random; those of one cell stay in their sequence."""
    turns = draw(st.permutations([cell for cell, results in ends.items() for _ in results]))
    queues = {cell: iter(results) for cell, results in ends.items()}
    return [next(queues[cell]) for cell in turns]


@given(st.data(), histories(), thresholds)
@settings(max_examples=150, deadline=None)
def test_the_tally_is_bit_identical_for_every_interleaving(data, history, threshold):
    order, ends = history
    straight = settle(tuple(order), tuple(one for results in ends.values() for one in results), threshold)
    assert settle(tuple(order), tuple(shuffled(data.draw, ends)), threshold) == straight


@given(st.data(), histories(), thresholds)
@settings(max_examples=150, deadline=None)
def test_only_the_finished_prefix_is_counted_and_a_verdict_never_changes(data, history, threshold):
    order, ends = history
    prefix = Prefix(order, threshold)
    settled = None
    for one in shuffled(data.draw, ends):
        decision = prefix.record(one)
        tally = prefix.tally
        assert tally.cells == tuple(order[: decision.counted])
        assert all(not prefix.tries_left(cell) for cell in tally.cells)
        assert 0 <= tally.unused <= len(order)
        if settled is not None:
            assert decision == settled
        if decision.verdict is not Verdict.UNDECIDED:
            settled = decision


@given(st.lists(SCORES, min_size=1, max_size=40), thresholds)
@settings(max_examples=200, deadline=None)
def test_a_verdict_always_falls_and_contradicts_no_mean_it_is_certain_of(scores, threshold):
    test = SequentialTest(len(scores), threshold)
    steps = [test.update(score) for score in scores]
    last = steps[-1]
    assert last.verdict is not Verdict.UNDECIDED
    assert last.lower == last.mean == last.upper
    for before, after in itertools.pairwise(steps[:-1]):
        assert after.lower >= before.lower
        assert after.upper <= before.upper
        assert before.wealth_meets >= 0
        assert before.wealth_below >= 0


@given(
    st.lists(st.tuples(st.integers(0, 5), SCORES), min_size=1, max_size=30),
    st.lists(st.floats(0, 1), min_size=6, max_size=6),
    thresholds,
)
@settings(max_examples=200, deadline=None)
def test_whatever_is_foreseen_no_wealth_is_owed_and_no_bound_loosens(cells, shares, threshold):
    items = [item for item, _ in cells]
    test = SequentialTest(len(cells), threshold, items=items, predictions=[shares[item] for item in items])
    steps = [test.update(score) for _, score in cells]
    assert steps[-1].verdict is not Verdict.UNDECIDED
    for before, after in itertools.pairwise(steps[:-1]):
        assert after.lower >= before.lower
        assert after.upper <= before.upper
    for step in steps:
        assert step.wealth_meets >= 0
        assert step.wealth_below >= 0
        assert (step.verdict is Verdict.UNDECIDED) == (step.lower < threshold.low and step.upper > threshold.high)
        if step.verdict is not Verdict.UNDECIDED:
            break


@given(
    st.lists(st.text("abc-", min_size=1, max_size=4), min_size=1, max_size=8, unique=True), st.integers(1, 4), st.text()
)
@settings(max_examples=100, deadline=None)
def test_a_committed_order_holds_every_cell_once(items, epochs, seed):
    cells = cells_of(items, epochs)
    order = committed_order(cells, seed)
    assert sorted(order, key=lambda cell: cell.id) == sorted(cells, key=lambda cell: cell.id)
    assert order == committed_order(cells, seed)
