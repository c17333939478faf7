"""Every read of determinations: the body's until shared, then the developer's too."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import QuerySet

from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import NotFound
from seatrial.kernel.labels import Label
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, Role
from seatrial.review.cases import api as cases

from .core.lifecycle import BODY, MACHINE, Facts, state_of
from .models import Determination
from .types import DeterminationState, DeterminationView, Finding, SignatureView

# Which role it takes, on the side the table names. Signing takes both: an authority, and the right to sign.
ROLES = {"sign": Role.SIGNATORY, "share": Role.AUTHORITY, "attach_statement": Role.SIGNATORY}


def determination(asking: Actor, determination_id: str) -> DeterminationView:
    """Raises ``NotFound`` (``no-such-determination``), also for one the asker may not know of."""
    return view(readable(asking, determination_id), asking, parties.names())


def determinations(asking: Actor, review: str) -> tuple[DeterminationView, ...]:
    """The determinations of a review that the asker may see, newest first."""
    cases.developer_of(asking, review)
    names = parties.names()
    rows = _rows().filter(review_id=review).order_by("-drafted_at", "-id")
    return tuple(view(row, asking, names) for row in rows if asking.may_read(Label.parse(row.label)))


def memo(asking: Actor, determination_id: str) -> dict[str, Any]:
    """The stored content of the memo. Raises ``NotFound`` (``no-such-determination``)."""
    return dict(json.loads(readable(asking, determination_id).memo))


def readable(asking: Actor, determination_id: str) -> Determination:
    """The row, for an asker who may read it. Raises ``NotFound`` (``no-such-determination``)."""
    row = _rows().filter(id=determination_id).first()
    if row is None or not asking.may_read(Label.parse(row.label)):
        raise NotFound("no-such-determination", f"There is no determination {determination_id!r} that you may see.")
    cases.developer_of(asking, row.review_id)
    return row


def facts_of(row: Determination) -> Facts:
    signers = tuple(signature.person_id for signature in row.signatures.all())
    return Facts(signers, row.shared_at, row.statement)


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


def view(row: Determination, asking: Actor, names: dict[str, str]) -> DeterminationView:
    """The frozen form; whoever calls has checked the label."""
    facts = facts_of(row)
    state = state_of(facts, row.drafted_at)
    return DeterminationView(
        id=row.id,
        review=row.review_id,
        campaign=row.campaign,
        finding=Finding(row.finding),
        reasons=row.reasons,
        state=state,
        memo_digest=Digest(row.memo_digest),
        signatures=tuple(
            SignatureView(s.person_id, names.get(s.person_id, s.person_id), s.at, s.public_key)
            for s in sorted(row.signatures.all(), key=lambda s: s.pk)
        ),
        shared_at=row.shared_at,
        statement=row.statement,
        label=Label.parse(row.label),
        may=_may(row, facts, state, asking),
    )


def _may(row: Determination, facts: Facts, state: DeterminationState, asking: Actor) -> tuple[str, ...]:
    found = []
    for event, transition in MACHINE.transitions.items():
        home = row.review.body_id if transition.by == BODY else row.review.developer_id
        roles = [ROLES[event], *([Role.AUTHORITY] if event == "sign" else [])]
        if state not in transition.sources or not all(asking.has(role, home) for role in roles):
            continue
        if (event == "sign" and asking.person in facts.signers) or (event == "attach_statement" and facts.statement):
            continue
        found.append(event)
    return tuple(found)


def _rows() -> QuerySet[Determination]:
    return Determination.objects.select_related("review").prefetch_related("signatures")
