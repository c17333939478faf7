"""Determinations: the body's until shared, then the developer's too.

What stands on a review or on a request that was withdrawn is its developer's alone: for the body the sealed record
remains (V10).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q, QuerySet

from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import NotFound
from seatrial.kernel.labels import Label
from seatrial.parties import api as parties
from seatrial.parties.types import Actor
from seatrial.review.cases import api as cases
from seatrial.review.determinations.core.lifecycle import BODY, MACHINE, NEEDS, Facts, Signing, Statement, state_of
from seatrial.review.determinations.models import Determination
from seatrial.review.determinations.types import DeterminationView, Finding, Part, SignatureView


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
    return tuple(_view(row, asking, names) for row in rows if _sees(asking, row))


def record(asking: Actor, determination_id: str, *, twin: bool = False) -> Record:
    """What the asker may read of it; with ``twin``, what the developer gets, for whoever could read the whole.

    Raises ``NotFound`` (``no-such-determination``, ``no-twin``).
    """
    row = readable(asking, determination_id)
    if twin and not row.twin:
        raise NotFound("no-twin", f"Nothing of {determination_id} is withheld: the developer gets the whole memo.")
    view = _view(row, asking, parties.names())
    if twin and not view.redacted:
        view = replace(view, memo_digest=Digest(row.twin_digest), redacted=True, label=Label.parse(row.twin_label))
    return Record(view, json.loads(row.twin if view.redacted else row.memo), statement_of(row))


def readable(asking: Actor, determination_id: str) -> Determination:
    """The row, for an asker who may read it. Raises ``NotFound`` (``no-such-determination``)."""
    row = _rows().filter(id=determination_id).first()
    if row is None or not _sees(asking, row):
        raise _no_such(determination_id)
    if row.review_id is not None and not _may_know(asking, row.review_id):
        raise _no_such(determination_id)
    if row.request_id is not None and _withdrawn(row) and row.developer_id not in asking.organisations:
        raise _no_such(determination_id)
    return row


def shared_between(asking: Actor, developer: str, body: str, request: str) -> tuple[DeterminationView, ...]:
    """The determinations that may answer ``request``: shared, of these two, newest first."""
    rows = _rows().filter(developer_id=developer, body_id=body, shared_at__isnull=False)
    rows = rows.filter(Q(request_id=request) | Q(review__withdrawn_at__isnull=True, request__isnull=True))
    names = parties.names()
    found = [row for row in rows.order_by("-shared_at", "-id") if _sees(asking, row)]
    return tuple(_view(row, asking, names) for row in found)


def standing_on(asking: Actor, request: str) -> tuple[DeterminationView, ...]:
    """The determinations on a request's documents that the asker may read; whoever calls has checked the request."""
    names = parties.names()
    rows = _rows().filter(request_id=request).order_by("-drafted_at", "-id")
    return tuple(_view(row, asking, names) for row in rows if _sees(asking, row))


def read_all(asking: Actor, ids: Iterable[str], names: Mapping[str, str]) -> dict[str, DeterminationView]:
    """Those of ``ids`` that the asker may read, in a bounded number of queries for each review they stand on."""
    found, known = {}, dict[str, bool]()
    for row in _rows().filter(id__in=list(ids)):
        if row.review_id is not None and row.review_id not in known:
            known[row.review_id] = _may_know(asking, row.review_id)
        if (row.review_id is None or known[row.review_id]) and _sees(asking, row):
            found[row.id] = _view(row, asking, names)
    return found


def _sees(asking: Actor, row: Determination) -> bool:
    """The whole memo, or its twin once that is shared."""
    return asking.may_read(Label.parse(row.label)) or _sees_twin(asking, row)


def _sees_twin(asking: Actor, row: Determination) -> bool:
    return bool(row.twin) and row.shared_at is not None and asking.may_read(Label.parse(row.twin_label))


def _may_know(asking: Actor, review: str) -> bool:
    try:
        cases.developer_of(asking, review)
    except NotFound:
        return False
    return True


def _no_such(determination_id: str) -> NotFound:
    return NotFound("no-such-determination", f"There is no determination {determination_id!r} that you may see.")


def facts_of(row: Determination) -> Facts:
    signers = tuple(signature.person_id for signature in row.signatures.all())
    return Facts(signers, row.shared_at, row.statement, withdrawn=_withdrawn(row))


def _withdrawn(row: Determination) -> bool:
    """True if what it stands on was withdrawn by the developer."""
    return any(one is not None and one.withdrawn_at is not None for one in (row.review, row.request))


def home_of(row: Determination, event: str) -> str:
    """The organisation whose people may cause ``event``."""
    return row.body_id if MACHINE.transitions[event].by == BODY else row.developer_id


def statement_of(row: Determination) -> dict[str, Any]:
    """What both people sign."""
    more = {"reconsiders": row.reconsiders_id, "twin": row.twin_digest or None}
    return {
        "determination": row.id,
        **stands_on(row),
        "campaign": row.campaign or None,
        "finding": row.finding,
        "reasons": row.reasons,
        "memo": row.memo_digest,
        **{name: value for name, value in more.items() if value is not None},
    }


def stands_on(row: Determination) -> dict[str, str | None]:
    """What it stands on, as facts: a review, or a determination request."""
    return {"review": row.review_id} if row.review_id is not None else {"request": row.request_id}


def _view(row: Determination, asking: Actor, names: Mapping[str, str]) -> DeterminationView:
    """The frozen form; whoever calls has checked the label."""
    facts, redacted = facts_of(row), bool(row.twin) and not asking.may_read(Label.parse(row.label))
    return DeterminationView(
        id=row.id,
        developer=row.developer_id,
        body=row.body_id,
        review=row.review_id,
        request=row.request_id,
        campaign=row.campaign or None,
        reconsiders=row.reconsiders_id,
        finding=Finding(row.finding),
        reasons=row.reasons,
        state=state_of(facts, row.drafted_at),
        drafted_at=row.drafted_at,
        memo_digest=Digest(row.twin_digest if redacted else row.memo_digest),
        withheld=tuple(Part(one["part"]) for one in json.loads(row.twin)["withheld"]) if row.twin else (),
        redacted=redacted,
        signatures=tuple(
            SignatureView(s.person_id, names.get(s.person_id, s.person_id), row.body_id, s.at, s.public_key, s.value)
            for s in sorted(row.signatures.all(), key=lambda s: s.pk)
        ),
        shared_at=row.shared_at,
        statement=row.statement,
        label=Label.parse(row.twin_label if redacted else row.label),
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
    return Determination.objects.select_related("review", "request").prefetch_related("signatures")
