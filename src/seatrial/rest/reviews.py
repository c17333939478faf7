"""Reviews over HTTP: read them, and do what one's role may do. One call a route; the rooms decide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status

from seatrial.kernel.canonical import plain
from seatrial.kernel.clock import Window, aware, now
from seatrial.kernel.digests import parse_digest
from seatrial.kernel.labels import Label
from seatrial.review.access import api as access
from seatrial.review.access.types import ExchangeView
from seatrial.review.benchmarks import api as benchmarks
from seatrial.review.benchmarks.types import CampaignView
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import AccessLevel, Budget, Consent, ConsentTerms, ReviewView
from seatrial.review.determinations import api as determinations
from seatrial.review.determinations.types import DeterminationView

from .asking import actor_of
from .schemas import schema_of

router = Router(tags=["reviews"])


class PlanIn(Schema):
    developer: str
    body: str
    title: str
    model: str
    partner_release: datetime
    public_release: datetime


class ConsentIn(Schema):
    model: str
    artefact: str
    variant: str
    people: list[str]
    purposes: list[str]
    level: AccessLevel = AccessLevel.API
    upstream: str
    requests: int
    tokens: int
    concurrency: int = 4
    opens: datetime
    closes: datetime
    label: str = "open//-//TLP:CLEAR//*"


class TextIn(Schema):
    text: str


@router.get("", response=list[schema_of(ReviewView)])  # type: ignore[misc]
def list_reviews(request: HttpRequest) -> Any:
    """The reviews you may see."""
    return plain(cases.reviews(actor_of(request), now()))


@router.post("", response={201: schema_of(ReviewView)})
def plan(request: HttpRequest, body: PlanIn) -> Any:
    """Plan a release and draft a review. A draft is its developer's alone."""
    actor, at = actor_of(request), now()
    made = cases.draft(
        by=actor,
        developer=body.developer,
        body=body.body,
        title=body.title,
        model=body.model,
        partner_release=aware(body.partner_release),
        public_release=aware(body.public_release),
        at=at,
    )
    return Status(201, plain(cases.review(actor, made, at)))


@router.get("/{review}", response=schema_of(ReviewView))
def show(request: HttpRequest, review: str) -> Any:
    """One review: its clock, its consent, what you may do now."""
    return plain(cases.review(actor_of(request), review, now()))


@router.post("/{review}/offer", response=schema_of(ReviewView))
def offer(request: HttpRequest, review: str) -> Any:
    """Share the plan with the review body. This opens no access."""
    return _after(request, review, cases.offer)


@router.post("/{review}/consents", response={201: schema_of(Consent)})
def consent(request: HttpRequest, review: str, body: ConsentIn) -> Any:
    """Sign consent: these people, this purpose, this window, this budget, and nothing else."""
    terms = ConsentTerms(
        model=body.model,
        artefact=parse_digest(body.artefact),
        variant=body.variant,
        people=frozenset(body.people),
        purposes=frozenset(body.purposes),
        level=body.level,
        upstream=body.upstream,
        budget=Budget(requests=body.requests, tokens=body.tokens, concurrency=body.concurrency),
        window=Window(body.opens, body.closes),
        label=Label.parse(body.label),
    )
    return Status(201, plain(cases.sign_consent(by=actor_of(request), review=review, terms=terms, at=now())))


@router.post("/{review}/withdraw", response=schema_of(ReviewView))
def withdraw(request: HttpRequest, review: str) -> Any:
    """End all access now. No reason is asked, nobody can undo it."""
    return _after(request, review, cases.withdraw)


@router.post("/{review}/release", response=schema_of(ReviewView))
def release(request: HttpRequest, review: str) -> Any:
    """Record that the model was released. Always possible; ends pre-release access in the same instant."""
    return _after(request, review, cases.record_release)


@router.post("/{review}/close", response=schema_of(ReviewView))
def close(request: HttpRequest, review: str) -> Any:
    """Close the review."""
    return _after(request, review, cases.close)


@router.post("/{review}/acknowledge", response=schema_of(ReviewView))
def acknowledge(request: HttpRequest, review: str) -> Any:
    """Say that the offer arrived."""
    return _after(request, review, cases.acknowledge)


@router.post("/{review}/questions", response=schema_of(ReviewView))
def ask(request: HttpRequest, review: str, body: TextIn) -> Any:
    """Ask the developer something. No clock waits for the answer."""
    return _after(request, review, cases.ask, text=body.text)


@router.post("/{review}/answers", response=schema_of(ReviewView))
def answer(request: HttpRequest, review: str, body: TextIn) -> Any:
    """Answer the review body's latest question."""
    return _after(request, review, cases.answer, text=body.text)


@router.get("/{review}/exchanges", response=list[schema_of(ExchangeView)])  # type: ignore[misc]
def exchanges(request: HttpRequest, review: str, limit: int = 100) -> Any:
    """Every use of the model that you may see, newest first."""
    return plain(access.exchanges(actor_of(request), review, limit=min(max(limit, 1), 1000)))


@router.get("/{review}/campaigns", response=list[schema_of(CampaignView)])  # type: ignore[misc]
def campaigns(request: HttpRequest, review: str) -> Any:
    """The campaigns of a review that you may see."""
    return plain(benchmarks.campaigns(actor_of(request), review))


@router.get("/{review}/determinations", response=list[schema_of(DeterminationView)])  # type: ignore[misc]
def list_determinations(request: HttpRequest, review: str) -> Any:
    """The determinations of a review that you may see. Nothing depends on one."""
    return plain(determinations.determinations(actor_of(request), review))


def _after(request: HttpRequest, review: str, act: Callable[..., None], **said: str) -> Any:
    """Do one thing to a review, and show what has become of it."""
    actor, at = actor_of(request), now()
    act(by=actor, review=review, at=at, **said)
    return plain(cases.review(actor, review, at))
