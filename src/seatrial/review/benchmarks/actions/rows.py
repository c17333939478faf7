"""What the writes of this room share: the locked row, its one entry, its label."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from seatrial.kernel.canonical import plain
from seatrial.kernel.digests import commitment
from seatrial.kernel.errors import Conflict, NotFound
from seatrial.kernel.labels import Label
from seatrial.ledger import api as ledger
from seatrial.ledger.types import EntryRef
from seatrial.parties.types import Actor
from seatrial.review.benchmarks.core.lifecycle import FINAL
from seatrial.review.benchmarks.core.order import cell_of, order_digest
from seatrial.review.benchmarks.models import Campaign
from seatrial.review.benchmarks.types import AttemptOutcome, CampaignState, Manifest


def record(row: Campaign, kind: str, by: Actor, at: datetime, **facts: Any) -> EntryRef:
    """Both sides see that and how a campaign was planned and ended; items, scores and the verdict stay digests."""
    return ledger.append(
        kind=kind,
        actor=by.person,
        facts={"campaign": row.id, "review": row.review, **facts},
        label=Label.among(row.developer, row.body),
        at=at,
    )


def plan_facts(row: Campaign) -> dict[str, Any]:
    """What is committed to before the first attempt, as the ledger gets it. How the model is asked is the body's own
    affair: the developer, who reads the entry too, sees only that it is fixed."""
    return {
        "suite": row.suite_id,
        "threshold": {"metric": row.metric, "low": row.low, "high": row.high, "alpha": row.alpha},
        "specification": row.specification or None,
        "epochs": row.epochs,
        "cells": len(row.order),
        "order": row.order_digest,
        "seed_commitment": row.seed_commitment,
        "model": row.model,
        "artefact": row.artefact,
        "excluded": row.excluded,
        "elicitation_commitment": commitment(row.seed_salt, "elicitation", row.method),
        "purpose": row.purpose,
    }


def edited(row: Campaign, by: Actor) -> tuple[str, ...]:
    """What of the plan is no longer as the ledger has it: then nothing that is counted means what was committed."""
    if row.planned_entry is None:  # planned before entries were noted
        return ()
    index = row.planned_entry
    [entry] = ledger.entries(by, after=index - 1, before=index + 1)
    told = {name: opening["value"] for name, opening in entry.openings.items()}
    before = {"elicitation": row.method}  # entries from before it was committed to
    now = {**before, **plain(plan_facts(row)), "order": order_digest([cell_of(cell) for cell in row.order])}
    return tuple(
        name.removesuffix("_commitment") for name, value in now.items() if name in told and told[name] != value
    )


def locked(campaign: str) -> Campaign:
    row = Campaign.objects.select_for_update().filter(id=campaign).first()
    if row is None:
        raise _unknown(campaign)
    return row


def running(campaign: str, run: str) -> Campaign:
    row = locked(campaign)
    _check(row, run)
    return row


def hold(campaign: str, run: str) -> None:
    """As ``running``, but reads no more than whose the campaign is: for what happens with every attempt."""
    row = Campaign.objects.select_for_update().only("run", "state").filter(id=campaign).first()
    if row is None:
        raise _unknown(campaign)
    _check(row, run)


def _check(row: Campaign, run: str) -> None:
    if row.run != run:
        ended = CampaignState(row.state) in FINAL
        raise Conflict(
            "campaign-ended" if ended else "run-superseded",
            f"The campaign {row.id} {'was ended' if ended else 'is run by another process'} meanwhile; "
            "this run writes no more.",
        )


def _unknown(campaign: str) -> NotFound:
    return NotFound("no-such-campaign", f"There is no campaign {campaign} that you may see; list a review's.")


def interrupt_open(row: Campaign, at: datetime, why: str) -> int:
    return row.attempts.filter(outcome=AttemptOutcome.OPEN).update(
        outcome=AttemptOutcome.INTERRUPTED, finished_at=at, error=why
    )


def beyond(least: Label, manifest: Manifest) -> Label:
    """``least`` raised to the level and compartments of every item."""
    levels, compartments = {least.level}, set(least.compartments)
    for item in manifest.items:
        levels.add(item.label.level)
        compartments |= item.label.compartments
    return Label(max(levels), frozenset(compartments), least.tlp, least.audience)
