"""A campaign run by the worker: through the real gateway, with a key that is gone afterwards."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from seatrial.compute.api import enqueue, job
from seatrial.kernel.clock import now
from seatrial.kernel.errors import NotFound
from seatrial.review.access import api as access
from seatrial.review.benchmarks import api as benchmarks
from seatrial.review.benchmarks.tasks import run_campaign
from seatrial.review.benchmarks.types import CampaignState, Check, Item, Threshold
from seatrial.review.cases import api as cases
from simulators.staged_reviews import draft, terms

TASK = "seatrial.review.benchmarks.tasks.run_campaign"


@pytest.fixture
def campaign(durable_world: Any) -> str:
    world = durable_world
    review = draft(world, "In the background")
    cases.offer(by=world.governance, review=review, at=now())
    asked = replace(terms(people=frozenset({world.evaluator.person})), upstream="http://127.0.0.1:9/v1")
    cases.sign_consent(by=world.signatory, review=review, terms=asked, at=now())
    items = [Item(f"i-{n}", f"f-{n % 3}", "Say yes.", Check("word", equals="yes"), "yes", "no", 1.0) for n in range(4)]
    suite = benchmarks.make_suite(name="tiny", version="1", generator="tests", seed="s", items=items)
    kept = benchmarks.register_suite(by=world.evaluator, suite=suite, at=now())
    return benchmarks.plan_campaign(
        by=world.evaluator,
        review=review,
        suite=kept,
        epochs=1,
        threshold=Threshold(kept, "suite-mean", 0.4, 0.6, 0.05),
        name="first",
        seed=secrets.token_hex(8),
        at=now(),
    )


def test_the_worker_takes_a_queued_campaign_up_and_no_key_outlives_the_run(durable_world: Any, campaign: str) -> None:
    world = durable_world
    queued = enqueue(TASK, person=world.evaluator.person, campaign=campaign)
    assert job(queued).state == "ready"
    # Nobody listens at the gateway's port: the run pauses with a sentence, as it would on a machine without one.
    call_command("db_worker", batch=True, verbosity=0, startup_delay=False)
    assert job(queued).state == "failed"
    view = benchmarks.campaign(world.evaluator, campaign)
    assert view.state in (CampaignState.PLANNED, CampaignState.RUNNING)
    keys = access.keys(world.evaluator, view.review)
    assert len(keys) == 1
    assert keys[0].revoked_at is not None
    assert settings.SEATRIAL.gateway_url.startswith("http://127.0.0.1")


def test_a_campaign_that_has_ended_is_left_alone(durable_world: Any, campaign: str) -> None:
    world = durable_world
    benchmarks.stop_campaign(by=world.evaluator, campaign=campaign, reason="Enough.", at=now())
    run_campaign.call(person=world.evaluator.person, campaign=campaign)
    view = benchmarks.campaign(world.evaluator, campaign)
    assert view.state is CampaignState.STOPPED
    assert access.keys(world.evaluator, view.review) == ()


def test_only_a_task_can_be_queued_and_an_unknown_job_is_not_found(durable_world: Any) -> None:
    with pytest.raises(TypeError):
        enqueue("seatrial.kernel.clock.now")
    with pytest.raises(NotFound):
        job("00000000-0000-0000-0000-000000000000")
