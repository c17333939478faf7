"""A ladder of elicitations under one error budget, and each rung as data."""

from itertools import product

import numpy as np
import pytest

from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Misuse
from seatrial.review.benchmarks.core.elicitation import (
    PLAIN,
    SEVERAL,
    TOOLED,
    checked_elicitation,
    read,
    words_of,
    written,
)
from seatrial.review.benchmarks.core.ladder import ladder_verdict, shares
from seatrial.review.benchmarks.core.simulation import simulate
from seatrial.review.benchmarks.types import Elicitation, Purpose, Rung, Threshold, Verdict

RUNGS = [Rung(PLAIN), Rung(TOOLED), Rung(SEVERAL)]


def test_the_budget_is_shared_and_never_exceeded():
    assert shares(RUNGS, 0.06) == pytest.approx((0.02, 0.02, 0.02))
    own = [Rung(PLAIN, share=0.5), Rung(TOOLED), Rung(SEVERAL)]
    assert shares(own, 0.04) == pytest.approx((0.02, 0.01, 0.01))


def test_references_and_twins_take_nothing_of_the_budget():
    more = [*RUNGS, Rung(Elicitation("other", "x"), Purpose.REFERENCE, model="open-weights", cells=50)]
    *deciding, reference = shares(more, 0.06)
    assert deciding == pytest.approx([0.02, 0.02, 0.02])
    assert reference is None


@pytest.mark.parametrize(
    ("rungs", "said"),
    [
        ([], "1 to 12 rungs"),
        ([Rung(PLAIN), Rung(PLAIN)], "name of its own"),
        ([Rung(PLAIN, share=0.7), Rung(TOOLED, share=0.7)], "sum to 1.4"),
        ([Rung(PLAIN, share=1.0), Rung(TOOLED)], "sum to 1"),
        ([Rung(PLAIN, share=0.0)], "cannot have"),
        ([Rung(PLAIN, Purpose.TWINS)], "at least one rung that decides"),
        ([Rung(PLAIN), Rung(TOOLED, Purpose.REFERENCE)], "names its model"),
        ([Rung(PLAIN, model="other")], "names its model"),
        ([Rung(PLAIN, cells=10)], "decides on all cells"),
        ([Rung(PLAIN), Rung(TOOLED, Purpose.TWINS, share=0.1)], "cannot have"),
    ],
)
def test_a_ladder_that_promises_what_it_cannot_keep_is_refused(rungs, said):
    with pytest.raises(Misuse, match=said) as caught:
        shares(rungs, 0.05)
    assert caught.value.code == "bad-ladder"


def test_one_rung_that_meets_is_enough_and_below_takes_all():
    for verdicts in product(Verdict, repeat=3):
        said = ladder_verdict(verdicts)
        if Verdict.MEETS in verdicts:
            assert said is Verdict.MEETS
        elif set(verdicts) == {Verdict.BELOW}:
            assert said is Verdict.BELOW
        else:
            assert said is Verdict.UNDECIDED
    assert ladder_verdict([]) is Verdict.UNDECIDED


@pytest.mark.parametrize("edge", ["low", "high"])
def test_a_ladder_errs_no_more_than_its_budget(edge):
    """Three rungs whose suites all lie just outside the zone: the ladder's wrong verdicts stay within α."""
    zone, cells, campaigns = Threshold(digest(b"x"), "mean", 0.4, 0.6, 0.06), 60, 2000
    rng = np.random.default_rng(5)
    wins = 23 if edge == "low" else 37  # of 60: one beyond the edge
    wrong = Verdict.MEETS if edge == "low" else Verdict.BELOW
    said = []
    for alpha in shares(RUNGS, zone.alpha):
        scores = np.zeros((campaigns, cells))
        scores[:, :wins] = 1.0
        verdicts, _ = simulate(rng.permuted(scores, axis=1), Threshold(zone.suite, "mean", 0.4, 0.6, alpha))
        said.append([Verdict.MEETS if verdict > 0 else Verdict.BELOW for verdict in verdicts])
    errors = sum(ladder_verdict(rungs) is wrong for rungs in zip(*said, strict=True)) / campaigns
    assert errors <= zone.alpha


@pytest.mark.parametrize("asked", [PLAIN, TOOLED, SEVERAL])
def test_an_elicitation_survives_being_written(asked):
    assert read(written(asked)) == asked
    assert words_of(asked).startswith(f"{asked.name}: ")


@pytest.mark.parametrize(
    "asked",
    [
        Elicitation("", "x"),
        Elicitation("n" * 61, "x"),
        Elicitation("n", "x" * 20_001),
        Elicitation("n", "x", tools=("browser",), turns=5),
        Elicitation("n", "x", turns=0),
        Elicitation("n", "x", tries=0),
        Elicitation("n", "x", tries=101),
        Elicitation("n", "x", turns=3),
        Elicitation("n", "x", tools=("bash",)),
        Elicitation("n", "x", max_tokens=0),
    ],
)
def test_what_cannot_be_run_is_refused(asked):
    with pytest.raises(Misuse) as caught:
        checked_elicitation(asked)
    assert caught.value.code == "bad-elicitation"


@pytest.mark.parametrize("document", [{}, {"name": "n"}, {"name": "n", "system_prompt": "x", "more": 1}])
def test_a_misspelt_elicitation_says_so(document):
    with pytest.raises(Misuse, match="lacks or misspells"):
        read(document)
