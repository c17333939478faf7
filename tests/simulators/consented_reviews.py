"""A lab's review as campaigns meet it: offered, or with a signed consent whose window opens on day 1."""

from __future__ import annotations

from datetime import timedelta

from seatrial.kernel.clock import Window
from seatrial.kernel.digests import digest
from seatrial.kernel.labels import Label
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import AccessLevel, Budget, ConsentTerms


def offer_review(world) -> str:
    review = cases.draft(
        by=world.governance,
        developer=world.lab,
        body=world.body,
        title="The first voyage",
        model="north-1",
        partner_release=world.start + timedelta(days=40),
        public_release=world.start + timedelta(days=60),
        at=world.start,
    )
    cases.offer(by=world.governance, review=review, at=world.start)
    return review


def consent_review(world, upstream: str = "http://127.0.0.1:9/v1") -> str:
    review = offer_review(world)
    consent_to(world, review, b"north-1 weights", upstream)
    return review


def consent_to(world, review: str, build: bytes, upstream: str = "http://127.0.0.1:9/v1") -> None:
    """Sign a consent for ``build``; it replaces the one before."""
    terms = ConsentTerms(
        model="north-1",
        artefact=digest(build),
        variant="safeguarded",
        people=frozenset({world.evaluator.person}),
        purposes=frozenset({"capability-evaluation"}),
        levels=frozenset({AccessLevel.API}),
        upstream=upstream,
        budget=Budget(requests=10_000, tokens=10_000_000, concurrency=64),
        window=Window(world.start + timedelta(days=1), world.start + timedelta(days=21)),
        label=Label.among(world.lab, world.body),
    )
    cases.sign_consent(by=world.signatory, review=review, terms=terms, at=world.start)
