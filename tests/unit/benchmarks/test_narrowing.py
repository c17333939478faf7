"""Fewer cells are started ahead as the decision nears: what that saves and what it costs, simulated."""

from __future__ import annotations

import heapq
import random
from dataclasses import replace
from statistics import mean

import pytest

from seatrial.kernel.digests import digest
from seatrial.review.benchmarks.core.narrowing import AHEAD, expected, fewest, reach
from seatrial.review.benchmarks.core.sequential import SequentialTest
from seatrial.review.benchmarks.types import Decision, Threshold, Verdict

ZONE = Threshold(digest(b"suite"), "suite-mean", 0.45, 0.55, 0.05)
FAR = Decision(Verdict.UNDECIDED, 10, 400, 0.5, 0.0, 1.0, 1.0, 1.0)


def test_far_from_a_verdict_every_worker_is_kept_busy():
    assert reach(FAR, ZONE, 8) == AHEAD * 8
    assert reach(replace(FAR, counted=0), ZONE, 8) <= AHEAD * 8


def test_where_nothing_is_decided_nothing_is_held_back():
    near = replace(FAR, wealth_meets=19.9)
    assert reach(near, ZONE, 8, decides=False) == AHEAD * 8
    assert reach(near, ZONE, 8) < AHEAD * 8


def test_the_reach_never_grows_with_the_wealth_and_never_ends_the_campaign():
    found = [
        reach(replace(FAR, counted=60, mean=0.7, wealth_meets=wealth), ZONE, 16) for wealth in (1, 2, 4, 8, 16, 19)
    ]
    assert found == sorted(found, reverse=True)
    assert found[-1] >= 1


@pytest.mark.parametrize("seed", range(8))
def test_no_verdict_falls_before_the_fewest_scores_that_could_decide(seed):
    chance = random.Random(seed)
    scores = [float(chance.random() < chance.choice((0.2, 0.5, 0.8))) for _ in range(300)]
    test = SequentialTest(300, ZONE)
    decisions = [test.decision]
    for score in scores:
        decisions.append(test.update(score))
        if test.decision.verdict is not Verdict.UNDECIDED:
            break
    end = decisions[-1].counted
    early = [one for one in decisions[:-1] if one.counted + fewest(one, ZONE) > end]
    assert len(early) <= 0.05 * len(decisions)  # the test leans on its rival too: about as good as exact


def test_a_verdict_that_fell_needs_no_more():
    assert fewest(replace(FAR, verdict=Verdict.MEETS), ZONE) == 0
    assert expected(replace(FAR, counted=400), 0.05) == 0


# What it saves ------------------------------------------------------------------------------------


def campaign(scores, seconds, workers, reach_of):
    """(attempts started and not counted, seconds until nothing is in flight) of one campaign on ``workers``."""
    test, done, place, started, clock = SequentialTest(len(scores), ZONE), set(), 0, 0, 0.0
    flying: list[tuple[float, int]] = []
    while test.decision.verdict is Verdict.UNDECIDED:
        while len(flying) < workers and started < min(len(scores), place + reach_of(test.decision, workers)):
            heapq.heappush(flying, (clock + seconds[started], started))
            started += 1
        clock, cell = heapq.heappop(flying)
        done.add(cell)
        while place in done and test.decision.verdict is Verdict.UNDECIDED:
            test.update(scores[place])
            place += 1
    return started - place, max([clock, *(end for end, _ in flying)])


def test_narrowing_saves_most_unused_attempts_and_costs_no_time():
    narrow, wide = [], []
    for seed in range(30):
        chance = random.Random(seed)
        rate = chance.choice((0.35, 0.42, 0.58, 0.65))
        scores = [float(chance.random() < rate) for _ in range(300)]
        seconds = [chance.lognormvariate(0, 0.7) for _ in scores]
        wide.append(campaign(scores, seconds, 10, lambda decision, workers: AHEAD * workers))
        narrow.append(campaign(scores, seconds, 10, lambda decision, workers: reach(decision, ZONE, workers)))
    saved = 1 - mean(unused for unused, _ in narrow) / mean(unused for unused, _ in wide)
    longer = mean(time for _, time in narrow) / mean(time for _, time in wide) - 1
    assert saved >= 0.4
    assert longer <= 0.1
