"""Determination requests: drafted and asked by the developer, answered by the body, ended by the developer.

What happens to a draft is recorded in the developer's own log, so that nobody else can tell it from nothing (V10).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from seatrial.kernel.digests import digest, digest_of, parse_digest
from seatrial.kernel.errors import Misuse
from seatrial.kernel.labels import Label
from seatrial.kernel.text import checked
from seatrial.ledger import api as ledger
from seatrial.ledger.types import MAIN
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, OrganisationKind, Role
from seatrial.review.cases import api as cases
from seatrial.review.determinations.core.reconsideration import checked_evidence
from seatrial.review.determinations.core.request import DEVELOPER, MACHINE, ROLES, Answer, Request
from seatrial.review.determinations.models import DeterminationRequest, Reconsideration, RequestAnswer, RequestPost
from seatrial.review.determinations.queries import pinned_evidence, readable, readable_request, request_facts, side_of
from seatrial.review.determinations.types import (
    LONGEST_MODEL,
    LONGEST_POST,
    LONGEST_TEXT,
    Evidence,
    EvidenceKind,
    Question,
)
from seatrial.review.dossiers import api as dossiers
from seatrial.review.dossiers.types import Audience

_SAID = {
    "revise": "change a determination request",
    "ask": "ask for a determination",
    "acknowledge": "acknowledge a determination request",
    "answer": "answer a determination request",
    "ask_reconsideration": "ask for a reconsideration",
    "post": "write on a determination request",
    "close": "close a determination request",
    "withdraw": "withdraw a determination request",
}


@transaction.atomic
def draft_request(*, by: Actor, developer: str, body: str, question: Question, at: datetime) -> str:
    """Write down what to ask; nobody but the developer can know of it until it is asked. Returns its id.

    Raises ``Forbidden`` (``role-missing``), ``Misuse`` (``bad-text``, ``not-a-body``, ``not-of-these-two``,
    ``dossier-not-shared``), ``NotFound`` (``no-such-review``, ``no-such-organisation``).
    """
    by.require(developer, Role.GOVERNANCE, to="draft a determination request")
    if parties.organisation(body).kind is not OrganisationKind.BODY:
        raise Misuse("not-a-body", f"{body} conducts no reviews; name a review body.")
    row = DeterminationRequest(
        developer_id=developer,
        body_id=body,
        label=str(Label.among(developer)),
        drafted_by_id=by.person,
        drafted_at=at,
    )
    _put(row, question, by, at)
    row.save(force_insert=True)
    _record("determination-request.drafted", row, by, at, question=_pin(row))
    return row.id


def revise_request(*, by: Actor, request: str, question: Question, at: datetime) -> None:
    """Say it otherwise, while it is a draft. Raises as ``draft_request`` does."""

    def stored(row: DeterminationRequest, _facts: Request) -> dict[str, Any]:
        _put(row, question, by, at)
        return {"question": _pin(row)}

    _happen(by=by, request=request, event="revise", at=at, then=stored)


def ask_request(*, by: Actor, request: str, at: datetime) -> None:
    """Ask. From now on the body can read it, and may answer or not: nothing depends on that."""

    def stored(row: DeterminationRequest, facts: Request) -> dict[str, Any]:
        label = Label.among(row.developer_id, row.body_id)
        if row.review_id is not None:
            seen = cases.brief(by, row.review_id, at).label
            label = replace(seen, audience=(seen.audience or frozenset()) | {row.developer_id, row.body_id})
        row.label = str(label)
        return {"question": _pin(row)}

    _happen(by=by, request=request, event="ask", at=at, then=stored)


def acknowledge_request(*, by: Actor, request: str, at: datetime) -> None:
    """The body says that it arrived. Nothing begins to run."""
    _happen(by=by, request=request, event="acknowledge", at=at)


def answer_request(*, by: Actor, request: str, determination: str, at: datetime) -> None:
    """Answer with a shared determination of the same developer and body; an earlier answer stays as it is.

    Raises ``Refused`` (``shared-first``, ``of-the-same-two``, ``not-for-another-request``,
    ``another-determination``), ``NotFound`` (``no-such-determination``).
    """
    found = readable(by, determination)
    answer = Answer(found.id, found.developer_id, found.body_id, found.request_id, found.shared_at is not None)

    def stored(row: DeterminationRequest, _facts: Request) -> dict[str, Any]:
        RequestAnswer.objects.create(request=row, determination=found, by_id=by.person, at=at)
        return {"determination": found.id, "memo": found.memo_digest}

    _happen(by=by, request=request, event="answer", at=at, details=answer, then=stored)


def ask_reconsideration(
    *,
    by: Actor,
    request: str,
    reasons: str,
    at: datetime,
    evidence: str = "",
    named: Sequence[Evidence] = (),
) -> None:
    """Ask the body to look again at what it answered: why, and what is new, if anything is.

    ``named`` is new evidence that can be found again; a dossier's version is one that the body was given. Raises
    ``Misuse`` (``bad-text``, ``bad-evidence``, ``bad-digest``).
    """
    why = checked("The reasons", reasons, longest=LONGEST_TEXT)
    new = checked("The new evidence", evidence, longest=LONGEST_TEXT, optional=True)

    def stored(row: DeterminationRequest, _facts: Request) -> dict[str, Any]:
        pieces = [
            one
            if one.kind is EvidenceKind.CAMPAIGN  # the body's material: only it can look it up
            else pinned_evidence(by, (one,), review=row.review_id)[0]
            for one in checked_evidence(named)
        ]
        kept = [[one.kind, one.ref, one.what, one.digest] for one in pieces]
        Reconsideration.objects.create(request=row, by_id=by.person, at=at, reasons=why, evidence=new, named=kept)
        return {
            "reasons": digest(why.encode()),
            "evidence": digest(new.encode()) if new else None,
            "named": digest_of(kept) if kept else None,
        }

    _happen(by=by, request=request, event="ask_reconsideration", at=at, then=stored)


def post_on_request(*, by: Actor, request: str, text: str, at: datetime) -> str:
    """Words for both sides, as long as it is neither closed nor withdrawn. They move nothing. Returns the post's id."""
    made = RequestPost(text=checked("The post", text, longest=LONGEST_POST), by_id=by.person, at=at)

    def stored(row: DeterminationRequest, _facts: Request) -> dict[str, Any]:
        made.request, made.side = row, str(side_of(by, row))
        made.save(force_insert=True)
        return {"post": made.id, "text": digest(made.text.encode())}

    _happen(by=by, request=request, event="post", at=at, then=stored)
    return made.id


def close_request(*, by: Actor, request: str, at: datetime) -> None:
    """The developer is done with it; both sides go on reading it."""
    _happen(by=by, request=request, event="close", at=at)


def withdraw_request(*, by: Actor, request: str, at: datetime) -> None:
    """At any time, with no reason asked. It leaves the body's lists at once: the sealed record remains (V10)."""
    _happen(by=by, request=request, event="withdraw", at=at)


def _nothing_more(_row: DeterminationRequest, _facts: Request) -> dict[str, Any]:
    return {}


@transaction.atomic
def _happen(
    *,
    by: Actor,
    request: str,
    event: str,
    at: datetime,
    details: object = None,
    then: Callable[[DeterminationRequest, Request], dict[str, Any]] = _nothing_more,
) -> None:
    """Lock, check side, role and table, let ``then`` store what the event brings, append the one entry."""
    DeterminationRequest.objects.select_for_update().filter(id=request).first()
    row = readable_request(by, request)
    side = side_of(by, row)
    transition = MACHINE.transitions[event]
    acting = side if side is not None and side in transition.by else transition.by.split()[0]
    home = row.developer_id if acting == DEVELOPER else row.body_id
    by.require(home, *ROLES[event, acting], to=_SAID[event])
    facts = MACHINE.apply(request_facts(row), event, details, at)
    added = then(row, facts)
    row.asked_at, row.acknowledged_at = facts.asked_at, facts.acknowledged_at
    row.closed_at, row.withdrawn_at = facts.closed_at, facts.withdrawn_at
    row.save()
    _record(transition.entry, row, by, at, **added)


def _record(kind: str, row: DeterminationRequest, by: Actor, at: datetime, **facts: Any) -> None:
    """One entry: in the shared log once the body was asked, before that in the developer's own."""
    log = MAIN if row.asked_at is not None else row.developer_id
    facts = {"request": row.id, **facts}
    ledger.append(log=log, kind=kind, actor=by.person, facts=facts, label=Label.parse(row.label), at=at)


def _put(row: DeterminationRequest, question: Question, by: Actor, at: datetime) -> None:
    row.model = checked("The model", question.model, longest=LONGEST_MODEL, lines=False)
    row.description = checked("The description", question.description, longest=LONGEST_TEXT)
    row.artefact = parse_digest(question.artefact) if question.artefact else ""
    row.review_id, row.dossier_version = question.review, question.dossier_version
    if question.review is None:
        if question.dossier_version is not None:
            raise Misuse("dossier-without-review", "A dossier belongs to a review; link that review too.")
        return
    seen = cases.brief(by, question.review, at)
    if (seen.developer, seen.body) != (row.developer_id, row.body_id):
        raise Misuse(
            "not-of-these-two", f"The review {seen.id} is of another developer or another body; link one of these two."
        )
    if question.dossier_version is not None and not any(
        twin.audience is Audience.BODY
        for version in dossiers.versions(by, question.review)
        if version.version == question.dossier_version
        for twin in version.twins
    ):
        raise Misuse(
            "dossier-not-shared",
            f"Version {question.dossier_version} of the dossier is not shared with the review body; share it first.",
        )


def _pin(row: DeterminationRequest) -> str:
    """The digest of what is asked. It holds no review: the body may not know of the one a request is linked to."""
    said = {"model": row.model, "description": row.description, "artefact": row.artefact or None}
    return digest_of(said)
