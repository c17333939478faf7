"""Trusted partners: proposed, signed by both, ended by any."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from seatrial.kernel.canonical import canonical, plain
from seatrial.kernel.digests import digest, digest_of
from seatrial.kernel.errors import Misuse
from seatrial.kernel.ids import new_id
from seatrial.kernel.labels import Label
from seatrial.kernel.text import checked
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, OrganisationKind
from seatrial.review.cases.core.case import Case
from seatrial.review.cases.core.details import (
    PartnerEvent,
    PartnerSigning,
)
from seatrial.review.cases.core.table import PARTNER
from seatrial.review.cases.models import (
    PartnerRow,
    Review,
)
from seatrial.review.cases.queries import (
    no_such_review,
    side_of,
)
from seatrial.review.cases.types import PartnerTerms

from .happening import LONGEST_TEXT, happen


def propose_partner(*, by: Actor, review: str, organisation: str, at: datetime, criteria: str = "") -> None:
    """Propose a trusted partner, and say how it meets the policy's criteria. Proposing signs nothing."""
    if parties.organisation(organisation).kind != OrganisationKind.PARTNER:
        raise Misuse("no-partner", f"{organisation} takes part as something else; a trusted partner is a partner.")
    why = checked("The criteria", criteria, longest=LONGEST_TEXT, optional=True)

    def details(row: Review) -> PartnerEvent:
        return PartnerEvent(organisation, side_of(by, row) or "")

    def stored(row: Review, case: Case) -> None:
        proposed = case.partner(organisation)
        PartnerRow.objects.create(
            review=row,
            organisation_id=organisation,
            criteria=why,
            proposed_by=proposed.proposed_by if proposed else "",
        )

    facts = {"partner": organisation, "criteria": digest(why.encode())}
    happen(
        by=by, review=review, event="propose_partner", at=at, details=details, before=stored, facts=lambda _row: facts
    )


def sign_partner_terms(*, by: Actor, review: str, organisation: str, terms: PartnerTerms, at: datetime) -> None:
    """The developer signs what a partner may do, inside its own consent. Terms that give more need the body's
    signature again; narrower ones count at once.
    """
    grant = new_id("grant")

    def stored(row: Review, case: Case) -> None:
        statement = {"review": row.id, "partner": organisation, "grant": grant, **plain(terms)}
        signature = parties.sign(by=by, organisation=row.developer_id, statement=statement, at=at)
        partner = case.partner(organisation)
        changed = row.partners.get(organisation_id=organisation)
        changed.statement, changed.grant = canonical(statement).decode(), grant
        changed.developer_signature = plain(signature)
        if partner is not None and not partner.body_signed:
            changed.body_signed, changed.body_signature = False, None
        changed.save()

    facts = {"partner": organisation, "grant": grant, "terms": digest_of(plain(terms)), "window": terms.window}
    signing = PartnerSigning(organisation, terms, grant)
    happen(
        by=by, review=review, event="sign_partner_terms", at=at, details=signing, before=stored,
        facts=lambda _row: facts,
    )  # fmt: skip


def countersign_partner(*, by: Actor, review: str, organisation: str, at: datetime) -> None:
    """The body signs the terms as the developer signed them. The partner's access needs both."""

    def stored(row: Review, _case: Case) -> None:
        changed = row.partners.get(organisation_id=organisation)
        statement = json.loads(changed.statement)
        signature = parties.sign(by=by, organisation=row.body_id, statement=statement, at=at)
        changed.body_signed, changed.body_signature = True, plain(signature)
        changed.save(update_fields=["body_signed", "body_signature"])

    facts = {"partner": organisation}
    happen(
        by=by, review=review, event="countersign_partner", at=at, details=PartnerEvent(organisation, "body"),
        before=stored, facts=lambda _row: facts, label=_with_partner(organisation),
    )  # fmt: skip


def end_partner(*, by: Actor, review: str, organisation: str, at: datetime) -> None:
    """End a partnership; either side can, and the partner itself, at once."""

    def details(row: Review) -> PartnerEvent:
        side = side_of(by, row) or ""
        if side == PARTNER and organisation not in by.organisations:
            raise no_such_review(review)
        return PartnerEvent(organisation, side)

    def stored(row: Review, _case: Case) -> None:
        row.partners.filter(organisation_id=organisation).update(ended=True)

    facts = {"partner": organisation}
    happen(
        by=by, review=review, event="end_partner", at=at, details=details, before=stored, facts=lambda _row: facts,
        label=_with_partner(organisation),
    )  # fmt: skip


def _with_partner(organisation: str) -> Callable[[Review], Label]:
    """A partner's own receipts: it may read what happened to the grant it has."""

    def label(row: Review) -> Label:
        whole = Label.parse(row.label)
        known = row.partners.filter(organisation_id=organisation).exclude(statement="").exists()
        return replace(whole, audience=(whole.audience or frozenset()) | {organisation}) if known else whole

    return label
