"""Attempts are started and finished, each durable before anything follows from it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from seatrial.kernel.errors import Conflict
from seatrial.parties.types import Actor, Role
from seatrial.review.benchmarks.actions.rows import edited, hold, interrupt_open, locked, record, running
from seatrial.review.benchmarks.core.lifecycle import MACHINE
from seatrial.review.benchmarks.models import Attempt
from seatrial.review.benchmarks.types import AttemptOutcome, EndedAttempt

_FINISH = (
    f"UPDATE {Attempt._meta.db_table} SET outcome = %s, score = %s, finished_at = %s, seconds = %s, "  # noqa: S608
    "completion_digest = %s, prompt_tokens = %s, completion_tokens = %s, model_identity = %s, refused = %s, error = %s "
    f"WHERE campaign_id = %s AND cell = %s AND number = %s AND outcome = '{AttemptOutcome.OPEN}'"
)


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


def take_down(
    *,
    campaign: str,
    run: str,
    ended: Sequence[EndedAttempt] = (),
    begun: Sequence[tuple[str, int]] = (),
    at: datetime,
) -> None:
    """A round of a run, durable and whole: what open attempts came to, and further ones as (cell, number).

    Raises ``Conflict``: ``run-superseded`` or ``campaign-ended`` if the run is not the campaign's any more,
    ``counted-twice`` if an attempt is not open, or its cell has a score.
    """
    try:
        with transaction.atomic(durable=True):
            hold(campaign, run)
            if ended:
                _finish(campaign, ended, at)
            Attempt.objects.bulk_create(
                Attempt(campaign_id=campaign, cell=cell, number=number, started_at=at) for cell, number in begun
            )
    except IntegrityError as error:
        raise Conflict(
            "counted-twice", f"A cell of {campaign} has this attempt, or a score, already; each is taken once."
        ) from error


@transaction.atomic(durable=True)
def note_shortage(*, campaign: str, run: str, short: str) -> None:
    """Write into the campaign's note that it will probably not be finished, and why. Raises as ``take_down``."""
    row = running(campaign, run)
    row.note = short
    row.save(update_fields=["note"])


def _finish(campaign: str, ended: Sequence[EndedAttempt], at: datetime) -> None:
    """One statement for all: an update through the tables' own classes costs more than what it writes."""
    moment = connection.ops.adapt_datetimefield_value(at)
    with connection.cursor() as cursor:
        cursor.executemany(_FINISH, [(*_columns(one, moment), campaign, one.result.cell, one.number) for one in ended])
        changed = cursor.rowcount
    if changed != len(ended):
        named = ", ".join(f"{one.number} at {one.result.cell}" for one in ended)
        raise Conflict("counted-twice", f"Of the attempts {named} not all are open; no result of these was taken.")


def _columns(ended: EndedAttempt, moment: Any) -> tuple[Any, ...]:
    result = ended.result
    return (
        *(str(ended.outcome), result.score, moment, result.seconds, result.completion_digest or None),
        *(result.prompt_tokens, result.completion_tokens, result.model_identity[:300], result.refused, result.error),
    )
