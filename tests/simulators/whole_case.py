"""A review in which something of everything happened, for whatever reads all of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from seatrial.demo.dossier import written
from seatrial.kernel.canonical import canonical
from seatrial.kernel.clock import Window, now
from seatrial.kernel.digests import digest
from seatrial.kernel.labels import Level
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, OrganisationKind, Role
from seatrial.review.access import api as access
from seatrial.review.access.types import AccessRequest, Settlement
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import AccessLevel, Budget, ItemKind, PartnerTerms
from seatrial.review.dossiers import api as dossiers
from seatrial.review.identity import api as identity
from seatrial.review.identity.types import EndpointVersion
from seatrial.review.threads import api as threads
from seatrial.review.threads.types import Incoming
from simulators.noisy_endpoint import NoisyEndpoint, fingerprint_of
from simulators.staged_reviews import ARTEFACT, CAPABILITY, terms

OVERSIGHT, PARTNER = "inspectors", "partner-one"


@dataclass(frozen=True)
class WholeCase:
    """``secrets`` are words that nobody but their own side may ever find in a file."""

    review: str
    inspector: Actor
    partner: Actor
    key: str
    note_of_lab: str
    note_of_body: str


def person(world: Any, key: str, home: str, *roles: Role) -> Actor:
    parties.add_person(
        by=world.operator, name=key.capitalize(), email=f"{key}@{home}.example", password=f"{key} rows a long boat",
        level=Level.CONTROLLED, at=world.start, id=key,
    )  # fmt: skip
    for role in roles:
        parties.give_role(by=world.operator, person=key, organisation=home, role=role, at=world.start)
    return parties.actor(key)


def inspectors(world: Any) -> Actor:
    """An oversight organisation that the newest policy names, and its inspector."""
    at = now()
    parties.create_organisation(
        by=world.operator, name="Inspectors", kind=OrganisationKind.OVERSIGHT, at=at, id=OVERSIGHT
    )
    parties.publish_policy(
        by=world.authority, body=world.body, version="2026-07", max_window=timedelta(days=30),
        purposes=frozenset({CAPABILITY}), terms="As before.", oversight=frozenset({OVERSIGHT}), at=at,
    )  # fmt: skip
    return person(world, "iris", OVERSIGHT, Role.INSPECTOR)


def use(secret: str, number: int = 0) -> str:
    """One call through; returns its exchange."""
    at = now()
    request = AccessRequest(
        key=secret, purpose=None, method="POST", path="chat/completions", request_digest=digest(b"%d" % number),
        request_bytes=20, tokens=10, model="north-7b",
    )  # fmt: skip
    made = access.authorise(request, at)
    access.settle(
        Settlement(
            exchange=made.exchange, status=200, response_digest=digest(b"answer"), response_bytes=6, prompt_tokens=2,
            completion_tokens=3, first_byte_seconds=0.1, seconds=0.2, ended="complete",
        ),
        at,
    )  # fmt: skip
    access.seal(gateway="", now=at)
    return made.exchange


def whole_case(world: Any) -> WholeCase:
    """Everything once: papers of every kind, both sides' notes, a file, a dossier, uses, a leak that was read."""
    inspector, at = inspectors(world), now()
    parties.create_organisation(by=world.operator, name="Partner One", kind=OrganisationKind.PARTNER, at=at, id=PARTNER)
    partner = person(world, "pia", PARTNER, Role.EVALUATOR, Role.SIGNATORY)
    review = cases.draft(
        by=world.governance, developer=world.lab, body=world.body, title="A whole <voyage> = 1+1", model="north-7b",
        partner_release=at + timedelta(days=20), public_release=at + timedelta(days=40), at=at,
    )  # fmt: skip
    dossiers.compose(by=world.governance, review=review, document=written("north-7b", digest(b"the weights")), at=now())
    cases.offer(by=world.governance, review=review, at=now())
    dossiers.share(by=world.signatory, review=review, at=now())
    cases.acknowledge(by=world.intake, review=review, at=now())
    asked = threads.ask(
        by=world.intake, review=review, subject="=System prompt", text="Which one?", at=now(),
        files=[Incoming("источники.csv", iter([b"source,share\nweb,0.8\n"]))],
    )  # fmt: skip
    threads.answer(by=world.governance, thread=asked, text="None.", at=now())
    threads.post(by=world.governance, thread=asked, text="note of the lab 7f3c", internal=True, at=now())
    threads.post(by=world.intake, thread=asked, text="note of the body 9d1e", internal=True, at=now())
    levels, budget = frozenset({AccessLevel.API}), Budget(requests=100_000, tokens=5_000_000, concurrency=2)
    people = frozenset({world.evaluator.person})
    cases.sign_consent(by=world.signatory, review=review, terms=terms(people, budget=budget), at=now())
    identity.declare(by=world.governance, review=review, at=now(), endpoint=EndpointVersion("1", "b", ARTEFACT, {}))
    identity.take_fingerprint(
        by=world.evaluator, review=review, purpose=CAPABILITY, repetitions=4, base_url="http://127.0.0.1:9/v1",
        key="unused", endpoint=NoisyEndpoint(1, seed=1),
    )  # fmt: skip
    own = canonical(identity.to_json(fingerprint_of(NoisyEndpoint(1, seed=2), 4)))
    kept = identity.record_fingerprint(by=world.governance, review=review, file=own, at=now())
    made = identity.state_identity(by=world.signatory, review=review, fingerprint=kept.id, at=now())
    identity.share_statement(by=world.governance, review=review, statement=made.id, at=now())
    cases.propose_partner(by=world.governance, review=review, organisation=PARTNER, at=now(), criteria="It fits.")
    window = Window(now(), now() + timedelta(days=9))
    said = PartnerTerms(frozenset({partner.person}), frozenset({CAPABILITY}), levels, Budget(10, 1000, 1), window)
    cases.sign_partner_terms(by=world.signatory, review=review, organisation=PARTNER, terms=said, at=now())
    cases.countersign_partner(by=world.authority, review=review, organisation=PARTNER, at=now())
    key = access.issue_key(by=world.evaluator, review=review, purpose=CAPABILITY, at=now()).secret
    use(key)
    use(access.issue_key(by=partner, review=review, purpose=CAPABILITY, at=now()).secret, 1)
    cases.hand_over(
        by=world.security, review=review, kind=ItemKind.DOCUMENTS, text="A design", holder=world.body, at=now()
    )
    item = cases.items(world.authority, review, now())[0].id
    cases.attest_destruction(by=world.authority, review=review, item=item, text="Shredded.", at=now())
    return WholeCase(review, inspector, partner, key, "note of the lab 7f3c", "note of the body 9d1e")
