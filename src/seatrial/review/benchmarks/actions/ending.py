"""Campaigns end: in the state their attempts justify, counted anew from the rows."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from seatrial.kernel.errors import Misuse
from seatrial.parties.types import Actor, Role
from seatrial.review.benchmarks.actions.halves import forget_halves
from seatrial.review.benchmarks.actions.rows import edited, interrupt_open, locked, record, running
from seatrial.review.benchmarks.core.lifecycle import MACHINE
from seatrial.review.benchmarks.core.record import record_digest, summary_of, tally_of
from seatrial.review.benchmarks.models import Campaign
from seatrial.review.benchmarks.queries import record_of
from seatrial.review.benchmarks.types import CampaignState, Purpose, Verdict


@transaction.atomic
def conclude(*, by: Actor, campaign: str, run: str, reason: str | None, at: datetime) -> CampaignState:
    """End the run's campaign in the state its attempts justify; ``reason`` is why it stopped, if it did.

    Everything is counted anew from the rows: nothing a runner held in memory decides.
    """
    row = running(campaign, run)
    interrupt_open(row, at, "the campaign ended before the attempt did")
    tally = tally_of(record_of(row))
    changed = edited(row, by)
    if changed:
        state = CampaignState.VOID
        reason = f"The {', '.join(changed)} of the plan was edited after it was committed to the ledger."
    elif tally.decision.verdict is not Verdict.UNDECIDED:
        state, reason = CampaignState.DECIDED, None  # whatever came after the verdict
    elif tally.model_changed:
        state, reason = CampaignState.VOID, reason or "Another model answered under the same name."
    elif tally.decision.counted == tally.decision.cells:
        state = CampaignState.EXHAUSTED
        reason = reason or (
            "Every cell is spent, and the verdict hangs on cells that could not be run."
            if row.purpose == Purpose.DECIDE
            else "Every cell was run; nothing was to be decided."
        )
    else:
        state = CampaignState.STOPPED
    return _end(row, by, at, MACHINE.apply(row.state, "conclude", state, at), reason)


@transaction.atomic
def void_campaign(*, by: Actor, campaign: str, run: str, reason: str, at: datetime) -> None:
    """End the run's campaign as void: what would answer from here on is another build."""
    row = running(campaign, run)
    _end(row, by, at, MACHINE.apply(row.state, "conclude", CampaignState.VOID, at), reason)


@transaction.atomic
def stop_campaign(*, by: Actor, campaign: str, reason: str, at: datetime) -> None:
    """End a campaign by hand. A process that runs it notices at its next attempt and writes no more."""
    row = locked(campaign)
    by.require(row.body, Role.EVALUATOR, to="stop a campaign")
    if not reason.strip():
        raise Misuse("reason-missing", "Say in a few words why this campaign is stopped; it stands in the memo.")
    _end(row, by, at, MACHINE.apply(row.state, "stop", None, at), reason.strip())


def _end(row: Campaign, by: Actor, at: datetime, state: str, reason: str | None) -> CampaignState:
    interrupt_open(row, at, "the campaign ended before the attempt did")
    row.state, row.note, row.finished_at, row.run = state, reason, at, None
    ended = record_of(row)
    tally = tally_of(ended)
    row.summary = summary_of(ended, CampaignState(state), tally)
    row.save(update_fields=["state", "note", "finished_at", "run", "summary"])
    forget_halves(row)
    record(
        row,
        "benchmarks.campaign-concluded",
        by,
        at,
        state=state,
        summary=row.summary,
        record=record_digest(ended),
        seed=row.seed,
        seed_salt=row.seed_salt,
        order=row.order_digest,
        attempts=len(ended.attempts),
        counted=tally.decision.counted,
    )
    return CampaignState(state)
