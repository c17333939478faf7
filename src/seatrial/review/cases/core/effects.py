"""What follows from an event: each effect returns the changed case and touches one fact."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from seatrial.review.cases.types import Request, RequestState

from .case import Case, Item, Leak, Partner, partner_narrower
from .details import (
    Adoption,
    Attestation,
    Countersigning,
    Dates,
    Handover,
    LeakReport,
    PartnerEvent,
    PartnerSigning,
    RequestEvent,
    Signing,
)


def offer_stands(case: Case, details: object, now: datetime) -> Case:
    return replace(case, offered_at=now)


def consent_replaces(case: Case, signing: Signing, now: datetime) -> Case:
    """The new consent stands alone; plans made since the one before bind it no more."""
    return replace(case, consents=(*case.consents, signing.consent), earliest_release=None)


def countersignatures_fall(case: Case, signing: Signing, now: datetime) -> Case:
    """Further signatures were given for the consent before; a new one needs its own."""
    return replace(case, countersigned=frozenset())


def containment_over(case: Case, signing: Signing, now: datetime) -> Case:
    """Signing anew is how the developer opens access again after a leak."""
    return replace(case, contained=False)


def consent_countersigned(case: Case, signing: Countersigning, now: datetime) -> Case:
    return replace(case, countersigned=case.countersigned | {(signing.side, signing.person)})


def consent_narrowed(case: Case, signing: Signing, now: datetime) -> Case:
    """What stood shrinks; plans made since it was signed bind it still."""
    return replace(case, consents=(*case.consents, signing.consent))


def policy_replaced(case: Case, adoption: Adoption, now: datetime) -> Case:
    return replace(case, policy=adoption.policy)


def dates_moved(case: Case, dates: Dates, now: datetime) -> Case:
    return replace(case, partner_release=dates.partner_release, public_release=dates.public_release)


def window_not_prolonged(case: Case, dates: Dates, now: datetime) -> Case:
    """The earliest plan since the consent binds the window; planning later again gives nothing back (V7).

    Stands before ``dates_moved`` in the table: it reads the dates as they were.
    """
    if case.consent is None:
        return case
    plans = [case.partner_release, dates.partner_release, *([case.earliest_release] if case.earliest_release else [])]
    return replace(case, earliest_release=min(plans))


def access_withdrawn(case: Case, details: object, now: datetime) -> Case:
    return replace(case, withdrawn_at=now)


def release_recorded(case: Case, details: object, now: datetime) -> Case:
    """The first release counts; recording it again changes nothing."""
    return case if case.released_at is not None else replace(case, released_at=now)


def case_closed(case: Case, details: object, now: datetime) -> Case:
    return replace(case, closed_at=now)


def acknowledged(case: Case, details: object, now: datetime) -> Case:
    return replace(case, acknowledged_at=now)


def request_opened(case: Case, asked: RequestEvent, now: datetime) -> Case:
    """The wish is kept to be shown; nothing else reads it."""
    return replace(case, requests=(*case.requests, Request(asked.thread, would_help_by=asked.would_help_by)))


def request_answered(case: Case, answered: RequestEvent, now: datetime) -> Case:
    return _request(case, answered.thread, RequestState.ANSWERED)


def request_taken_back(case: Case, taken: RequestEvent, now: datetime) -> Case:
    return _request(case, taken.thread, RequestState.TAKEN_BACK)


def partner_proposed(case: Case, event: PartnerEvent, now: datetime) -> Case:
    """Proposing signs nothing: the developer signs terms, the body signs the same terms (V12)."""
    return replace(case, partners=(*case.partners, Partner(event.organisation, event.side)))


def partner_terms_stand(case: Case, event: PartnerSigning, now: datetime) -> Case:
    return _partner(case, event.organisation, lambda partner: replace(partner, terms=event.terms, grant=event.grant))


def body_signature_falls(case: Case, event: PartnerSigning, now: datetime) -> Case:
    """Terms that give more than those the body signed need its signature again; narrower ones do not.

    Stands before ``partner_terms_stand`` in the table: it reads the terms as they were.
    """

    def signed(partner: Partner) -> Partner:
        kept = partner.terms is not None and partner_narrower(event.terms, partner.terms)
        return partner if kept else replace(partner, body_signed=False)

    return _partner(case, event.organisation, signed)


def partner_countersigned(case: Case, event: PartnerEvent, now: datetime) -> Case:
    return _partner(case, event.organisation, lambda partner: replace(partner, body_signed=True))


def partner_ended(case: Case, event: PartnerEvent, now: datetime) -> Case:
    return _partner(case, event.organisation, lambda partner: replace(partner, ended=True))


def item_listed(case: Case, event: Handover, now: datetime) -> Case:
    return replace(case, items=(*case.items, event.item))


def destruction_attested(case: Case, event: Attestation, now: datetime) -> Case:
    def attested(item: Item) -> Item:
        return replace(item, attested_at=now) if item.id == event.item else item

    return replace(case, items=tuple(attested(item) for item in case.items))


def leak_recorded(case: Case, event: LeakReport, now: datetime) -> Case:
    return replace(case, leaks=(*case.leaks, Leak(event.leak, now)))


def access_contained(case: Case, event: LeakReport, now: datetime) -> Case:
    """Whoever may have lost something reaches nothing more, until the developer signs anew."""
    return replace(case, contained=True)


def leak_acknowledged(case: Case, event: LeakReport, now: datetime) -> Case:
    def known(leak: Leak) -> Leak:
        return replace(leak, acknowledged=True) if leak.id == event.leak else leak

    return replace(case, leaks=tuple(known(leak) for leak in case.leaks))


def _request(case: Case, thread: str, state: RequestState) -> Case:
    changed = tuple(replace(r, state=state) if r.thread == thread else r for r in case.requests)
    return replace(case, requests=changed)


def _partner(case: Case, organisation: str, change: Callable[[Partner], Partner]) -> Case:
    partners = tuple(change(p) if p.organisation == organisation else p for p in case.partners)
    return replace(case, partners=partners)
