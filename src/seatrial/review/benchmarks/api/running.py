"""Campaigns and ladders are run: to their end, or until something makes them pause."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path

from django.conf import settings

from seatrial.kernel.clock import iso, now
from seatrial.kernel.errors import Refused, Unavailable
from seatrial.kernel.recipients import PrivateKey
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, Role
from seatrial.review.benchmarks import actions, queries
from seatrial.review.benchmarks.adapters.log_folder import open_logs, seal_logs
from seatrial.review.benchmarks.adapters.machine_tools import MachineTools
from seatrial.review.benchmarks.api.binding import UNBOUNDED, means_of, runner_of_settings, shelf, unsealing_key
from seatrial.review.benchmarks.api.seeing import campaign as visible_campaign
from seatrial.review.benchmarks.core.lifecycle import FINAL
from seatrial.review.benchmarks.core.manifest import needs_of
from seatrial.review.benchmarks.ports import Runner, Work
from seatrial.review.benchmarks.types import CampaignView, Item, LadderView, Progress, Purpose, Verdict
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import ENDED


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
            means=lambda: UNBOUNDED if plan.purpose is Purpose.REFERENCE else means_of(by, view.review, clock()),
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
        stopped = book.serve(partial((runner or runner_of_settings()).run, work, book))
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
    return open_logs(_logs(visible_campaign(asking, campaign_id).id), to, key, context=_logs_context(campaign_id))


def _put_logs_away(campaign_id: str) -> None:
    """A sealed suite's logs lie open no longer than its campaign goes on."""
    keys = parties.recipients_in_force(queries.custodians_at_end(campaign_id, shelf=shelf()))
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


def _items(plan: queries.Plan) -> dict[str, Item]:
    """The suite's items, opened and verified, once this machine has every tool the planned ones need."""
    opened = queries.opened_suite(plan.id, shelf=shelf(), instance=unsealing_key())
    items = {item.id: item for item in opened.items}
    missing = MachineTools().missing(frozenset().union(*(needs_of(items[cell.item]) for cell in plan.cells)))
    if missing:
        raise Unavailable("tools-missing", " ".join(missing.values()), missing=sorted(missing))
    return items
