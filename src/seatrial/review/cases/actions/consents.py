"""Consents: signed, narrowed, and signed further for the weights."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from django.db import transaction

from seatrial.kernel.canonical import canonical, plain
from seatrial.kernel.digests import digest_of
from seatrial.kernel.errors import Conflict, Misuse
from seatrial.kernel.ids import new_id
from seatrial.kernel.labels import Level
from seatrial.parties import api as parties
from seatrial.parties.types import Actor
from seatrial.review.cases.core.case import Case
from seatrial.review.cases.core.details import (
    Countersigning,
    Signing,
)
from seatrial.review.cases.core.signed import further_signature
from seatrial.review.cases.models import (
    ConsentRow,
    CountersignatureRow,
    Review,
)
from seatrial.review.cases.queries import (
    home_of,
    side_of,
)
from seatrial.review.cases.types import Consent, ConsentTerms

from .happening import happen, policy_said


@transaction.atomic
def sign_consent(
    *, by: Actor, review: str, terms: ConsentTerms, at: datetime, system_high: Level, after: int | None = None
) -> Consent:
    """Sign a consent; it replaces the one before. Raises ``Refused`` with the guard's sentence.

    ``after`` is the number of the consent that the signer saw standing (0 for none): if another was signed since,
    ``Conflict`` (``consent-changed``).
    """
    return _sign(by=by, review=review, terms=terms, at=at, event="sign_consent", system_high=system_high, after=after)


@transaction.atomic
def narrow_consent(
    *, by: Actor, review: str, terms: ConsentTerms, at: datetime, system_high: Level, after: int | None = None
) -> Consent:
    """Take something away from the standing consent, at once. Raises ``Refused`` if anything would widen."""
    return _sign(by=by, review=review, terms=terms, at=at, event="narrow_consent", system_high=system_high, after=after)


def countersign_consent(*, by: Actor, review: str, at: datetime) -> None:
    """One of the further signatures that the weights take: a second person of the developer, two of the body."""

    def details(row: Review) -> Countersigning:
        return Countersigning(side_of(by, row) or "", by.person)

    def stored(row: Review, _case: Case) -> None:
        consent = row.consents.order_by("-number")[0]
        said = further_signature(row.id, consent.digest)
        signature = parties.sign(by=by, organisation=home_of(by, row), statement=said, at=at)
        CountersignatureRow.objects.create(
            consent=consent,
            side=side_of(by, row) or "",
            person_id=by.person,
            at=at,
            public_key=signature.public_key,
            signature=signature.value,
        )

    def facts(row: Review) -> dict[str, Any]:
        return {"consent": row.consents.order_by("-number")[0].digest}

    happen(by=by, review=review, event="countersign_consent", at=at, details=details, before=stored, facts=facts)


def _sign(
    *, by: Actor, review: str, terms: ConsentTerms, at: datetime, event: str, system_high: Level, after: int | None
) -> Consent:
    made: list[Consent] = []

    def details(row: Review) -> Signing:
        number = row.consents.count() + 1
        if after is not None and after != number - 1:
            raise Conflict(
                "consent-changed",
                f"Consent number {number - 1} was signed meanwhile; read it, then sign yours if it is still wanted.",
            )
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
        if event == "sign_consent":  # a narrower one names nobody new, and waits for nobody's key
            _keys_known(by, row, terms)
        statement = _statement(row, consent.number, terms)
        signature = parties.sign(by=by, organisation=row.developer_id, statement=statement, at=at)
        ConsentRow(
            id=consent.id,
            review=row,
            number=consent.number,
            narrowed=event == "narrow_consent",
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

    happen(by=by, review=review, event=event, at=at, details=details, before=stored, facts=facts)
    return made[0]


def _keys_known(by: Actor, row: Review, terms: ConsentTerms) -> None:
    """Raises ``Misuse`` (``recipient-unknown``) unless bodies are kept for people of the developer or the body only."""
    if terms.keeping is None:
        return
    people = [person.id for home in (row.developer_id, row.body_id) for person in parties.people(by, home)]
    foreign = sorted(set(terms.keeping.recipients) - {key.id for key in parties.recipients(people).values()})
    if foreign:
        raise Misuse(
            "recipient-unknown",
            f"{foreign[0]} is not the key in force of anybody of the developer or the review body; "
            "ask whoever should open what is kept to register one.",
        )


def _statement(row: Review, number: int, terms: ConsentTerms) -> dict[str, Any]:
    """What is signed: everything the consent says, for which review, under which policy."""
    said = {field.name: plain(getattr(terms, field.name)) for field in fields(terms)}
    return {"review": row.id, "number": number, **policy_said(row.body_id, row.policy.version), **said}
