"""A plan is held to what was committed: to a threshold specification, and to its own entry on the ledger."""

from datetime import timedelta

import pytest

from seatrial.kernel.errors import Conflict, Misuse
from seatrial.kernel.labels import Label
from seatrial.ledger import api as ledger
from seatrial.review.benchmarks import api as benchmarks
from seatrial.review.benchmarks.core.elicitation import PLAIN, TOOLED
from seatrial.review.benchmarks.core.specification import Specification
from seatrial.review.benchmarks.models import Campaign
from seatrial.review.benchmarks.types import CampaignState, Check, Item, Rung, Threshold, Verdict
from simulators.scripted_runner import ScriptedRunner

pytestmark = pytest.mark.django_db


@pytest.fixture
def suite(world):
    items = [Item(f"i{n:02}", f"f{n % 3}", f"Q{n}?", Check("word", equals="yes"), "yes", "no", 2.0) for n in range(9)]
    made = benchmarks.make_suite(name="tiny", version="1", generator="tests", seed="s", items=items)
    return benchmarks.register_suite(by=world.evaluator, suite=made, at=world.start)


def committed(world, suite, *levels):
    said = Specification(
        name="cyber, first",
        meaning="Solves half of the tasks.",
        suite=suite,
        generator=None,
        metric="suite-mean",
        low=0.4,
        high=0.6,
        alpha=0.05,
        elicitation=levels,
        label=Label.among(world.body),
    )
    return benchmarks.commit_specification(
        by=world.authority, data=benchmarks.specification_bytes(said), at=world.start
    )


def planned(world, review, suite, **changes):
    parts = {
        "by": world.evaluator,
        "review": review,
        "suite": suite,
        "epochs": 4,
        "threshold": Threshold(suite, "suite-mean", 0.4, 0.6, 0.05),
        "name": "held to it",
        "seed": "sea trial",
        "at": world.start + timedelta(days=2),
    }
    return benchmarks.plan_campaign(**{**parts, **changes})


def run(world, campaign, progress=None):
    return benchmarks.run_campaign(
        by=world.evaluator,
        campaign=campaign,
        base_url="http://127.0.0.1:9/v1",
        key="k",
        concurrency=1,
        progress=progress,
        runner=ScriptedRunner(lambda cell, number: 1.0, lambda cell: 0.0),
        clock=lambda: world.start + timedelta(days=3),
    )


def test_a_campaign_says_which_threshold_it_is_held_to(world, consented, suite):
    digest = committed(world, suite, "plain")
    campaign = planned(world, consented, suite, specification=digest)
    assert Campaign.objects.get(id=campaign).specification == digest
    [entry] = ledger.entries(world.evaluator, kind="benchmarks.campaign-planned")
    assert entry.openings["specification"]["value"] == digest


def test_other_figures_than_the_committed_ones_are_refused(world, consented, suite):
    digest = committed(world, suite, "plain")
    easier = Threshold(suite, "suite-mean", 0.3, 0.6, 0.05)
    with pytest.raises(Misuse, match=r"0\.4 to 0\.6 at 0\.05") as caught:
        planned(world, consented, suite, specification=digest, threshold=easier)
    assert caught.value.code == "other-threshold"


def test_a_threshold_that_wants_a_ladder_gets_one(world, consented, suite):
    digest = committed(world, suite, "plain", "tools")
    with pytest.raises(Misuse, match="in these ways too: tools") as caught:
        planned(world, consented, suite, specification=digest)
    assert caught.value.code == "elicitation-missing"
    ladder = benchmarks.plan_ladder(
        by=world.evaluator,
        review=consented,
        suite=suite,
        epochs=4,
        threshold=Threshold(suite, "suite-mean", 0.4, 0.6, 0.05),
        rungs=[Rung(PLAIN), Rung(TOOLED)],
        name="both",
        seed="s",
        at=world.start + timedelta(days=2),
        specification=digest,
    )
    assert len(benchmarks.ladder(world.evaluator, ladder).rungs) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"low": 0.01},
        {"high": 0.99},
        {"alpha": 0.4},
        {"epochs": 1},
        {"excluded": [["i00", "too hard"]]},
        {"method": {"name": "plain", "system_prompt": "Fail."}},
    ],
)
def test_a_plan_edited_before_the_run_is_not_run(world, consented, suite, change):
    campaign = planned(world, consented, suite)
    Campaign.objects.filter(id=campaign).update(**change)
    with pytest.raises(Conflict, match="no longer what the ledger has") as caught:
        run(world, campaign)
    assert caught.value.code == "plan-differs"
    assert not Campaign.objects.get(id=campaign).attempts.exists()


def test_an_order_edited_before_the_run_is_not_run(world, consented, suite):
    campaign = planned(world, consented, suite)
    row = Campaign.objects.get(id=campaign)
    row.order = list(reversed(row.order))
    row.save(update_fields=["order"])
    with pytest.raises(Conflict, match="order"):
        run(world, campaign)


def test_a_threshold_edited_on_the_way_voids_the_campaign(world, consented, suite):
    campaign = planned(world, consented, suite)

    def edit(step):
        Campaign.objects.filter(id=campaign).update(low=0.01, high=0.02)

    done = run(world, campaign, edit)
    assert done.state is CampaignState.VOID
    assert "threshold of the plan was edited after it was committed" in done.note


def test_an_untouched_plan_decides(world, consented, suite):
    assert run(world, planned(world, consented, suite)).decision.verdict is Verdict.MEETS
