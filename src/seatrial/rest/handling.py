"""Partners, what was handed over, destruction, canaries and leaks over HTTP. One call a route; the room decides."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status

from seatrial.kernel.canonical import plain
from seatrial.kernel.clock import Window, aware, now
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import (
    AccessLevel,
    Budget,
    CanaryView,
    Invitation,
    ItemKind,
    ItemView,
    LeakView,
    PartnerTerms,
    ReviewView,
)

from .asking import actor_of
from .once import shown_once
from .reviews import money
from .schemas import schema_of

router = Router(tags=["reviews"])
open_router = Router(tags=["leaks"])


class PartnerIn(Schema):
    organisation: str
    criteria: str = ""


class PartnerTermsIn(Schema):
    people: list[str]
    purposes: list[str]
    levels: list[AccessLevel] = [AccessLevel.API]
    requests: int
    tokens: int
    concurrency: int = 2
    money: str | None = None
    opens: datetime
    closes: datetime


class ItemIn(Schema):
    kind: ItemKind
    text: str
    holder: str
    artefact: str = ""
    due_at: datetime | None = None


class KeptIn(Schema):
    kind: ItemKind
    text: str
    artefact: str = ""


class AttestationIn(Schema):
    text: str


class PlaceIn(Schema):
    place: str


class NewCanary(Schema):
    place: str
    canary: str


class FoundIn(Schema):
    found: str


@router.post("/{review}/consents/countersignatures", response=schema_of(ReviewView))
def countersign_consent(request: HttpRequest, review: str) -> Any:
    """Sign the standing consent for the weights too: they take two people of each side."""
    return _after(request, review, cases.countersign_consent)


@router.post("/{review}/partners", response=schema_of(ReviewView))
def propose_partner(request: HttpRequest, review: str, body: PartnerIn) -> Any:
    """Propose a trusted partner, and say how it meets the policy's criteria. Proposing signs nothing."""
    return _after(request, review, cases.propose_partner, organisation=body.organisation, criteria=body.criteria)


@router.put("/{review}/partners/{organisation}/terms", response=schema_of(ReviewView))
def sign_partner_terms(request: HttpRequest, review: str, organisation: str, body: PartnerTermsIn) -> Any:
    """The developer signs what a partner may do, inside its own consent."""
    terms = PartnerTerms(
        people=frozenset(body.people),
        purposes=frozenset(body.purposes),
        levels=frozenset(body.levels),
        budget=Budget(body.requests, body.tokens, body.concurrency, money(body.money)),
        window=Window(body.opens, body.closes),
    )
    return _after(request, review, cases.sign_partner_terms, organisation=organisation, terms=terms)


@router.post("/{review}/partners/{organisation}/sign", response=schema_of(ReviewView))
def countersign_partner(request: HttpRequest, review: str, organisation: str) -> Any:
    """The review body signs the terms as the developer signed them."""
    return _after(request, review, cases.countersign_partner, organisation=organisation)


@router.post("/{review}/partners/{organisation}/end", response={204: None})
def end_partner(request: HttpRequest, review: str, organisation: str) -> Any:
    """End a partnership, at once: the developer, the review body, or the partner. Nothing else depends on it."""
    cases.end_partner(by=actor_of(request), review=review, organisation=organisation, at=now())
    return Status(204, None)


@router.get("/{review}/items", response=list[schema_of(ItemView)])  # type: ignore[misc]
def items(request: HttpRequest, review: str) -> Any:
    """What was handed over or is kept, with its destruction duties; answers after a withdrawal too."""
    return plain(cases.items(actor_of(request), review, now()))


@router.post("/{review}/items", response={201: list[schema_of(ItemView)]})  # type: ignore[misc]
def hand_over(request: HttpRequest, review: str, body: ItemIn) -> Any:
    """Record that something leaves your hands; whoever has it owes its destruction."""
    actor, at = actor_of(request), now()
    cases.hand_over(
        by=actor,
        review=review,
        kind=body.kind,
        text=body.text,
        holder=body.holder,
        artefact=body.artefact,
        due_at=aware(body.due_at) if body.due_at else None,
        at=at,
    )
    return Status(201, plain(cases.items(actor, review, at)))


@router.post("/{review}/items/kept", response={201: list[schema_of(ItemView)]})  # type: ignore[misc]
def list_kept(request: HttpRequest, review: str, body: KeptIn) -> Any:
    """The review body says that it keeps something, with the same duty."""
    actor, at = actor_of(request), now()
    cases.list_kept(by=actor, review=review, kind=body.kind, text=body.text, artefact=body.artefact, at=at)
    return Status(201, plain(cases.items(actor, review, at)))


@router.post("/{review}/items/{item}/attestation", response=list[schema_of(ItemView)])  # type: ignore[misc]
def attest(request: HttpRequest, review: str, item: str, body: AttestationIn) -> Any:
    """Say, signed, that an item is destroyed and how."""
    actor, at = actor_of(request), now()
    cases.attest_destruction(by=actor, review=review, item=item, text=body.text, at=at)
    return plain(cases.items(actor, review, at))


@router.get("/{review}/canaries", response=list[schema_of(CanaryView)])  # type: ignore[misc]
def canaries(request: HttpRequest, review: str) -> Any:
    """The strings you planted, by where."""
    return plain(cases.canaries(actor_of(request), review))


@router.post("/{review}/canaries", response={201: NewCanary})
@shown_once("place")
def plant(request: HttpRequest, review: str, body: PlaceIn) -> Any:
    """A string to plant in what you hand over. It is shown this once."""
    text = cases.plant_canary(by=actor_of(request), review=review, place=body.place, at=now())
    return Status(201, {"place": body.place, "canary": text})


@router.get("/{review}/leaks", response=list[schema_of(LeakView)])  # type: ignore[misc]
def leaks(request: HttpRequest, review: str) -> Any:
    """The reports of leaks; the developer reads their words first."""
    return plain(cases.leaks(actor_of(request), review))


@router.post("/{review}/leaks", response={204: None})
def report_leak(request: HttpRequest, review: str, body: FoundIn) -> Any:
    """Report a leak. All access ends at once and every key is dead; the developer is told first."""
    cases.report_leak(by=actor_of(request), review=review, found=body.found, at=now())
    return Status(204, None)


@router.post("/{review}/leaks/{leak}/acknowledge", response=list[schema_of(LeakView)])  # type: ignore[misc]
def acknowledge_leak(request: HttpRequest, review: str, leak: str) -> Any:
    """The developer has read a report; from now on the review body reads it too."""
    actor = actor_of(request)
    cases.acknowledge_leak(by=actor, review=review, leak=leak, at=now())
    return plain(cases.leaks(actor, review))


@open_router.post("/found", response={202: dict[str, str]}, auth=None)
def report_found(request: HttpRequest, body: FoundIn) -> Any:
    """Anybody who found a planted string reports it here; the answer is the same whether it is known or not."""
    cases.report_found(found=body.found, at=now())
    return Status(202, {"said": "Thank you. If the string is known here, whoever planted it has been told."})


@open_router.get("/duties", response=list[schema_of(ItemView)])  # type: ignore[misc]
def duties(request: HttpRequest) -> Any:
    """Everything your organisations still have to destroy, first due first."""
    return plain(cases.duties(actor_of(request), now()))


@open_router.get("/shared", response=list[schema_of(Invitation)])  # type: ignore[misc]
def shared(request: HttpRequest) -> Any:
    """What trusted partners of yours were given to call: nothing else of a review reaches them."""
    return plain(cases.invitations(actor_of(request), now()))


def _after(request: HttpRequest, review: str, act: Any, **said: object) -> Any:
    actor, at = actor_of(request), now()
    act(by=actor, review=review, at=at, **said)
    return plain(cases.review(actor, review, at))
