"""The door to benchmarks: suites, campaigns, and running them. Binds the shelf, the tools and the runner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from seatrial.kernel.digests import Digest
from seatrial.parties.types import Actor
from seatrial.review.benchmarks import actions, queries
from seatrial.review.benchmarks.actions import commit_specification
from seatrial.review.benchmarks.adapters.inspect_adapting import Adapting, adapt, read_arguments
from seatrial.review.benchmarks.adapters.machine_tools import MachineTools
from seatrial.review.benchmarks.adapters.plan_figure import plan_figure
from seatrial.review.benchmarks.api.binding import shelf, unsealing_key
from seatrial.review.benchmarks.api.running import campaign_logs, run_campaign, run_ladder, stop_campaign
from seatrial.review.benchmarks.api.seeing import best_prompt, campaign, campaigns, ended_record, ladder, ladders
from seatrial.review.benchmarks.core.elicitation import PLAIN
from seatrial.review.benchmarks.core.expectation import Expectation, Price, calibrated, expected
from seatrial.review.benchmarks.core.fixed_sample import fixed_sample
from seatrial.review.benchmarks.core.ladder import read_rungs
from seatrial.review.benchmarks.core.ladder import usual_rungs as core_rungs
from seatrial.review.benchmarks.core.manifest import SANDBOX, make_suite, read_suite, suite_bytes
from seatrial.review.benchmarks.core.practice import practice_suite
from seatrial.review.benchmarks.core.record import CampaignRecord, read_record, record_bytes, record_digest, summary_of
from seatrial.review.benchmarks.core.sealing import SealedSuite, is_sealed, read_sealed, seal_suite, sealed_bytes
from seatrial.review.benchmarks.core.secondary import Secondary, secondary
from seatrial.review.benchmarks.core.simulation import simulate
from seatrial.review.benchmarks.core.specification import (
    Committed,
    Specification,
    document_of,
    read_specification,
    specification_bytes,
)
from seatrial.review.benchmarks.core.viewing import view_of
from seatrial.review.benchmarks.queries import rungs, specification, specifications, suites
from seatrial.review.benchmarks.types import (
    CampaignView,
    HandedHalf,
    LadderView,
    Progress,
    Purpose,
    ReleasedHalf,
    Rung,
    Suite,
    Threshold,
)

__all__ = [
    "Adapting",
    "CampaignRecord",
    "CampaignView",
    "Committed",
    "Expectation",
    "LadderView",
    "Price",
    "Progress",
    "SealedSuite",
    "Secondary",
    "Specification",
    "Suite",
    "adapt",
    "best_prompt",
    "calibrated",
    "campaign",
    "campaign_logs",
    "campaigns",
    "commit_specification",
    "document_of",
    "ended_record",
    "expected",
    "fixed_sample",
    "hand_half",
    "is_sealed",
    "ladder",
    "ladders",
    "make_suite",
    "plan_campaign",
    "plan_figure",
    "plan_ladder",
    "plan_tuning",
    "practice_suite",
    "read_arguments",
    "read_record",
    "read_rungs",
    "read_sealed",
    "read_specification",
    "read_suite",
    "record_bytes",
    "record_digest",
    "register_sealed_suite",
    "register_suite",
    "release_half",
    "run_campaign",
    "run_ladder",
    "rungs",
    "seal_suite",
    "sealed_bytes",
    "secondary",
    "simulate",
    "specification",
    "specification_bytes",
    "specifications",
    "stop_campaign",
    "suite",
    "suite_bytes",
    "suites",
    "summary_of",
    "usual_rungs",
    "view_of",
]


def register_suite(*, by: Actor, suite: Suite, at: datetime) -> Digest:
    """See ``actions.register_suite``; the file is kept in this instance's artefacts."""
    return actions.register_suite(by=by, suite=suite, at=at, shelf=shelf())


def register_sealed_suite(*, by: Actor, sealed: SealedSuite, at: datetime) -> Digest:
    """See ``actions.register_sealed_suite``; the file is kept in this instance's artefacts."""
    return actions.register_sealed_suite(by=by, sealed=sealed, at=at, shelf=shelf())


def suite(digest: str) -> Suite:
    """See ``queries.suite``: the content, verified. For running and proving, not for showing to people."""
    return queries.suite(digest, shelf=shelf())


def plan_campaign(
    *,
    by: Actor,
    review: str,
    suite: Digest,
    epochs: int,
    threshold: Threshold,
    name: str,
    seed: str,
    at: datetime,
    exclude_missing_tools: bool = True,
    rung: Rung = Rung(PLAIN),  # noqa: B008 - a frozen value
    specification: str = "",
) -> str:
    """See ``actions.plan_campaign``; the tools are this machine's."""
    return actions.plan_campaign(
        by=by,
        review=review,
        suite_digest=suite,
        epochs=epochs,
        threshold=threshold,
        name=name,
        seed=seed,
        at=at,
        shelf=shelf(),
        tools=MachineTools(),
        exclude_missing_tools=exclude_missing_tools,
        rung=rung,
        specification=specification,
    )


def plan_ladder(
    *,
    by: Actor,
    review: str,
    suite: Digest,
    epochs: int,
    threshold: Threshold,
    rungs: Sequence[Rung],
    name: str,
    seed: str,
    at: datetime,
    specification: str = "",
) -> str:
    """See ``actions.plan_ladder``; the tools are this machine's."""
    return actions.plan_ladder(
        by=by,
        review=review,
        suite_digest=suite,
        epochs=epochs,
        threshold=threshold,
        rungs=rungs,
        name=name,
        seed=seed,
        at=at,
        shelf=shelf(),
        tools=MachineTools(),
        specification=specification,
    )


def usual_rungs(asking: Actor, suite: Digest) -> tuple[Rung, ...]:
    """The rungs for a registered suite unless somebody says otherwise. Raises ``NotFound``, ``Forbidden``."""
    told = queries.shown_manifest(asking, suite)
    tools = not MachineTools().missing([SANDBOX])
    return core_rungs(tools=tools, twins=any(item.twin_of for item in told.items))


def plan_tuning(
    *, by: Actor, review: str, suite: Digest, epochs: int, candidates: Sequence[Rung], seed: str, at: datetime
) -> tuple[str, ...]:
    """One campaign for each of ``candidates`` on a practice split, nothing decided; raises as ``plan_campaign``."""
    threshold = Threshold(suite, "suite-mean", 0.45, 0.55, 0.05)  # of no meaning here: no verdict falls
    return tuple(
        plan_campaign(
            by=by,
            review=review,
            suite=suite,
            epochs=epochs,
            threshold=threshold,
            name=f"tuning: {rung.elicitation.name}",
            seed=seed,
            at=at,
            rung=replace(rung, purpose=Purpose.TUNING, share=None),
        )
        for rung in candidates
    )


def release_half(*, by: Actor, campaign: str, with_custodian: str, at: datetime) -> ReleasedHalf:
    """See ``actions.release_half``."""
    return actions.release_half(
        by=by, campaign=campaign, with_custodian=with_custodian, at=at, shelf=shelf(), instance=unsealing_key()
    )


def hand_half(*, by: Actor, campaign: str, half: str, at: datetime) -> HandedHalf:
    """See ``actions.hand_half``."""
    return actions.hand_half(by=by, campaign=campaign, half=half, at=at, instance=unsealing_key())
