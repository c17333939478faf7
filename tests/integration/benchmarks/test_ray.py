"""A campaign on a Ray cluster of two nodes: the same order, verdict and summary, and a killed node loses nothing."""

from __future__ import annotations

import pytest

from seatrial.compute.api import Executor, ExecutorKind
from seatrial.review.benchmarks.adapters.crew_runner import CrewRunner
from seatrial.review.benchmarks.adapters.inspect_runner import InspectRunner
from seatrial.review.benchmarks.models import Attempt
from seatrial.review.benchmarks.types import AttemptOutcome
from simulators.scripted_model import ScriptedModel
from simulators.two_nodes import two_nodes

from .test_crews import even, planned, run

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def cluster(monkeypatch):
    with two_nodes(monkeypatch) as made:
        yield made


def on(cluster):
    return CrewRunner(Executor(ExecutorKind.RAY, 2, cluster.address))


def test_a_cluster_comes_to_the_same_summary_as_one_process(cluster, world, consented):
    with ScriptedModel(even) as model:
        alone = run(world, planned(world, consented), InspectRunner(), model)
        spread = run(world, planned(world, consented), on(cluster), model)
    assert spread.decision == alone.decision
    assert spread.summary == alone.summary


def test_a_node_killed_on_the_way_loses_nothing(cluster, world, consented):
    killed = []

    def strike(step):
        if not killed and step.counted >= 6:
            killed.append(True)
            cluster.remove_node(next(iter(cluster.worker_nodes)), allow_graceful=False)

    campaign = planned(world, consented)
    with ScriptedModel(even) as model:
        alone = run(world, planned(world, consented), InspectRunner(), model)
        spread = run(world, campaign, on(cluster), model, strike)
    assert killed
    assert spread.decision == alone.decision
    assert spread.summary == alone.summary
    assert spread.unrunnable == 0
    lost = Attempt.objects.filter(campaign_id=campaign, outcome=AttemptOutcome.INTERRUPTED)
    assert spread.started >= spread.counted + len(lost)
