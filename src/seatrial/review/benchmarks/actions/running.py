"""Attempts are started and finished, each durable before anything follows from it."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import IntegrityError, transaction

from seatrial.kernel.errors import Conflict
from seatrial.parties.types import Actor, Role
from seatrial.review.benchmarks.actions.rows import edited, interrupt_open, locked, record, running
from seatrial.review.benchmarks.core.lifecycle import MACHINE
from seatrial.review.benchmarks.models import Attempt
from seatrial.review.benchmarks.types import AttemptOutcome, AttemptResult


@transaction.atomic
def begin_run(*, by: Actor, campaign: str, at: datetime) -> str:
    """Take the campaign over for one run; its token. Whatever an earlier run left open is marked interrupted.

    Raises ``Refused`` (``wrong-state``) when it has ended.
    """
    row = locked(campaign)
    by.require(row.body, Role.EVALUATOR, to="run a campaign")
    changed = edited(row, by)
    if changed:
        raise Conflict(
            "plan-differs",
            f"The {', '.join(changed)} of {campaign} is no longer what the ledger has: it was edited after the plan "
            "was committed, so nothing is run. Restore it, or stop this campaign and plan another.",
        )
    row.state = MACHINE.apply(row.state, "run", None, at)
    row.run = f"run-{uuid.uuid4().hex[:16]}"
    row.started_at = row.started_at or at
    row.note = None
    row.save(update_fields=["state", "run", "started_at", "note"])
    interrupted = interrupt_open(row, at, "the run ended before the attempt did")
    record(row, "benchmarks.campaign-run", by, at, run=row.run, interrupted=interrupted)
    return row.run


@transaction.atomic(durable=True)
def begin_attempt(*, campaign: str, run: str, cell: str, at: datetime) -> int:
    """One more attempt at ``cell``, counted from this moment; its number. Raises ``Conflict`` (``run-superseded``)."""
    row = running(campaign, run)
    number = row.attempts.filter(cell=cell).count() + 1
    Attempt.objects.create(campaign=row, cell=cell, number=number, started_at=at)
    return number


@transaction.atomic(durable=True)
def finish_attempt(
    *, campaign: str, run: str, number: int, outcome: AttemptOutcome, result: AttemptResult, at: datetime
) -> None:
    """What the attempt came to, once. Raises ``Conflict`` (``counted-twice``, ``run-superseded``)."""
    row = running(campaign, run)
    attempts = row.attempts.filter(cell=result.cell, number=number, outcome=AttemptOutcome.OPEN)
    try:
        with transaction.atomic():
            changed = attempts.update(
                outcome=outcome,
                score=result.score,
                finished_at=at,
                seconds=result.seconds,
                completion_digest=result.completion_digest or None,
                prompt_tokens=result.prompt_tokens,
                completion_tokens=result.completion_tokens,
                model_identity=result.model_identity[:300],
                refused=result.refused,
                error=result.error,
            )
    except IntegrityError as error:
        raise Conflict(
            "counted-twice", f"The cell {result.cell} has a score already; a cell is scored once."
        ) from error
    if changed != 1:
        raise Conflict("counted-twice", f"Attempt {number} at {result.cell} is not open; its result was not taken.")
