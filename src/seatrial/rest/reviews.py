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
from seatrial.kernel.money import millionths
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import (
    AccessLevel,
    Budget,
    Consent,
    ConsentTerms,
    Endpoint,
    Keeping,
    Price,
    ReviewView,
    Tariff,
    Variant,
)

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


class VariantIn(Schema):
    model: str
    name: str
    artefact: str
    upstream: str
    level: AccessLevel


class PriceIn(Schema):
    model: str
    prompt: str  # of a million tokens, such as "3.00"
    answer: str
    call: str = "0"


class TariffIn(Schema):
    currency: str
    prices: list[PriceIn]


class KeepingIn(Schema):
    recipients: list[str]  # ids of registered recipient keys
    days: int


class ConsentIn(Schema):
    model: str
    artefact: str
    variant: str
    people: list[str]
    purposes: list[str]
    levels: list[AccessLevel] = [AccessLevel.API]
    upstream: str
    requests: int
    tokens: int
    concurrency: int = 4
    opens: datetime
    closes: datetime
    label: str = "open//-//TLP:CLEAR//*"
    variants: list[VariantIn] = []
    money: str | None = None  # the most, in the tariff's currency, such as "250.00"
    tariff: TariffIn | None = None
    endpoints: list[str] = []  # a method and a path below the upstream, such as "GET responses/*"
    keeping: KeepingIn | None = None
    after: int | None = None  # number of the consent you saw standing, 0 for none

    def terms(self) -> ConsentTerms:
        """What this asks to have signed. Raises ``Misuse`` for a digest, a label, a price or else that cannot be."""
        return ConsentTerms(
            model=self.model,
            artefact=parse_digest(self.artefact),
            variant=self.variant,
            people=frozenset(self.people),
            purposes=frozenset(self.purposes),
            levels=frozenset(self.levels),
            upstream=self.upstream,
            budget=Budget(self.requests, self.tokens, self.concurrency, money(self.money)),
            window=Window(self.opens, self.closes),
            label=Label.parse(self.label),
            variants=tuple(
                Variant(one.model, one.name, parse_digest(one.artefact), one.upstream, one.level)
                for one in self.variants
            ),
            tariff=self._tariff(),
            endpoints=tuple(Endpoint.parse(text) for text in self.endpoints),
            keeping=self._keeping(),
        )

    def _tariff(self) -> Tariff | None:
        if self.tariff is None:
            return None
        prices = (Price.of(one.model, one.prompt, one.answer, one.call) for one in self.tariff.prices)
        return Tariff(self.tariff.currency, tuple(prices))

    def _keeping(self) -> Keeping | None:
        if self.keeping is None:
            return None
        return Keeping(tuple(parse_digest(key) for key in self.keeping.recipients), self.keeping.days)


class DatesIn(Schema):
    partner_release: datetime
    public_release: datetime


class PolicyIn(Schema):
    version: str


@router.get("", response=list[schema_of(ReviewView)])  # type: ignore[misc]
def list_reviews(request: HttpRequest, after: str = "", limit: int = 100, find: str = "") -> Any:
    """The reviews you may see, newest first; ``after`` is the last id of the page before."""
    return plain(cases.reviews(actor_of(request), now(), after=after, limit=min(max(limit, 1), 500), find=find))


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
    made = cases.sign_consent(by=actor_of(request), review=review, terms=body.terms(), after=body.after, at=now())
    return Status(201, plain(made))


@router.post("/{review}/consents/narrowed", response={201: schema_of(Consent)})
def narrow(request: HttpRequest, review: str, body: ConsentIn) -> Any:
    """Take something away from the standing consent, at once: say what remains of it."""
    made = cases.narrow_consent(by=actor_of(request), review=review, terms=body.terms(), after=body.after, at=now())
    return Status(201, plain(made))


@router.put("/{review}/dates", response=schema_of(ReviewView))
def move(request: HttpRequest, review: str, body: DatesIn) -> Any:
    """Plan other dates. An earlier partner release shortens the window; a later one prolongs nothing."""
    dates = {"partner_release": aware(body.partner_release), "public_release": aware(body.public_release)}
    return _after(request, review, cases.move_release, **dates)


@router.put("/{review}/policy", response=schema_of(ReviewView))
def adopt(request: HttpRequest, review: str, body: PolicyIn) -> Any:
    """Put the review under another version of the body's policy. Only the developer can."""
    return _after(request, review, cases.adopt_policy, version=body.version)


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


def money(text: str | None) -> int | None:
    """A bound in money as it was written; ``None`` bounds none. Raises ``Misuse`` (``bad-money``)."""
    return None if text is None else millionths(text, "The bound in money")


def _after(request: HttpRequest, review: str, act: Callable[..., None], **said: str | datetime) -> Any:
    """Do one thing to a review, and show what has become of it."""
    actor, at = actor_of(request), now()
    act(by=actor, review=review, at=at, **said)
    return plain(cases.review(actor, review, at))
