"""Inspect's own logs of a campaign: one for each worker, complete, and agreeing with what was counted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings

from seatrial.compute.api import Executor, ExecutorKind
from seatrial.review.benchmarks import api as benchmarks
from seatrial.review.benchmarks.adapters.crew_runner import CrewRunner
from seatrial.review.benchmarks.models import Attempt
from seatrial.review.benchmarks.types import AttemptOutcome, Check, Item, Threshold
from simulators.scripted_model import Reply, ScriptedModel

pytestmark = pytest.mark.django_db


def test_every_counted_attempt_stands_in_a_log_that_inspect_opens_with_its_score(world, consented):
    from inspect_ai.log import read_eval_log

    check = Check("word", equals="yes")
    items = [Item(f"i{n:02}", f"f{n % 4}", f"Question {n}?", check, "yes", "no", 1.0) for n in range(12)]
    suite = benchmarks.make_suite(name="logged", version="1", generator="tests", seed="s", items=items)
    digest = benchmarks.register_suite(by=world.evaluator, suite=suite, at=world.start)
    campaign = benchmarks.plan_campaign(
        by=world.evaluator,
        review=consented,
        suite=digest,
        epochs=1,
        threshold=Threshold(digest, "suite-mean", 0.49, 0.51, 0.01),
        name="logged",
        seed="sea trial",
        at=world.start + timedelta(days=2),
    )
    with ScriptedModel(lambda prompt, number: Reply("yes" if "1" in prompt else "no", seconds=0.02)) as model:
        done = benchmarks.run_campaign(
            by=world.evaluator,
            campaign=campaign,
            base_url=model.base_url,
            key="k",
            concurrency=4,
            runner=CrewRunner(Executor(ExecutorKind.PROCESSES, 2)),
            clock=lambda: world.start + timedelta(days=3),
        )

    logs = [read_eval_log(str(path)) for path in (settings.SEATRIAL.artefacts / "campaigns" / campaign).glob("*.eval")]
    assert len(logs) == 2, "one for each worker"
    assert {log.status for log in logs} == {"success"}
    logged = {
        str(sample.id): score.value
        for log in logs
        for sample in log.samples or []
        for score in (sample.scores or {}).values()
    }
    rows = Attempt.objects.filter(campaign_id=campaign, outcome=AttemptOutcome.SCORED)
    counted = dict(rows.values_list("cell", "score"))
    assert len(counted) >= done.counted > 0
    assert logged == counted
