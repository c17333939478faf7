"""From the draft to the end: plan, offer, acknowledge, ask, move, adopt, withdraw, release, close."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction

from seatrial.kernel.clock import iso
from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import Misuse
from seatrial.kernel.labels import Label
from seatrial.kernel.text import checked
from seatrial.ledger import api as ledger
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, Role
from seatrial.review.cases.core.case import Case, PolicySnapshot
from seatrial.review.cases.core.details import (
    Adoption,
    Dates,
    RequestEvent,
)
from seatrial.review.cases.models import (
    RequestRow,
    Review,
)

from .happening import happen, policy_said


@transaction.atomic
def draft(
    *,
    by: Actor,
    developer: str,
    body: str,
    title: str,
    model: str,
    partner_release: datetime,
    public_release: datetime,
    at: datetime,
) -> str:
    """A new draft, its developer's alone; it leaves its entry in the developer's own log. Returns its id."""
    by.require(developer, Role.GOVERNANCE, to="plan a review")
    policy = parties.current_policy(body, at)
    title = checked("The title", title, longest=200, lines=False)
    model = checked("The model", model, longest=200, lines=False)
    if partner_release <= at:
        raise Misuse("bad-plan", f"The partner release is planned for {iso(partner_release)}, which is past.")
    if partner_release > public_release:
        raise Misuse(
            "bad-plan", "The partner release is planned after the public one; put it before, or on the same day."
        )
    label = Label.among(developer)
    row = Review(
        developer_id=developer,
        body_id=body,
        title=title,
        model=model,
        partner_release=partner_release,
        public_release=public_release,
        policy_id=parties.policy_key(body, policy.version),
        label=str(label),
        drafted_at=at,
    )
    row.save(force_insert=True)
    facts = {"review": row.id, "model": row.model, "partner_release": partner_release, "public_release": public_release}
    ledger.append(log=developer, kind="case.drafted", actor=by.person, facts=facts, label=label, at=at)
    return row.id


def offer(*, by: Actor, review: str, at: datetime) -> None:
    """Share the plan with the body. Opens no access."""

    def shared(row: Review, _case: Case) -> None:
        policy = parties.policy(row.body_id, row.policy.version)
        row.label = str(Label.among(row.developer_id, row.body_id, *policy.oversight))

    happen(by=by, review=review, event="offer", at=at, before=shared, facts=lambda row: {"model": row.model})


def move_release(*, by: Actor, review: str, partner_release: datetime, public_release: datetime, at: datetime) -> None:
    """Plan other dates. An earlier partner release shortens the window; a later one prolongs nothing."""
    dates = Dates(partner_release, public_release)
    happen(by=by, review=review, event="move_release", at=at, details=dates, facts=lambda _row: asdict(dates))


def withdraw(*, by: Actor, review: str, at: datetime) -> None:
    """End all access now. No reason is asked."""
    happen(by=by, review=review, event="withdraw", at=at)


def record_release(*, by: Actor, review: str, at: datetime) -> None:
    """Record that the model was released: possible in every state; ends pre-release access in this transaction."""
    happen(by=by, review=review, event="record_release", at=at)


def close(*, by: Actor, review: str, at: datetime) -> None:
    """Close the review."""
    happen(by=by, review=review, event="close", at=at)


def adopt_policy(*, by: Actor, review: str, version: str, at: datetime) -> None:
    """Put the review under another version of the body's policy; only the developer can (V17)."""

    def details(row: Review) -> Adoption:
        policy = parties.policy(row.body_id, version)
        row.policy_id = parties.policy_key(row.body_id, version)
        return Adoption(PolicySnapshot(policy.version, policy.max_window, policy.purposes, policy.destruction))

    def facts(row: Review) -> dict[str, Any]:
        """The developer's signature over the version it takes over (V17)."""
        statement = {"review": row.id, **policy_said(row.body_id, version)}
        signature = parties.sign(by=by, organisation=row.developer_id, statement=statement, at=at)
        return {"version": version, "policy": statement["policy_digest"], "signature": signature.value}

    happen(by=by, review=review, event="adopt_policy", at=at, details=details, facts=facts)


def acknowledge(*, by: Actor, review: str, at: datetime) -> None:
    """Say that the offer arrived. Moves nobody's clock."""
    happen(by=by, review=review, event="acknowledge", at=at)


def ask(
    *,
    by: Actor,
    review: str,
    thread: str,
    text: Digest,
    at: datetime,
    attached: Sequence[Digest] = (),
    would_help_by: datetime | None = None,
) -> None:
    """Record that the body asked something; ``thread`` holds the words, ``text`` is their digest. No clock waits."""
    asked = RequestEvent(thread, would_help_by)
    facts = {"text": text, "attached": list(attached), "would_help_by": would_help_by}
    _request(by=by, review=review, request=asked, at=at, event="ask", facts=facts)


def answer(*, by: Actor, review: str, thread: str, text: Digest, at: datetime, attached: Sequence[Digest] = ()) -> None:
    """Record that the developer answered a request."""
    facts = {"text": text, "attached": list(attached)}
    _request(by=by, review=review, request=RequestEvent(thread), at=at, event="answer", facts=facts)


def take_back(*, by: Actor, review: str, thread: str, at: datetime) -> None:
    """Take an open request back, for the side that asked."""
    _request(by=by, review=review, request=RequestEvent(thread), at=at, event="take_back", facts={})


def _request(*, by: Actor, review: str, request: RequestEvent, at: datetime, event: str, facts: dict[str, Any]) -> None:
    def stored(row: Review, case: Case) -> None:
        now = next(found for found in case.requests if found.thread == request.thread)
        values = {"state": now.state, "would_help_by": now.would_help_by}
        RequestRow.objects.update_or_create(review=row, thread=now.thread, defaults=values)

    facts = {"thread": request.thread, **facts}
    happen(by=by, review=review, event=event, at=at, details=request, before=stored, facts=lambda _row: facts)
