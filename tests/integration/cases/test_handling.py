"""Signatures for weights, partners' terms, what is handed over and destroyed, leaks: on a real database."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from seatrial.kernel.clock import Window
from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Conflict, Forbidden, Misuse, NotFound, Refused, SeatrialError
from seatrial.kernel.labels import OPEN, Level
from seatrial.ledger import api as ledger
from seatrial.ledger.types import MAIN
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, OrganisationKind, Role
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import (
    AccessLevel,
    Budget,
    ConsentTerms,
    ItemKind,
    PartnerTerms,
    ReviewState,
)

CAPABILITY = "capability-evaluation"


def terms(world: Any, **changes: Any) -> ConsentTerms:
    made = ConsentTerms(
        model="m-1",
        artefact=digest(b"weights"),
        variant="as served",
        people=frozenset({world.evaluator.person}),
        purposes=frozenset({CAPABILITY}),
        levels=frozenset({AccessLevel.API, AccessLevel.WEIGHTS}),
        upstream="http://127.0.0.1:9000/v1",
        budget=Budget(100, 10_000, 2),
        window=Window(world.start, world.start + timedelta(days=10)),
        label=OPEN,
    )
    return replace(made, **changes)


@pytest.fixture
def review(world: Any) -> str:
    made = cases.draft(
        by=world.governance,
        developer=world.lab,
        body=world.body,
        title="A review",
        model="m-1",
        partner_release=world.start + timedelta(days=40),
        public_release=world.start + timedelta(days=60),
        at=world.start,
    )
    cases.offer(by=world.governance, review=made, at=world.start)
    cases.sign_consent(by=world.signatory, review=made, terms=terms(world), after=0, at=world.start)
    return made


def person(world: Any, key: str, home: str, *roles: Role) -> Actor:
    parties.add_person(
        by=world.operator,
        name=key.title(),
        email=f"{key}@{home}.example",
        password=f"{key} rows a long boat",
        level=Level.CONTROLLED,
        at=world.start,
        id=key,
    )
    for role in roles:
        parties.give_role(by=world.operator, person=key, organisation=home, role=role, at=world.start)
    return parties.actor(key)


@pytest.fixture
def harbour(world: Any) -> Actor:
    """Somebody of a partner organisation, who calls models and signs."""
    parties.create_organisation(
        by=world.operator, name="Harbour", kind=OrganisationKind.PARTNER, at=world.start, id="harbour"
    )
    return person(world, "pat", "harbour", Role.EVALUATOR, Role.SIGNATORY)


def partner_terms(world: Any, **changes: Any) -> PartnerTerms:
    made = PartnerTerms(
        people=frozenset({"pat"}),
        purposes=frozenset({CAPABILITY}),
        levels=frozenset({AccessLevel.API}),
        budget=Budget(10, 1_000, 1),
        window=Window(world.start, world.start + timedelta(days=5)),
    )
    return replace(made, **changes)


def signed_partner(world: Any, review: str, **changes: Any) -> None:
    cases.propose_partner(by=world.intake, review=review, organisation="harbour", at=world.start)
    signed = partner_terms(world, **changes)
    cases.sign_partner_terms(by=world.signatory, review=review, organisation="harbour", terms=signed, at=world.start)
    cases.countersign_partner(by=world.authority, review=review, organisation="harbour", at=world.start)


def give(world: Any, review: str, **changes: Any) -> str:
    asked: dict[str, Any] = {"kind": ItemKind.OUTPUTS, "text": "Transcripts", "holder": world.body, "at": world.start}
    return cases.hand_over(by=world.security, review=review, **(asked | changes))


def test_weights_are_in_force_only_with_two_people_of_each_side(world: Any, review: str) -> None:
    second = person(world, "tess", world.lab, Role.SIGNATORY)
    with pytest.raises(Refused, match="two people of each side"):
        give(world, review, kind=ItemKind.WEIGHTS)
    with pytest.raises(Refused, match="another person"):
        cases.countersign_consent(by=world.signatory, review=review, at=world.start)
    for signer in (second, world.authority):
        cases.countersign_consent(by=signer, review=review, at=world.start)
        assert AccessLevel.WEIGHTS not in cases.standing(review, world.start).levels
    cases.countersign_consent(by=world.authority2, review=review, at=world.start)
    assert AccessLevel.WEIGHTS in cases.standing(review, world.start).levels
    give(world, review, kind=ItemKind.WEIGHTS)
    narrowed = terms(world, budget=Budget(50, 5_000, 1))
    cases.narrow_consent(by=world.signatory, review=review, terms=narrowed, at=world.start)
    assert AccessLevel.WEIGHTS in cases.standing(review, world.start).levels  # it gives nothing new
    cases.sign_consent(by=world.signatory, review=review, terms=terms(world), at=world.start)
    assert AccessLevel.WEIGHTS not in cases.standing(review, world.start).levels  # a new consent, signed by one


def test_a_consent_signed_twice_at_once_is_signed_once(durable_world: Any) -> None:
    world = durable_world
    made = cases.draft(
        by=world.governance, developer=world.lab, body=world.body, title="A", model="m-1", at=world.start,
        partner_release=world.start + timedelta(days=40), public_release=world.start + timedelta(days=60),
    )  # fmt: skip
    cases.offer(by=world.governance, review=made, at=world.start)
    caught: list[BaseException] = []

    def sign() -> None:
        try:
            cases.sign_consent(by=world.signatory, review=made, terms=terms(world), after=0, at=world.start)
        except SeatrialError as error:
            caught.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=sign) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [type(error) for error in caught] == [Conflict]
    assert "signed meanwhile" in str(caught[0])
    view = cases.review(world.governance, made, world.start)
    assert view.consent is not None
    assert view.consent.number == 1


def test_the_signed_text_names_policy_and_digest(world: Any, review: str) -> None:
    import json

    from seatrial.review.cases.models import ConsentRow

    said = json.loads(ConsentRow.objects.get(review_id=review).statement)
    assert said["policy_digest"] == parties.policy(world.body, said["policy"]).digest
    assert said["levels"] == ["api", "weights"]


def test_a_partner_reaches_the_model_by_both_signatures_and_inside_the_consent(
    world: Any, review: str, harbour: Actor
) -> None:
    with pytest.raises(NotFound):
        cases.review(harbour, review, world.start)
    assert cases.standing(review, world.start, home="harbour").reason is not None
    signed_partner(world, review)
    standing = cases.standing(review, world.start, home="harbour")
    assert standing.reason is None
    assert standing.consent is not None
    assert standing.consent.people == {"pat"}
    assert standing.consent.budget == Budget(10, 1_000, 1)
    assert [one.review for one in cases.invitations(harbour, world.start)] == [review]
    with pytest.raises(NotFound):  # the grant is all that a partner sees
        cases.review(harbour, review, world.start)
    cases.end_partner(by=harbour, review=review, organisation="harbour", at=world.start)
    assert cases.standing(review, world.start, home="harbour").reason is not None
    assert cases.standing(review, world.start).reason is None  # nothing else depends on it


def test_wider_terms_for_a_partner_need_the_body_again_and_narrower_ones_do_not(
    world: Any, review: str, harbour: Actor
) -> None:
    signed_partner(world, review)
    change = {"by": world.signatory, "review": review, "organisation": "harbour", "at": world.start}
    cases.sign_partner_terms(**change, terms=partner_terms(world, budget=Budget(5, 500, 1)))
    assert cases.standing(review, world.start, home="harbour").reason is None
    cases.sign_partner_terms(**change, terms=partner_terms(world))
    assert cases.standing(review, world.start, home="harbour").reason is not None
    cases.countersign_partner(by=world.authority, review=review, organisation="harbour", at=world.start)
    assert cases.standing(review, world.start, home="harbour").reason is None


def test_narrowing_the_consent_narrows_the_partner(world: Any, review: str, harbour: Actor) -> None:
    signed_partner(world, review)
    shorter = Window(world.start, world.start + timedelta(days=2))
    cases.narrow_consent(by=world.signatory, review=review, terms=terms(world, window=shorter), at=world.start)
    assert cases.standing(review, world.start + timedelta(days=1), home="harbour").reason is None
    assert cases.standing(review, world.start + timedelta(days=2), home="harbour").reason is not None


@pytest.mark.parametrize("organisation", ["lab-south", "body-one"])
def test_only_a_partner_organisation_is_proposed(world: Any, review: str, organisation: str) -> None:
    with pytest.raises(Misuse, match="a trusted partner is a partner"):
        cases.propose_partner(by=world.intake, review=review, organisation=organisation, at=world.start)


def test_what_was_handed_over_has_a_date_once_access_ends_and_its_holder_attests(world: Any, review: str) -> None:
    item = give(world, review)
    assert [one.due_at for one in cases.items(world.governance, review, world.start)] == [None]
    cases.withdraw(by=world.security, review=review, at=world.start + timedelta(days=1))
    later = world.start + timedelta(days=2)
    assert cases.items(world.governance, review, later)[0].due_at == world.start + timedelta(days=31)
    with pytest.raises(NotFound):
        cases.review(world.intake, review, later)
    assert [one.id for one in cases.duties(world.intake, later)] == [item]
    assert cases.duties(world.governance, later) == ()
    with pytest.raises(Forbidden):
        cases.attest_destruction(by=world.intake, review=review, item=item, text="Wiped.", at=later)
    with pytest.raises(Forbidden):
        cases.attest_destruction(by=world.signatory, review=review, item=item, text="Wiped.", at=later)
    cases.attest_destruction(by=world.authority, review=review, item=item, text="Wiped, disk 7.", at=later)
    seen = cases.items(world.governance, review, later)[0]
    assert (seen.attestation, seen.attested_at) == ("Wiped, disk 7.", later)
    assert cases.duties(world.intake, later) == ()
    with pytest.raises(Refused, match="already"):
        cases.attest_destruction(by=world.authority, review=review, item=item, text="Again.", at=later)


def test_an_expired_review_counts_from_its_deadline(world: Any, review: str) -> None:
    give(world, review)
    later = world.start + timedelta(days=12)
    assert cases.items(world.intake, review, later)[0].due_at == world.start + timedelta(days=40)


def test_a_partner_sees_and_attests_only_what_it_has_itself(world: Any, review: str, harbour: Actor) -> None:
    signed_partner(world, review)
    give(world, review)
    own = give(world, review, holder="harbour", text="A sample")
    assert [one.id for one in cases.items(harbour, review, world.start)] == [own]
    cases.attest_destruction(by=harbour, review=review, item=own, text="Gone.", at=world.start)
    with pytest.raises(Refused, match="neither the review body nor a partner"):
        give(world, review, holder="lab-south")


def test_a_leak_ends_all_access_and_the_developer_reads_it_first(world: Any, review: str, harbour: Actor) -> None:
    signed_partner(world, review)
    canary = cases.plant_canary(by=world.security, review=review, place="The transcripts of day 3", at=world.start)
    cases.report_leak(by=world.evaluator, review=review, found=f"On a forum: {canary.upper()}", at=world.start)
    for home in (None, "harbour"):
        standing = cases.standing(review, world.start, home=home)
        assert standing.state is ReviewState.CONTAINED
        assert "leak" in (standing.reason or "")
    ours, theirs, reporter = (cases.leaks(who, review)[0] for who in (world.governance, world.intake, world.evaluator))
    assert ours.place == "The transcripts of day 3"
    assert theirs.found is None
    assert theirs.place is None
    assert reporter.found is not None
    entry = ledger.entries(world.security, review=review, kind="case.leak_reported")[0]
    assert entry.label.audience == {world.lab, world.evaluator.person}
    assert ledger.entries(world.intake, review=review, kind="case.leak_reported") == ()
    cases.acknowledge_leak(by=world.security, review=review, leak=ours.id, at=world.start)
    assert cases.leaks(world.intake, review)[0].found == ours.found
    with pytest.raises(Refused, match="already"):
        cases.acknowledge_leak(by=world.security, review=review, leak=ours.id, at=world.start)


def test_a_partner_is_told_of_no_leak_but_what_it_reported_itself(world: Any, review: str, harbour: Actor) -> None:
    signed_partner(world, review)
    canary = cases.plant_canary(by=world.security, review=review, place="The logs", at=world.start)
    cases.report_leak(by=world.evaluator, review=review, found=f"On a forum: {canary}", at=world.start)
    leak = cases.leaks(world.governance, review)[0]
    cases.acknowledge_leak(by=world.security, review=review, leak=leak.id, at=world.start)
    assert cases.leaks(harbour, review) == ()


def test_after_a_withdrawal_the_body_is_left_its_own_duties_and_no_leak(
    world: Any, review: str, harbour: Actor
) -> None:
    signed_partner(world, review)
    own = give(world, review)
    give(world, review, holder="harbour", text="A sample")
    cases.report_leak(by=world.evaluator, review=review, found="On a forum.", at=world.start)
    leak = cases.leaks(world.governance, review)[0]
    cases.acknowledge_leak(by=world.security, review=review, leak=leak.id, at=world.start)
    cases.withdraw(by=world.security, review=review, at=world.start)
    assert [item.id for item in cases.items(world.intake, review, world.start)] == [own]
    assert cases.leaks(world.intake, review) == ()
    assert [found.found for found in cases.leaks(world.evaluator, review)] == [
        "On a forum."
    ]  # the reporter's own words
    assert len(cases.items(world.governance, review, world.start)) == 2


def test_whoever_is_not_cleared_for_a_review_sees_neither_what_was_handed_over_nor_leaks(
    world: Any, review: str
) -> None:
    give(world, review)
    cases.report_leak(by=world.evaluator, review=review, found="On a forum.", at=world.start)
    cases.plant_canary(by=world.security, review=review, place="The logs", at=world.start)
    for cleared in (world.intake, world.governance):
        uncleared = replace(cleared, level=Level.OPEN)
        assert cases.duties(uncleared, world.start) == ()
        with pytest.raises(NotFound):
            cases.items(uncleared, review, world.start)
        with pytest.raises(NotFound):
            cases.leaks(uncleared, review)
        with pytest.raises(NotFound):
            cases.canaries(uncleared, review)


def test_after_a_leak_only_a_new_signature_opens_access_and_narrowing_does_not(world: Any, review: str) -> None:
    at = world.start + timedelta(hours=1)
    cases.report_leak(by=world.security, review=review, found="A copy on a share.", at=at)
    narrowed = terms(world, budget=Budget(5, 500, 1))
    cases.narrow_consent(by=world.signatory, review=review, terms=narrowed, at=at)
    assert cases.standing(review, at).reason is not None
    later = at + timedelta(hours=1)
    cases.sign_consent(by=world.signatory, review=review, terms=terms(world), at=later)
    standing = cases.standing(review, later)
    assert standing.reason is None
    assert standing.leaked_at == at  # keys from before stay dead


def test_a_finder_without_an_account_is_heard_and_told_nothing(world: Any, review: str) -> None:
    canary = cases.plant_canary(by=world.security, review=review, place="The logs", at=world.start)
    before = ledger.head(MAIN)
    cases.report_found(found="nothing known: seatrial-canary-00000000000000000000000000", at=world.start)
    assert ledger.head(MAIN) == before
    assert cases.standing(review, world.start).reason is None
    cases.report_found(found=f"pasted: {canary} and again {canary}", at=world.start)
    assert ledger.head(MAIN) == before + 1
    assert cases.standing(review, world.start).state is ReviewState.CONTAINED
    assert cases.canaries(world.governance, review)[0].hits == 1
    with pytest.raises(NotFound):
        cases.canaries(world.intake, review)


def test_nobody_else_learns_that_strings_are_planted(world: Any, review: str) -> None:
    before = ledger.head(MAIN)
    cases.plant_canary(by=world.security, review=review, place="The logs", at=world.start)
    assert ledger.head(MAIN) == before
    assert ledger.entries(world.intake, log=world.lab, kind="case.canary") == ()
    for stranger in (world.intake, world.rival):
        with pytest.raises(NotFound):
            cases.plant_canary(by=stranger, review=review, place="x", at=world.start)


def test_the_oversight_that_the_policy_names_reads_an_offered_review_and_changes_nothing(world: Any) -> None:
    parties.create_organisation(
        by=world.operator, name="Inspectors", kind=OrganisationKind.OVERSIGHT, at=world.start, id="inspectors"
    )
    iris = person(world, "iris", "inspectors", Role.INSPECTOR)
    parties.publish_policy(
        by=world.authority, body=world.body, version="2026-07", max_window=timedelta(days=30),
        purposes=frozenset({CAPABILITY}), terms="As before.", oversight=frozenset({"inspectors"}),
        at=world.start + timedelta(seconds=1),
    )  # fmt: skip
    at = world.start + timedelta(minutes=1)
    made = cases.draft(
        by=world.governance, developer=world.lab, body=world.body, title="Inspected", model="m-1", at=at,
        partner_release=world.start + timedelta(days=40), public_release=world.start + timedelta(days=60),
    )  # fmt: skip
    with pytest.raises(NotFound):
        cases.review(iris, made, at)
    cases.offer(by=world.governance, review=made, at=at)
    assert cases.review(iris, made, at).may == ()
    cases.withdraw(by=world.security, review=made, at=at)
    assert cases.review(iris, made, at).state is ReviewState.WITHDRAWN  # the sealed record is what it is there for
    with pytest.raises(SeatrialError):
        cases.acknowledge(by=iris, review=made, at=at)
