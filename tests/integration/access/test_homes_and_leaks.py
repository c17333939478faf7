"""Keys of trusted partners, keys from before a leak, people removed while they call, what a withdrawal leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from seatrial.kernel.clock import Window, now
from seatrial.kernel.digests import digest
from seatrial.kernel.errors import NotFound, Refused
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, OrganisationKind, Role
from seatrial.review.access import api as access
from seatrial.review.access.types import AccessRequest, Pass, Settlement, Usage, Why
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import AccessLevel, Budget, PartnerTerms, Variant
from simulators.staged_reviews import ARTEFACT, CAPABILITY, consented, terms


@pytest.fixture
def pat(durable_world: Any) -> Actor:
    world = durable_world
    parties.create_organisation(
        by=world.operator, name="Harbour", kind=OrganisationKind.PARTNER, at=world.start, id="harbour"
    )
    parties.add_person(
        by=world.operator, name="Pat", email="pat@harbour.example", password="pat rows a long boat",
        at=world.start, id="pat",
    )  # fmt: skip
    for role in (Role.EVALUATOR, Role.SIGNATORY):
        parties.give_role(by=world.operator, person="pat", organisation="harbour", role=role, at=world.start)
    return parties.actor("pat")


def partner(world: Any, review: str, **changes: Any) -> None:
    at = now()
    cases.propose_partner(by=world.intake, review=review, organisation="harbour", at=at)
    signed = PartnerTerms(
        people=frozenset({"pat"}),
        purposes=frozenset({CAPABILITY}),
        levels=frozenset({AccessLevel.API}),
        budget=Budget(2, 1_000, 1),
        window=Window(cases.standing(review, at).window.opens, at + timedelta(days=3)),  # type: ignore[union-attr]
    )
    signed = replace(signed, **changes)
    cases.sign_partner_terms(by=world.signatory, review=review, organisation="harbour", terms=signed, at=at)
    cases.countersign_partner(by=world.authority, review=review, organisation="harbour", at=at)


def request(key: str, **changes: Any) -> AccessRequest:
    asked = AccessRequest(
        key=key,
        purpose=None,
        method="POST",
        path="chat/completions",
        request_digest=digest(b"{}"),
        request_bytes=2,
        tokens=100,
        model="north-7b",
        gateway="here",
    )
    return replace(asked, **changes)


def settled(passed: Pass) -> None:
    done = Settlement(passed.exchange, 200, digest(b"ok"), 2, 10, 10, 0.1, 0.2, "complete")
    access.settle(done, now())


def test_a_partners_person_calls_with_a_budget_of_its_own(durable_world: Any, pat: Actor) -> None:
    world, review = durable_world, consented(durable_world, "Open")
    with pytest.raises(NotFound):
        access.issue_key(by=pat, review=review, purpose=CAPABILITY, at=now())
    partner(world, review)
    key = access.issue_key(by=pat, review=review, purpose=CAPABILITY, at=now()).secret
    for _ in range(2):
        settled(access.authorise(request(key), now()))
    with pytest.raises(Refused) as refused:
        access.authorise(request(key), now())
    assert refused.value.code == Why.REQUESTS
    own = access.issue_key(by=world.evaluator, review=review, purpose=CAPABILITY, at=now()).secret
    settled(access.authorise(request(own), now()))  # the body's budget is another one
    assert access.usage(world.governance, review).requests == 1
    assert len(access.exchanges(pat, review)) == 2
    assert len(access.exchanges(world.security, review)) == 3
    assert {key.home for key in access.keys(world.security, review)} == {"harbour", world.body}


@pytest.mark.parametrize("ended_by", ["developer", "body", "partner", "removed"])
def test_whoever_ends_a_partnership_ends_its_calls_in_flight(durable_world: Any, pat: Actor, ended_by: str) -> None:
    world, review = durable_world, consented(durable_world, "Open")
    partner(world, review)
    key = access.issue_key(by=pat, review=review, purpose=CAPABILITY, at=now()).secret
    flying = access.authorise(request(key), now()).exchange
    assert access.still_open([flying], now()) == {flying: None}
    if ended_by == "removed":
        parties.remove_person(by=world.operator, person="pat", organisation="harbour", at=now())
    else:
        by = {"developer": world.security, "body": world.intake, "partner": pat}[ended_by]
        cases.end_partner(by=by, review=review, organisation="harbour", at=now())
    assert access.still_open([flying], now())[flying] is not None
    with pytest.raises(Refused):
        access.authorise(request(key), now())
    assert cases.standing(review, now()).reason is None


def test_a_person_removed_while_their_key_is_in_use_is_cut_off(durable_world: Any) -> None:
    world, review = durable_world, consented(durable_world, "Open")
    key = access.issue_key(by=world.evaluator, review=review, purpose=CAPABILITY, at=now()).secret
    flying = access.authorise(request(key), now()).exchange
    parties.remove_person(by=world.operator, person=world.evaluator.person, organisation=world.body, at=now())
    assert access.still_open([flying], now()) == {flying: Why.NOT_NAMED}
    with pytest.raises(Refused) as refused:
        access.authorise(request(key), now())
    assert refused.value.code == Why.NOT_NAMED


def test_keys_from_before_a_leak_stay_dead_whatever_is_signed_later(durable_world: Any) -> None:
    world, review = durable_world, consented(durable_world, "Open")
    old = access.issue_key(by=world.evaluator, review=review, purpose=CAPABILITY, at=now()).secret
    flying = access.authorise(request(old), now()).exchange
    cases.report_leak(by=world.evaluator, review=review, found="On a forum.", at=now())
    assert access.still_open([flying], now()) == {flying: Why.CONTAINED}
    with pytest.raises(Refused) as refused:
        access.issue_key(by=world.evaluator, review=review, purpose=CAPABILITY, at=now())
    assert refused.value.code == Why.CONTAINED
    people = frozenset({world.evaluator.person})
    cases.sign_consent(by=world.signatory, review=review, terms=terms(people), at=now())
    with pytest.raises(Refused) as refused:
        access.authorise(request(old), now())
    assert refused.value.code == Why.LEAKED_KEY
    fresh = access.issue_key(by=world.evaluator, review=review, purpose=CAPABILITY, at=now()).secret
    settled(access.authorise(request(fresh), now()))


def test_a_further_build_goes_to_its_own_endpoint(durable_world: Any) -> None:
    world, review = durable_world, consented(durable_world, "Open")
    other = Variant("north-h", "helpful-only", ARTEFACT, "http://127.0.0.1:8/v1", AccessLevel.SAFEGUARDS_OFF)
    levels = frozenset({AccessLevel.API, AccessLevel.SAFEGUARDS_OFF})
    signed = terms(frozenset({world.evaluator.person}), variants=(other,), levels=levels)
    cases.sign_consent(by=world.signatory, review=review, terms=signed, at=now())
    key = access.issue_key(by=world.evaluator, review=review, purpose=CAPABILITY, at=now()).secret
    assert access.authorise(request(key, model="north-h"), now()).upstream == other.upstream
    assert access.authorise(request(key), now()).upstream == signed.upstream


def test_a_withdrawn_review_leaves_the_body_nothing_of_its_uses(durable_world: Any) -> None:
    world, review = durable_world, consented(durable_world, "Open")
    key = access.issue_key(by=world.evaluator, review=review, purpose=CAPABILITY, at=now()).secret
    settled(access.authorise(request(key), now()))
    assert len(access.exchanges(world.evaluator, review)) == 1
    cases.withdraw(by=world.security, review=review, at=now())
    for who in (world.evaluator, world.intake):
        assert access.exchanges(who, review) == ()
        assert access.keys(who, review) == ()
        assert access.usage(who, review) == Usage(0, 0, 0)
    assert len(access.exchanges(world.security, review)) == 1
