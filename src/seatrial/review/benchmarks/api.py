"""The door to benchmarks: suites, campaigns, and running them. Binds the shelf, the tools and the runner."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from django.conf import settings

from seatrial.compute.api import Executor, ExecutorKind
from seatrial.kernel.clock import iso, now
from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import Misuse, NotFound, Refused, Unavailable
from seatrial.kernel.recipients import PrivateKey, new_private_key
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, Role
from seatrial.review.access import api as access
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import ENDED

from . import actions, queries
from .actions import commit_specification
from .adapters.crew_runner import CrewRunner
from .adapters.inspect_adapting import Adapting, adapt, read_arguments
from .adapters.inspect_runner import InspectRunner
from .adapters.log_folder import open_logs, seal_logs
from .adapters.machine_tools import MachineTools
from .adapters.plan_figure import plan_figure
from .adapters.suite_shelf import FolderShelf
from .core.elicitation import PLAIN
from .core.expectation import Expectation, Price, calibrated, expected
from .core.fixed_sample import fixed_sample
from .core.forecast import Means, forecast
from .core.ladder import read_rungs
from .core.ladder import usual_rungs as core_rungs
from .core.lifecycle import FINAL
from .core.manifest import SANDBOX, make_suite, needs_of, read_suite, suite_bytes
from .core.practice import practice_suite
from .core.record import CampaignRecord, read_record, record_bytes, record_digest, summary_of
from .core.sealing import SealedSuite, is_sealed, read_sealed, seal_suite, sealed_bytes
from .core.secondary import Secondary, secondary
from .core.simulation import simulate
from .core.specification import Committed, Specification, document_of, read_specification, specification_bytes
from .core.viewing import view_of
from .ports import Runner, Work
from .queries import rungs, specification, specifications, suites
from .types import (
    CampaignState,
    CampaignView,
    HandedHalf,
    Item,
    LadderView,
    Progress,
    Purpose,
    ReleasedHalf,
    Rung,
    Suite,
    Threshold,
    Verdict,
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

_UNBOUNDED = Means(None, None, None)  # a reference model's calls go elsewhere


def register_suite(*, by: Actor, suite: Suite, at: datetime) -> Digest:
    """See ``actions.register_suite``; the file is kept in this instance's artefacts."""
    return actions.register_suite(by=by, suite=suite, at=at, shelf=_shelf())


def register_sealed_suite(*, by: Actor, sealed: SealedSuite, at: datetime) -> Digest:
    """See ``actions.register_sealed_suite``; the file is kept in this instance's artefacts."""
    return actions.register_sealed_suite(by=by, sealed=sealed, at=at, shelf=_shelf())


def suite(digest: str) -> Suite:
    """See ``queries.suite``: the content, verified. For running and proving, not for showing to people."""
    return queries.suite(digest, shelf=_shelf())


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
        shelf=_shelf(),
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
        shelf=_shelf(),
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
        by=by, campaign=campaign, with_custodian=with_custodian, at=at, shelf=_shelf(), instance=_unsealing_key()
    )


def hand_half(*, by: Actor, campaign: str, half: str, at: datetime) -> HandedHalf:
    """See ``actions.hand_half``."""
    return actions.hand_half(by=by, campaign=campaign, half=half, at=at, instance=_unsealing_key())


def campaign(asking: Actor, campaign_id: str) -> CampaignView:
    """A campaign of a review that the asker may still see: a withdrawal takes it away with the review (V10).

    Raises ``NotFound`` (``no-such-campaign``).
    """
    found = queries.campaign(asking, campaign_id)
    if not _shown(asking, found.review):
        raise queries.no_such_campaign(campaign_id)
    if found.state is not CampaignState.RUNNING:
        return found
    means = _UNBOUNDED if found.purpose is Purpose.REFERENCE else _means(asking, found.review, now())
    decides = found.purpose is Purpose.DECIDE
    pace = queries.pace(campaign_id)
    return replace(found, forecast=forecast(found.decision, found.threshold.alpha, pace, means, now(), decides=decides))


def campaigns(asking: Actor, review: str) -> tuple[CampaignView, ...]:
    """The campaigns of a review that the asker may see, in the order planned; none of one that it may not know of."""
    return queries.campaigns(asking, review) if _shown(asking, review) else ()


def ended_record(asking: Actor, campaign_id: str) -> CampaignRecord:
    """The whole record of a campaign that has ended: what a memo is verified with, offline.

    Raises ``NotFound`` (``no-such-campaign``), ``Refused`` (``campaign-goes-on``).
    """
    found = queries.ended_record(asking, campaign_id)
    if not _shown(asking, found.review):
        raise queries.no_such_campaign(campaign_id)
    return found


def ladder(asking: Actor, ladder_id: str) -> LadderView:
    """A ladder of a review that the asker may still see. Raises ``NotFound`` (``no-such-ladder``)."""
    found = queries.ladder(asking, ladder_id)
    if not _shown(asking, found.review):
        raise queries.no_such_ladder(ladder_id)
    return found


def ladders(asking: Actor, review: str) -> tuple[LadderView, ...]:
    """The ladders of a review that the asker may see, in the order planned; none of one that it may not know of."""
    return queries.ladders(asking, review) if _shown(asking, review) else ()


def _shown(asking: Actor, review: str) -> bool:
    try:
        cases.developer_of(asking, review)
    except NotFound:
        return False
    return True


def run_campaign(
    *,
    by: Actor,
    campaign: str,
    base_url: str,
    key: str,
    concurrency: int,
    progress: Callable[[Progress], None] | None = None,
    timeout_seconds: float = 600.0,
    runner: Runner | None = None,
    clock: Callable[[], datetime] = now,
) -> CampaignView:
    """Run a campaign until its decision, or take it up where it was left; one that has ended is returned as it is.

    Blocks; every row is written in the calling thread, the cells run in another. ``base_url`` and ``key``
    are the gateway's and the evaluator's own; ``concurrency`` is capped by the consent's. Raises
    ``Unavailable`` (``endpoint-unavailable``, ``tools-missing``, ``inspect-failed``, …) with the campaign left
    running, to be taken up again; ``Refused`` (``not-open-yet``) before the window; ``Conflict``
    (``run-superseded``, ``campaign-ended``) if someone else took it over or ended it meanwhile.
    """
    try:
        return _run(by, campaign, base_url, key, concurrency, progress, timeout_seconds, runner, clock)
    finally:
        _put_logs_away(campaign)


def _run(
    by: Actor,
    campaign: str,
    base_url: str,
    key: str,
    concurrency: int,
    progress: Callable[[Progress], None] | None,
    timeout_seconds: float,
    runner: Runner | None,
    clock: Callable[[], datetime],
) -> CampaignView:
    view = queries.campaign(by, campaign)
    if view.state in FINAL:
        return view
    standing = cases.standing(view.review, clock())
    by.require(standing.body, Role.EVALUATOR, to="run a campaign")
    if standing.state not in ENDED and standing.window is not None and clock() < standing.window.opens:
        raise Refused("not-open-yet", f"Access opens {iso(standing.window.opens)}; run the campaign then.")
    plan = queries.plan(campaign)
    items = _items(plan)
    run = actions.begin_run(by=by, campaign=campaign, at=clock())
    stopped = None
    if standing.reason is not None or standing.consent is None:
        stopped = f"Access to the model ended: {standing.reason or 'there is no consent'}"
    elif standing.consent.artefact != plan.artefact:
        reason = "The developer's consent now names another build than the one this campaign was planned for."
        actions.void_campaign(by=by, campaign=campaign, run=run, reason=reason, at=clock())
        return queries.campaign(by, campaign)
    else:
        workers = max(1, min(concurrency, standing.consent.budget.concurrency))
        book = actions.Book(
            plan=plan,
            run=run,
            prefix=queries.prefix(campaign),
            workers=workers,
            progress=progress,
            clock=clock,
            means=lambda: _UNBOUNDED if plan.purpose is Purpose.REFERENCE else _means(by, view.review, clock()),
        )
        left = frozenset(book.prefix.remaining)
        work = Work(
            campaign=campaign,
            cells=[cell for cell in plan.cells if cell.id in left],
            items=items,
            elicitation=plan.elicitation,
            model=plan.model,
            base_url=base_url,
            key=key,
            concurrency=workers,
            timeout_seconds=timeout_seconds,
            log_dir=_logs(campaign),
        )
        stopped = book.serve(partial((runner or _runner()).run, work, book))
    actions.conclude(by=by, campaign=campaign, run=run, reason=stopped, at=clock())
    return queries.campaign(by, campaign)


def stop_campaign(*, by: Actor, campaign: str, reason: str, at: datetime) -> None:
    """See ``actions.stop_campaign``."""
    actions.stop_campaign(by=by, campaign=campaign, reason=reason, at=at)
    _put_logs_away(campaign)


def campaign_logs(asking: Actor, campaign_id: str, *, to: Path, key: PrivateKey) -> tuple[Path, ...]:
    """The logs that Inspect left of a campaign, in the folder ``to``, for ``inspect view``; sealed ones need ``key``.

    Raises ``NotFound`` (``no-such-campaign``, ``no-logs``), ``Misuse`` (``not-a-recipient``, ``sealed-broken``).
    """
    return open_logs(_logs(campaign(asking, campaign_id).id), to, key, context=_logs_context(campaign_id))


def _put_logs_away(campaign_id: str) -> None:
    """A sealed suite's logs lie open no longer than its campaign goes on."""
    keys = parties.recipients_in_force(queries.custodians_at_end(campaign_id, shelf=_shelf()))
    if keys:
        seal_logs(_logs(campaign_id), list(keys.values()), context=_logs_context(campaign_id))


def _logs(campaign_id: str) -> Path:
    return settings.SEATRIAL.artefacts / "campaigns" / campaign_id


def _logs_context(campaign_id: str) -> dict[str, str]:
    return {"what": "logs", "campaign": campaign_id}


def run_ladder(
    *,
    by: Actor,
    ladder: str,
    base_url: str,
    key: str,
    concurrency: int,
    references: Mapping[str, tuple[str, str]] | None = None,
    progress: Callable[[str, Progress], None] | None = None,
    runner: Runner | None = None,
    clock: Callable[[], datetime] = now,
) -> LadderView:
    """Run a ladder's rungs in order, each until its end; deciding ones that are no longer needed are stopped unrun.

    ``references`` maps a reference's model to its endpoint and key; one that is not named stays planned. ``progress``
    gets a rung's name with each step. Raises what ``run_campaign`` does; run again, it goes on where it was.
    """
    for rung in queries.ladder(by, ladder).rungs:
        name = rung.method.name if rung.method else rung.name
        url, secret = base_url, key
        if rung.purpose is Purpose.REFERENCE:
            if rung.model not in (references or {}):
                continue
            url, secret = (references or {})[rung.model]
        elif _not_needed(by, ladder, rung):
            reason = "The ladder was decided by an earlier rung; this one was not needed."
            stop_campaign(by=by, campaign=rung.id, reason=reason, at=clock())
            continue
        run_campaign(
            by=by,
            campaign=rung.id,
            base_url=url,
            key=secret,
            concurrency=concurrency,
            progress=partial(progress, name) if progress else None,
            runner=runner,
            clock=clock,
        )
    return queries.ladder(by, ladder)


def _not_needed(by: Actor, ladder: str, rung: CampaignView) -> bool:
    deciding = rung.purpose is Purpose.DECIDE and rung.state not in FINAL
    return deciding and queries.ladder(by, ladder).verdict is not Verdict.UNDECIDED


def best_prompt(asking: Actor, tuned: Sequence[str]) -> CampaignView:
    """Of tuning campaigns the one whose way of asking solved most; the first of equals.

    Raises ``Misuse`` (``bad-tuning``) unless all have counted something.
    """
    views = [campaign(asking, one) for one in tuned]
    if not views or any(view.purpose is not Purpose.TUNING or not view.counted for view in views):
        raise Misuse("bad-tuning", "Name tuning campaigns that have run; one of these is none, or counted nothing yet.")
    return max(views, key=lambda view: view.decision.mean)


def _runner() -> Runner:
    """As SEATRIAL_EXECUTOR says."""
    executor = Executor.parse(settings.SEATRIAL.executor)
    return InspectRunner() if executor.kind is ExecutorKind.INLINE else CrewRunner(executor)


def _items(plan: queries.Plan) -> dict[str, Item]:
    """The suite's items, opened and verified, once this machine has every tool the planned ones need."""
    opened = queries.opened_suite(plan.id, shelf=_shelf(), instance=_unsealing_key())
    items = {item.id: item for item in opened.items}
    missing = MachineTools().missing(frozenset().union(*(needs_of(items[cell.item]) for cell in plan.cells)))
    if missing:
        raise Unavailable("tools-missing", " ".join(missing.values()), missing=sorted(missing))
    return items


def _means(by: Actor, review: str, at: datetime) -> Means:
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


def _unsealing_key() -> PrivateKey:
    """This instance's own key, for which custodians wrap their halves; made at first use."""
    return new_private_key(settings.SEATRIAL.keys / "unsealing.pem")


def _shelf() -> FolderShelf:
    return FolderShelf(settings.SEATRIAL.artefacts / "suites")
