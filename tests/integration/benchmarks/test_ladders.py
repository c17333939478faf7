"""Ladders on the database: planned in one step under one budget, rungs that decide and rungs that compare."""

from dataclasses import replace
from datetime import timedelta

import pytest

from seatrial.kernel.errors import Misuse, NotFound
from seatrial.ledger import api as ledger
from seatrial.review.benchmarks import api as benchmarks
from seatrial.review.benchmarks.core.elicitation import PLAIN, SEVERAL, TOOLED
from seatrial.review.benchmarks.models import Campaign, Ladder
from seatrial.review.benchmarks.types import (
    CampaignState,
    Check,
    Elicitation,
    Item,
    Purpose,
    Rung,
    Threshold,
    Verdict,
)
from seatrial.review.cases import api as cases
from simulators.scripted_runner import ScriptedRunner

pytestmark = pytest.mark.django_db

TWINS = Rung(Elicitation("twins", PLAIN.system_prompt), Purpose.TWINS)
REFERENCE = Rung(Elicitation("open weights", PLAIN.system_prompt), Purpose.REFERENCE, model="open-1", cells=7)


def make_suite():
    check = Check("word", equals="yes")
    items = [Item(f"i{n:02}", f"f{n % 3}", f"Question {n}?", check, "yes", "no", 2.0) for n in range(9)]
    twins = [replace(item, id=f"{item.id}-twin", prompt=f"Neutral: {item.prompt}", twin_of=item.id) for item in items]
    both = [one for pair in zip(items, twins, strict=True) for one in pair]
    return benchmarks.make_suite(name="laddered", version="1", generator="tests", seed="s", items=both)


def planned(world, review, *rungs, **changes):
    digest = benchmarks.register_suite(by=world.evaluator, suite=make_suite(), at=world.start)
    parts = {
        "by": world.evaluator,
        "review": review,
        "suite": digest,
        "epochs": 5,
        "threshold": Threshold(digest, "suite-mean", 0.4, 0.6, 0.06),
        "rungs": rungs,
        "name": "ladder",
        "seed": "sea trial",
        "at": world.start + timedelta(days=2),
    }
    return benchmarks.plan_ladder(**{**parts, **changes})


def run(world, campaign, score):
    return benchmarks.run_campaign(
        by=world.evaluator,
        campaign=campaign,
        base_url="http://127.0.0.1:9/v1",
        key="k",
        concurrency=2,
        runner=ScriptedRunner(lambda cell, number: score, lambda cell: 0.0),
        clock=lambda: world.start + timedelta(days=3),
    )


def test_a_ladder_is_planned_in_one_step_under_one_budget(world, consented):
    found = benchmarks.ladder(
        world.evaluator, planned(world, consented, Rung(PLAIN), Rung(TOOLED), Rung(SEVERAL), TWINS)
    )
    assert [rung.method for rung in found.rungs] == [PLAIN, TOOLED, SEVERAL, TWINS.elicitation]
    assert sum(rung.threshold.alpha for rung in found.rungs if rung.purpose is Purpose.DECIDE) == pytest.approx(0.06)
    assert found.rungs[0].error_budget == pytest.approx(0.06)
    assert found.verdict is Verdict.UNDECIDED
    [entry] = ledger.entries(world.evaluator, kind="benchmarks.ladder-planned")
    assert len(ledger.entries(world.evaluator, kind="benchmarks.campaign-planned")) == 4
    assert entry


def test_each_rung_has_an_order_of_its_own_and_twins_are_no_part_of_the_yardstick(world, consented):
    planned(world, consented, Rung(PLAIN), Rung(SEVERAL), TWINS)
    plain, several, twins = Campaign.objects.order_by("rung")
    assert sorted(plain.order) == sorted(several.order)
    assert plain.order != several.order
    assert not any("twin" in cell for cell in plain.order)
    assert all("-twin#" in cell for cell in twins.order)


def test_one_rung_that_meets_decides_the_ladder(world, consented):
    ladder = planned(world, consented, Rung(PLAIN), Rung(SEVERAL))
    plain, several = (rung.id for rung in benchmarks.ladder(world.evaluator, ladder).rungs)
    assert run(world, plain, 0.0).decision.verdict is Verdict.BELOW
    assert benchmarks.ladder(world.evaluator, ladder).verdict is Verdict.UNDECIDED
    assert run(world, several, 1.0).decision.verdict is Verdict.MEETS
    assert benchmarks.ladder(world.evaluator, ladder).verdict is Verdict.MEETS


def test_a_reference_runs_its_cells_and_decides_nothing(world, consented):
    ladder = planned(world, consented, Rung(PLAIN), REFERENCE)
    _, reference = benchmarks.ladder(world.evaluator, ladder).rungs
    done = run(world, reference.id, 1.0)
    assert done.state is CampaignState.EXHAUSTED
    assert done.decision.verdict is Verdict.UNDECIDED
    assert (done.counted, done.decision.mean, done.solved) == (7, 1.0, 7)
    assert done.note.startswith("Every cell was run")
    assert Campaign.objects.get(id=reference.id).model == "open-1"


def test_items_are_shown_beside_their_twins(world, consented):
    ladder = planned(world, consented, Rung(PLAIN), TWINS)
    plain, twins = (rung.id for rung in benchmarks.ladder(world.evaluator, ladder).rungs)
    run(world, plain, 0.0)
    assert benchmarks.ladder(world.evaluator, ladder).twins == ()
    run(world, twins, 1.0)
    shown = benchmarks.ladder(world.evaluator, ladder).twins
    assert [one.family for one in shown] == ["f0", "f1", "f2"]
    assert all(one.mean == 0 and one.twin_mean == 1 and one.difference == 1 for one in shown)


def test_a_ladder_is_planned_whole_or_not_at_all(world, consented):
    with pytest.raises(Misuse, match="name of its own"):
        planned(world, consented, Rung(PLAIN), Rung(PLAIN))
    assert not Ladder.objects.exists()
    assert not Campaign.objects.exists()


def test_a_developer_does_not_see_the_bodys_ladder(world, consented):
    ladder = planned(world, consented, Rung(PLAIN))
    with pytest.raises(NotFound):
        benchmarks.ladder(world.governance, ladder)
    assert benchmarks.ladders(world.governance, consented) == ()


def test_a_withdrawal_takes_the_ladders_away_with_the_review(world, consented):
    ladder = planned(world, consented, Rung(PLAIN))
    assert [one.id for one in benchmarks.ladders(world.evaluator, consented)] == [ladder]
    cases.withdraw(by=world.security, review=consented, at=world.start + timedelta(days=3))
    assert benchmarks.ladders(world.evaluator, consented) == ()
    with pytest.raises(NotFound):
        benchmarks.ladder(world.evaluator, ladder)


def climb(world, ladder, script, **changes):
    return benchmarks.run_ladder(
        by=world.evaluator,
        ladder=ladder,
        base_url="http://127.0.0.1:9/v1",
        key="k",
        concurrency=2,
        runner=ScriptedRunner(script, lambda cell: 0.0),
        clock=lambda: world.start + timedelta(days=3),
        **changes,
    )


def test_a_ladder_stops_climbing_once_it_is_decided(world, consented):
    ladder = planned(world, consented, Rung(PLAIN), Rung(TOOLED), Rung(SEVERAL), TWINS, REFERENCE)
    seen = set()
    done = climb(world, ladder, lambda cell, number: 1.0, progress=lambda rung, step: seen.add(rung))
    plain, tools, several, twins, reference = done.rungs
    assert done.verdict is Verdict.MEETS
    assert plain.state is CampaignState.DECIDED
    for unneeded in (tools, several):
        assert unneeded.state is CampaignState.STOPPED
        assert unneeded.started == 0
        assert "not needed" in unneeded.note
    assert twins.state is CampaignState.EXHAUSTED
    assert reference.state is CampaignState.PLANNED, "nobody said where it is"
    assert seen == {"plain", "twins"}


def test_a_reference_runs_against_its_own_endpoint(world, consented):
    ladder = planned(world, consented, Rung(PLAIN), REFERENCE)
    done = climb(world, ladder, lambda cell, number: 0.0, references={"open-1": ("http://127.0.0.1:8/v1", "other")})
    assert done.verdict is Verdict.BELOW
    assert done.rungs[1].state is CampaignState.EXHAUSTED


def test_a_prompt_is_chosen_on_a_practice_split_and_says_so(world, consented):
    split = replace(make_suite().items[0], id="practice-1")
    other = benchmarks.make_suite(name="split", version="1", generator="tests", seed="p", items=[split])
    practice = benchmarks.register_suite(by=world.evaluator, suite=other, at=world.start)
    candidates = [Rung(Elicitation(f"prompt {n}", f"Try {n}.")) for n in range(3)]
    tuned = benchmarks.plan_tuning(
        by=world.evaluator,
        review=consented,
        suite=practice,
        epochs=4,
        candidates=candidates,
        seed="t",
        at=world.start + timedelta(days=2),
    )
    with pytest.raises(Misuse, match="counted nothing"):
        benchmarks.best_prompt(world.evaluator, tuned)
    for number, campaign in enumerate(tuned):
        run(world, campaign, 1.0 if number == 1 else 0.0)
    best = benchmarks.best_prompt(world.evaluator, tuned)
    assert best.method == candidates[1].elicitation
    ladder = planned(world, consented, Rung(best.method, tuned_on=tuned))
    [entry] = [
        one
        for one in ledger.entries(world.evaluator, kind="benchmarks.campaign-planned")
        if ladder in str(one.openings)
    ]
    assert tuned[1] in str(entry.openings)


def test_a_prompt_chosen_on_the_yardstick_itself_is_refused(world, consented):
    digest = benchmarks.register_suite(by=world.evaluator, suite=make_suite(), at=world.start)
    [tuned] = benchmarks.plan_tuning(
        by=world.evaluator,
        review=consented,
        suite=digest,
        epochs=1,
        candidates=[Rung(PLAIN)],
        seed="t",
        at=world.start + timedelta(days=2),
    )
    run(world, tuned, 1.0)
    with pytest.raises(Misuse) as caught:
        planned(world, consented, Rung(PLAIN, tuned_on=(tuned,)))
    assert caught.value.code == "bad-tuning"


def test_the_developer_reads_that_the_way_of_asking_is_fixed_and_not_what_it_is(world, consented):
    prompt = "Think as the harbour pilot does."
    planned(world, consented, Rung(PLAIN), Rung(Elicitation("prompted", prompt)))
    told = [entry for entry in ledger.entries(world.governance) if entry.kind == "benchmarks.campaign-planned"]
    assert len(told) == 2
    assert all(entry.openings["elicitation_commitment"]["value"].startswith("sha256:") for entry in told)
    assert prompt not in str(told)
