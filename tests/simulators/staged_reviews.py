"""A lab's review brought to a stage, in present time, for whatever needs one to look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from seatrial.kernel.clock import Window, now
from seatrial.kernel.digests import digest
from seatrial.kernel.labels import OPEN
from seatrial.review.access import api as access
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import AccessLevel, Budget, ConsentTerms
from seatrial.review.threads import api as threads

CAPABILITY = "capability-evaluation"
ARTEFACT = digest(b"the weights")


@dataclass(frozen=True)
class Reviews:
    """Ids of one review of each stage that pages must show."""

    draft: str
    offered: str
    consented: str
    withdrawn: str
    secret: str  # the evaluator's key for the consented one


def terms(people: frozenset[str], days: float = 10, **changes: Any) -> ConsentTerms:
    at = now()
    values: dict[str, Any] = {
        "model": "north-7b",
        "artefact": ARTEFACT,
        "variant": "safeguarded",
        "people": people,
        "purposes": frozenset({CAPABILITY}),
        "levels": frozenset({AccessLevel.API}),
        "upstream": "http://127.0.0.1:9/v1",
        "budget": Budget(requests=100, tokens=50_000, concurrency=2),
        "window": Window(at, at + timedelta(days=days)),
        "label": OPEN,
    }
    return ConsentTerms(**(values | changes))


def draft(world: Any, title: str) -> str:
    at = now()
    return cases.draft(
        by=world.governance,
        developer=world.lab,
        body=world.body,
        title=title,
        model="north-7b",
        partner_release=at + timedelta(days=20),
        public_release=at + timedelta(days=40),
        at=at,
    )


def offered(world: Any, title: str) -> str:
    review = draft(world, title)
    cases.offer(by=world.governance, review=review, at=now())
    return review


def consented(world: Any, title: str) -> str:
    review = offered(world, title)
    people = frozenset({world.evaluator.person})
    cases.sign_consent(by=world.signatory, review=review, terms=terms(people), at=now())
    return review


def at_every_stage(world: Any) -> Reviews:
    """One review of each stage that pages must show; the open one has a question and a key."""
    withdrawn = consented(world, "A withdrawn voyage")
    cases.withdraw(by=world.security, review=withdrawn, at=now())
    open_now = consented(world, "An open voyage")
    threads.ask(
        by=world.intake,
        review=open_now,
        subject="System prompt",
        text="Which system prompt will partners see?",
        at=now(),
    )
    key = access.issue_key(by=world.evaluator, review=open_now, purpose=CAPABILITY, at=now())
    return Reviews(
        draft=draft(world, "A secret plan"),
        offered=offered(world, "An offered voyage"),
        consented=open_now,
        withdrawn=withdrawn,
        secret=key.secret,
    )
