"""Every write of reviews: load, apply the one table, store, and leave exactly one ledger entry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from django.db import transaction

from seatrial.kernel.canonical import canonical, plain
from seatrial.kernel.clock import iso
from seatrial.kernel.digests import Digest, digest_of
from seatrial.kernel.errors import Forbidden, Misuse
from seatrial.kernel.ids import new_id
from seatrial.kernel.labels import Label, Level
from seatrial.ledger import api as ledger
from seatrial.ledger.types import MAIN
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, Role

from .core.case import Case, PolicySnapshot
from .core.details import Adoption, Dates, PartnerEvent, RequestEvent, Signing
from .core.table import DEVELOPER, MACHINE
from .models import ConsentRow, PartnerRow, RequestRow, Review
from .queries import ROLES, case_of, no_such_review, side_of, visible
from .types import Consent, ConsentTerms


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
    for name, text in (("title", title), ("model", model)):
        if not 0 < len(text.strip()) <= 200:
            raise Misuse("bad-plan", f"The {name} must have 1 to 200 characters.")
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
        title=title.strip(),
        model=model.strip(),
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
        row.label = str(Label.among(row.developer_id, row.body_id))

    _happen(by=by, review=review, event="offer", at=at, before=shared, facts=lambda row: {"model": row.model})


@transaction.atomic
def sign_consent(*, by: Actor, review: str, terms: ConsentTerms, at: datetime, system_high: Level) -> Consent:
    """Sign a consent; it replaces the one before. Raises ``Refused`` with the guard's sentence."""
    return _sign(by=by, review=review, terms=terms, at=at, event="sign_consent", system_high=system_high)


@transaction.atomic
def narrow_consent(*, by: Actor, review: str, terms: ConsentTerms, at: datetime, system_high: Level) -> Consent:
    """Take something away from the standing consent, at once. Raises ``Refused`` if anything would widen."""
    return _sign(by=by, review=review, terms=terms, at=at, event="narrow_consent", system_high=system_high)


def move_release(*, by: Actor, review: str, partner_release: datetime, public_release: datetime, at: datetime) -> None:
    """Plan other dates. An earlier partner release shortens the window; a later one prolongs nothing."""
    dates = Dates(partner_release, public_release)
    _happen(by=by, review=review, event="move_release", at=at, details=dates, facts=lambda _row: asdict(dates))


def withdraw(*, by: Actor, review: str, at: datetime) -> None:
    """End all access now. No reason is asked."""
    _happen(by=by, review=review, event="withdraw", at=at)


def record_release(*, by: Actor, review: str, at: datetime) -> None:
    """Record that the model was released: possible in every state; ends pre-release access in this transaction."""
    _happen(by=by, review=review, event="record_release", at=at)


def close(*, by: Actor, review: str, at: datetime) -> None:
    """Close the review."""
    _happen(by=by, review=review, event="close", at=at)


def adopt_policy(*, by: Actor, review: str, version: str, at: datetime) -> None:
    """Put the review under another version of the body's policy; only the developer can (V17)."""

    def details(row: Review) -> Adoption:
        policy = parties.policy(row.body_id, version)
        row.policy_id = parties.policy_key(row.body_id, version)
        return Adoption(PolicySnapshot(policy.version, policy.max_window, policy.purposes))

    _happen(by=by, review=review, event="adopt_policy", at=at, details=details, facts=lambda _row: {"version": version})


def acknowledge(*, by: Actor, review: str, at: datetime) -> None:
    """Say that the offer arrived. Moves nobody's clock."""
    _happen(by=by, review=review, event="acknowledge", at=at)


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


def propose_partner(*, by: Actor, review: str, organisation: str, at: datetime) -> None:
    """Propose a trusted partner; the proposer's side has signed by proposing."""
    parties.organisation(organisation)
    _partner(by=by, review=review, organisation=organisation, at=at, event="propose_partner")


def sign_partner(*, by: Actor, review: str, organisation: str, at: datetime) -> None:
    """Sign for one's own side. Access needs both."""
    _partner(by=by, review=review, organisation=organisation, at=at, event="sign_partner")


def end_partner(*, by: Actor, review: str, organisation: str, at: datetime) -> None:
    """End a partnership; either side can, at once."""
    _partner(by=by, review=review, organisation=organisation, at=at, event="end_partner")


def _request(*, by: Actor, review: str, request: RequestEvent, at: datetime, event: str, facts: dict[str, Any]) -> None:
    def stored(row: Review, case: Case) -> None:
        now = next(found for found in case.requests if found.thread == request.thread)
        values = {"state": now.state, "would_help_by": now.would_help_by}
        RequestRow.objects.update_or_create(review=row, thread=now.thread, defaults=values)

    facts = {"thread": request.thread, **facts}
    _happen(by=by, review=review, event=event, at=at, details=request, before=stored, facts=lambda _row: facts)


def _partner(*, by: Actor, review: str, organisation: str, at: datetime, event: str) -> None:
    def details(row: Review) -> PartnerEvent:
        return PartnerEvent(organisation, side_of(by, row) or "partner")

    def stored(row: Review, case: Case) -> None:
        partner = case.partner(organisation)
        if partner is not None:
            PartnerRow.objects.update_or_create(
                review=row,
                organisation_id=organisation,
                defaults={
                    "developer_signed": partner.developer_signed,
                    "body_signed": partner.body_signed,
                    "ended": partner.ended,
                },
            )

    facts = {"partner": organisation}
    _happen(by=by, review=review, event=event, at=at, details=details, before=stored, facts=lambda _row: facts)


def _sign(*, by: Actor, review: str, terms: ConsentTerms, at: datetime, event: str, system_high: Level) -> Consent:
    made: list[Consent] = []

    def details(row: Review) -> Signing:
        number = row.consents.count() + 1
        consent = Consent(
            id=new_id("consent"),
            number=number,
            signed_by=by.person,
            signed_at=at,
            digest=digest_of(_statement(row, number, terms)),
            **{field.name: getattr(terms, field.name) for field in fields(terms)},
        )
        made.append(consent)
        return Signing(terms, consent, system_high)

    def stored(row: Review, case: Case) -> None:
        consent = made[0]
        statement = _statement(row, consent.number, terms)
        signature = parties.sign(by=by, organisation=row.developer_id, statement=statement, at=at)
        ConsentRow(
            id=consent.id,
            review=row,
            number=consent.number,
            statement=canonical(statement).decode(),
            digest=consent.digest,
            opens=terms.window.opens,
            closes=terms.window.closes,
            signed_by_id=by.person,
            signed_at=at,
            public_key=signature.public_key,
            signature=signature.value,
        ).save(force_insert=True)

    def facts(_row: Review) -> dict[str, Any]:
        return {"consent": made[0].digest, "number": made[0].number, "window": terms.window}

    _happen(by=by, review=review, event=event, at=at, details=details, before=stored, facts=facts)
    return made[0]


def _statement(row: Review, number: int, terms: ConsentTerms) -> dict[str, Any]:
    """What is signed: everything the consent says, for which review, under which policy."""
    said = {field.name: plain(getattr(terms, field.name)) for field in fields(terms)}
    return {"review": row.id, "number": number, "policy": row.policy.version, **said}


@transaction.atomic
def _happen(
    *,
    by: Actor,
    review: str,
    event: str,
    at: datetime,
    details: object = None,
    before: Callable[[Review, Case], None] | None = None,
    facts: Callable[[Review], dict[str, Any]] | None = None,
) -> None:
    """The one way in which anything happens to a review.

    ``details`` is what the table's guards and effects get, or makes it from the locked row; ``before`` stores
    what the row itself does not hold, given the case as it has become. The developer's drafts are recorded in its
    own log, everything else in the shared one (V10).
    """
    row = _locked(by, review)
    side = side_of(by, row)
    home = row.developer_id if side == DEVELOPER else row.body_id
    transition = MACHINE.transitions[event]
    if side is None or side not in transition.by:
        raise Forbidden("not-yours", f"Only the {transition.by} can do this to a review.")
    by.require(home, *ROLES[event], to=event.replace("_", " "))
    made = details(row) if callable(details) else details
    case = MACHINE.apply(case_of(row), event, made, at)
    if before is not None:
        before(row, case)
    _store(row, case)
    ledger.append(
        log=MAIN if case.offered_at is not None else row.developer_id,
        kind=transition.entry,
        actor=by.person,
        facts={"review": row.id, **(facts(row) if facts else {})},
        label=Label.parse(row.label),
        at=at,
    )


def _locked(by: Actor, review: str) -> Review:
    """The row, locked until the transaction ends. Raises ``NotFound`` if the actor may not know of it."""
    if not Review.objects.select_for_update().filter(id=review).exists():
        raise no_such_review(review)
    row = visible(by).filter(id=review).first()
    if row is None or not by.may_read(Label.parse(row.label)):
        raise no_such_review(review)
    return row


def _store(row: Review, case: Case) -> None:
    row.partner_release, row.public_release = case.partner_release, case.public_release
    row.offered_at, row.acknowledged_at = case.offered_at, case.acknowledged_at
    row.withdrawn_at, row.released_at, row.closed_at = case.withdrawn_at, case.released_at, case.closed_at
    row.earliest_release = case.earliest_release
    row.save()
