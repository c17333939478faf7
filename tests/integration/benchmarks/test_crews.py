"""Campaigns over several processes: the same verdict and summary as in one, and a killed worker loses nothing."""

from __future__ import annotations

import os
import signal
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from seatrial.compute.api import Executor, ExecutorKind
from seatrial.kernel.errors import Unavailable
from seatrial.review.benchmarks import api as benchmarks
from seatrial.review.benchmarks.adapters.crew_runner import CrewRunner
from seatrial.review.benchmarks.adapters.inspect_runner import InspectRunner
from seatrial.review.benchmarks.models import Attempt
from seatrial.review.benchmarks.types import AttemptOutcome, Check, Item, Threshold, Verdict
from simulators.scripted_model import Reply, ScriptedModel

pytestmark = pytest.mark.django_db

TWO = Executor(ExecutorKind.PROCESSES, 2)
ITEMS, EPOCHS = 16, 2


def planned(world, review):
    check = Check("word", equals="yes")
    items = [Item(f"i{n:02}", f"f{n % 4}", f"Question {n}?", check, "yes", "no", 1.0) for n in range(ITEMS)]
    suite = benchmarks.make_suite(name="crewed", version="1", generator="tests", seed="s", items=items)
    digest = benchmarks.register_suite(by=world.evaluator, suite=suite, at=world.start)
    return benchmarks.plan_campaign(
        by=world.evaluator,
        review=review,
        suite=digest,
        epochs=EPOCHS,
        threshold=Threshold(digest, "suite-mean", 0.49, 0.51, 0.01),
        name="crewed",
        seed="sea trial",
        at=world.start + timedelta(days=2),
    )


def run(world, campaign, runner, model, progress=None):
    return benchmarks.run_campaign(
        by=world.evaluator,
        campaign=campaign,
        base_url=model.base_url,
        key="k",
        concurrency=4,
        progress=progress,
        runner=runner,
        clock=lambda: world.start + timedelta(days=3),
    )


def even(prompt, number):
    """Right on every second item."""
    return Reply("yes" if int(prompt.removeprefix("Question ").rstrip("?")) % 2 else "no", seconds=0.02)


def workers():
    """The processes that this one started and that are workers of a crew."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            stat = (process / "stat").read_text().rpartition(")")[2].split()
            words = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if int(stat[1]) == os.getpid() and b"spawn_main" in words and stat[0] != "Z":
            found.append(int(process.name))
    return found


def test_two_processes_come_to_the_same_summary_as_one(world, consented):
    with ScriptedModel(even) as model:
        alone = run(world, planned(world, consented), InspectRunner(), model)
        crewed = run(world, planned(world, consented), CrewRunner(TWO), model)
    assert alone.decision == crewed.decision
    assert alone.summary == crewed.summary
    assert workers() == []


@pytest.mark.slow
def test_a_verdict_stops_both_workers(world, consented):
    with ScriptedModel(lambda prompt, number: Reply("yes", seconds=0.02)) as model:
        done = run(world, planned(world, consented), CrewRunner(TWO), model)
    assert done.decision.verdict is Verdict.MEETS
    assert done.started < ITEMS * EPOCHS


def test_a_killed_worker_loses_nothing(world, consented):
    killed = []

    def strike(step):
        if not killed and step.counted >= 6:
            killed.append(min(workers()))
            os.kill(killed[0], signal.SIGKILL)

    campaign = planned(world, consented)
    with ScriptedModel(even) as model:
        whole = run(world, planned(world, consented), InspectRunner(), model)
        done = run(world, campaign, CrewRunner(TWO), model, strike)
    assert killed
    assert done.decision == whole.decision
    assert done.summary == whole.summary
    lost = Attempt.objects.filter(campaign_id=campaign, outcome=AttemptOutcome.INTERRUPTED).count()
    assert done.started >= done.counted + lost, "what was lost is part of the price"
    assert done.unrunnable == 0


@pytest.mark.slow
def test_workers_that_die_again_and_again_pause_the_campaign(world, consented):
    stop = threading.Event()

    def keep_killing():
        while not stop.is_set():
            for pid in workers():
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)

    killer = threading.Thread(target=keep_killing)
    killer.start()
    try:
        with ScriptedModel(even) as model, pytest.raises(Unavailable, match="before any cell is done"):
            run(world, planned(world, consented), CrewRunner(TWO), model)
    finally:
        stop.set()
        killer.join()
