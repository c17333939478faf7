"""Every read of determinations: the body's until shared, then the developer's too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import NotFound
from seatrial.kernel.labels import Label
from seatrial.parties import api as parties
from seatrial.parties.types import Actor
from seatrial.review.cases import api as cases

from .core.lifecycle import BODY, MACHINE, NEEDS, Facts, Signing, Statement, state_of
from .models import Determination
from .types import DeterminationView, Finding, SignatureView


@dataclass(frozen=True, slots=True)
class Record:
    """A determination whole: as seen now, the memo as it was fixed, and the statement that was signed."""

    view: DeterminationView
    memo: Mapping[str, Any]
    statement: Mapping[str, Any]


def determination(asking: Actor, determination_id: str) -> DeterminationView:
    """Raises ``NotFound`` (``no-such-determination``), also for one the asker may not know of."""
    return _view(readable(asking, determination_id), asking, parties.names())


def determinations(asking: Actor, review: str) -> tuple[DeterminationView, ...]:
    """The determinations of a review that the asker may see, newest first."""
    cases.developer_of(asking, review)
    names = parties.names()
    rows = _rows().filter(review_id=review).order_by("-drafted_at", "-id")
    return tuple(_view(row, asking, names) for row in rows if asking.may_read(Label.parse(row.label)))


def record(asking: Actor, determination_id: str) -> Record:
    """Raises ``NotFound`` (``no-such-determination``)."""
    row = readable(asking, determination_id)
    return Record(_view(row, asking, parties.names()), json.loads(row.memo), statement_of(row))


def readable(asking: Actor, determination_id: str) -> Determination:
    """The row, for an asker who may read it. Raises ``NotFound`` (``no-such-determination``)."""
    row = _rows().filter(id=determination_id).first()
    if row is None or not asking.may_read(Label.parse(row.label)):
        raise NotFound("no-such-determination", f"There is no determination {determination_id!r} that you may see.")
    cases.developer_of(asking, row.review_id)
    return row


def facts_of(row: Determination) -> Facts:
    signers = tuple(signature.person_id for signature in row.signatures.all())
    return Facts(signers, row.shared_at, row.statement, withdrawn=row.review.withdrawn_at is not None)


def home_of(row: Determination, event: str) -> str:
    """The organisation whose people may cause ``event``."""
    return row.review.body_id if MACHINE.transitions[event].by == BODY else row.review.developer_id


def statement_of(row: Determination) -> dict[str, Any]:
    """What both people sign."""
    return {
        "determination": row.id,
        "review": row.review_id,
        "campaign": row.campaign,
        "finding": row.finding,
        "reasons": row.reasons,
        "memo": row.memo_digest,
    }


def _view(row: Determination, asking: Actor, names: Mapping[str, str]) -> DeterminationView:
    """The frozen form; whoever calls has checked the label."""
    facts = facts_of(row)
    return DeterminationView(
        id=row.id,
        review=row.review_id,
        campaign=row.campaign,
        finding=Finding(row.finding),
        reasons=row.reasons,
        state=state_of(facts, row.drafted_at),
        memo_digest=Digest(row.memo_digest),
        signatures=tuple(
            SignatureView(
                s.person_id, names.get(s.person_id, s.person_id), row.review.body_id, s.at, s.public_key, s.value
            )
            for s in sorted(row.signatures.all(), key=lambda s: s.pk)
        ),
        shared_at=row.shared_at,
        statement=row.statement,
        label=Label.parse(row.label),
        may=tuple(event for event in MACHINE.transitions if _may(row, facts, event, asking)),
    )


def _may(row: Determination, facts: Facts, event: str, asking: Actor) -> bool:
    """The same roles and the same table that the action asks."""
    details = {"sign": Signing(asking.person), "attach_statement": Statement("")}.get(event)
    home = home_of(row, event)
    return (
        all(asking.has(role, home) for role in NEEDS[event])
        and MACHINE.refusal(facts, event, details, row.drafted_at) is None
    )


def _rows() -> QuerySet[Determination]:
    return Determination.objects.select_related("review").prefetch_related("signatures")
