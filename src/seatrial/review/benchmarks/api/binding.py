"""What the door binds: where suites lie, this instance's own key, the runner, what is left of window and budget."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from seatrial.compute.api import Executor, ExecutorKind
from seatrial.kernel.recipients import PrivateKey, new_private_key
from seatrial.parties.types import Actor
from seatrial.review.access import api as access
from seatrial.review.benchmarks.adapters.crew_runner import CrewRunner
from seatrial.review.benchmarks.adapters.inspect_runner import InspectRunner
from seatrial.review.benchmarks.adapters.suite_shelf import FolderShelf
from seatrial.review.benchmarks.core.forecast import Means
from seatrial.review.benchmarks.ports import Runner
from seatrial.review.cases import api as cases

UNBOUNDED = Means(None, None, None)  # a reference model's calls go elsewhere


def runner_of_settings() -> Runner:
    """As SEATRIAL_EXECUTOR says."""
    executor = Executor.parse(settings.SEATRIAL.executor)
    return InspectRunner() if executor.kind is ExecutorKind.INLINE else CrewRunner(executor)


def means_of(by: Actor, review: str, at: datetime) -> Means:
    """What is left of the review's window and of its consent's budget."""
    standing, used = cases.standing(review, at), access.usage(by, review)
    budget = standing.consent.budget if standing.consent else None
    return Means(
        until=standing.window.closes if standing.window else None,
        calls=max(0, budget.requests - used.requests) if budget else None,
        tokens=max(0, budget.tokens - used.tokens) if budget else None,
        money=max(0, budget.money - used.money) if budget and budget.money is not None else None,
        a_call=used.money / used.requests if used.requests else 0.0,
    )


def unsealing_key() -> PrivateKey:
    """This instance's own key, for which custodians wrap their halves; made at first use."""
    return new_private_key(settings.SEATRIAL.keys / "unsealing.pem")


def shelf() -> FolderShelf:
    return FolderShelf(settings.SEATRIAL.artefacts / "suites")
