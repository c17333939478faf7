"""Reviews on a real database: one action, one transaction, one entry; drafts nobody sees; races with one outcome."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from seatrial.kernel.clock import Window
from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Forbidden, Misuse, NotFound, Refused, SeatrialError
from seatrial.kernel.labels import OPEN, Label, Level
from seatrial.kernel.recipients import new_private_key
from seatrial.ledger import api as ledger
from seatrial.ledger.types import MAIN
from seatrial.parties import api as parties
from seatrial.review.cases import api as cases
from seatrial.review.cases.models import ConsentRow
from seatrial.review.cases.types import (
    AccessLevel,
    Budget,
    ConsentTerms,
    Endpoint,
    ItemKind,
    Keeping,
    PartnerTerms,
    Price,
    ReviewState,
    Tariff,
)

TARIFF = Tariff("EUR", (Price.of("m-1", "3.00", "15.00"),))


def plan(world: Any, **changes: Any) -> str:
    return cases.draft(
        **{
            "by": world.governance,
            "developer": world.lab,
            "body": world.body,
            "title": "A review",
            "model": "m-1",
            "partner_release": world.start + timedelta(days=40),
            "public_release": world.start + timedelta(days=60),
            "at": world.start,
            **changes,
        }
    )


def terms(world: Any, *, opens: float = 0, closes: float = 10, **changes: Any) -> ConsentTerms:
    made = ConsentTerms(
        model="m-1",
        artefact=digest(b"weights"),
        variant="as served",
        people=frozenset({world.evaluator.person}),
        purposes=frozenset({"capability-evaluation"}),
        levels=frozenset({AccessLevel.API}),
        upstream="http://127.0.0.1:9000/v1",
        budget=Budget(100, 10_000, 2),
        window=Window(world.start + timedelta(days=opens), world.start + timedelta(days=closes)),
        label=OPEN,
    )
    return replace(made, **changes)


def partner_terms(world: Any, **changes: Any) -> PartnerTerms:
    made = PartnerTerms(
        people=frozenset({"pat"}),
        purposes=frozenset({"capability-evaluation"}),
        levels=frozenset({AccessLevel.API}),
        budget=Budget(10, 1_000, 1),
        window=Window(world.start, world.start + timedelta(days=5)),
    )
    return replace(made, **changes)


def consented(world: Any) -> str:
    review = plan(world)
    cases.offer(by=world.governance, review=review, at=world.start)
    cases.sign_consent(by=world.signatory, review=review, terms=terms(world), at=world.start)
    return review


def heads(world: Any) -> int:
    return ledger.head(MAIN) + ledger.head(world.lab)


def test_each_action_leaves_exactly_one_entry(world: Any) -> None:
    at = world.start
    review = plan(world)
    partner = parties.create_organisation(by=world.operator, name="Partner", kind="partner", at=at, id="partner-one").id
    actions = [
        lambda: cases.offer(by=world.governance, review=review, at=at),
        lambda: cases.acknowledge(by=world.intake, review=review, at=at),
        lambda: cases.ask(by=world.intake, review=review, thread="thread-1", text=digest(b"Which?"), at=at),
        lambda: cases.answer(by=world.governance, review=review, thread="thread-1", text=digest(b"None."), at=at),
        lambda: cases.ask(by=world.intake, review=review, thread="thread-2", text=digest(b"Why?"), at=at),
        lambda: cases.take_back(by=world.intake, review=review, thread="thread-2", at=at),
        lambda: cases.sign_consent(by=world.signatory, review=review, terms=terms(world), at=at),
        lambda: cases.narrow_consent(by=world.signatory, review=review, terms=terms(world, closes=9), at=at),
        lambda: cases.propose_partner(by=world.intake, review=review, organisation=partner, at=at),
        lambda: cases.sign_partner_terms(
            by=world.signatory, review=review, organisation=partner, terms=partner_terms(world), at=at
        ),
        lambda: cases.countersign_partner(by=world.authority, review=review, organisation=partner, at=at),
        lambda: cases.hand_over(
            by=world.security, review=review, kind=ItemKind.OUTPUTS, text="Logs", holder=world.body, at=at
        ),
        lambda: cases.list_kept(by=world.evaluator, review=review, kind=ItemKind.OUTPUTS, text="Scores", at=at),
        lambda: cases.plant_canary(by=world.security, review=review, place="The logs", at=at),
        lambda: cases.end_partner(by=world.security, review=review, organisation=partner, at=at),
        lambda: cases.move_release(
            by=world.governance,
            review=review,
            partner_release=at + timedelta(days=30),
            public_release=at + timedelta(days=60),
            at=at,
        ),
        lambda: cases.withdraw(by=world.security, review=review, at=at),
        lambda: cases.record_release(by=world.governance, review=review, at=at),
        lambda: cases.close(by=world.governance, review=review, at=at),
    ]
    for action in actions:
        before = heads(world)
        action()
        assert heads(world) == before + 1
    view = cases.review(world.governance, review, at)
    shared = [item.what for item in view.timeline if item.log == MAIN]
    assert (shared[-1], view.timeline[-1].what) == ("case.offered", "case.drafted")
    assert len(view.timeline) == 20
    assert view.state is ReviewState.CLOSED


def test_a_draft_can_be_told_from_nothing_by_its_developer_only(world: Any) -> None:
    before = ledger.head(MAIN)
    review = plan(world)
    cases.close(by=world.governance, review=review, at=world.start)
    assert ledger.head(MAIN) == before
    assert len(cases.reviews(world.governance, world.start)) == 1
    for stranger in (world.intake, world.evaluator, world.rival, world.operator):
        assert cases.reviews(stranger, world.start) == ()
        with pytest.raises(NotFound):
            cases.review(stranger, review, world.start)
    with pytest.raises(NotFound):
        cases.acknowledge(by=world.intake, review=review, at=world.start)


def test_another_lab_sees_nothing_of_an_offered_review(world: Any) -> None:
    review = consented(world)
    assert cases.reviews(world.rival, world.start) == ()
    with pytest.raises(NotFound):
        cases.withdraw(by=world.rival, review=review, at=world.start)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"closes": 31}, "thirty-days-at-most"),
        ({"opens": 15, "closes": 41}, "window-before-partner-release"),
        ({"opens": -9, "closes": -1}, "window-not-past"),
        ({"people": frozenset()}, "people-named"),
        ({"purposes": frozenset()}, "purpose-named"),
        ({"purposes": frozenset({"curiosity"})}, "purposes-of-policy"),
        ({"budget": Budget(0, 1, 1)}, "budget-positive"),
        ({"upstream": "ftp://lab"}, "upstream-is-http"),
        ({"upstream": "http://user@lab/v1"}, "upstream-is-http"),
        ({"label": Label(level=Level.SECRET)}, "label-within-instance"),
        ({"budget": Budget(1, 1, 1, 5)}, "builds-priced"),
        ({"budget": Budget(1, 1, 1, 0), "tariff": TARIFF}, "budget-positive"),
        ({"tariff": Tariff("EUR", (Price("m-2", 1, 1),))}, "builds-priced"),
        ({"keeping": Keeping((), 3)}, "keeping-for-somebody"),
        ({"keeping": Keeping((digest(b"a key"),), 31)}, "keeping-bounded"),
    ],
)
def test_a_consent_that_may_not_be_is_refused_in_one_sentence_and_nothing_is_written(
    world: Any, changes: dict[str, Any], code: str
) -> None:
    review = plan(world)
    cases.offer(by=world.governance, review=review, at=world.start)
    before = heads(world)
    with pytest.raises(Refused) as caught:
        cases.sign_consent(by=world.signatory, review=review, terms=terms(world, **changes), at=world.start)
    assert caught.value.code == code
    assert caught.value.message.endswith(".")
    assert heads(world) == before
    assert ConsentRow.objects.count() == 0


def test_prices_endpoints_and_keeping_are_signed_and_stand_as_signed(world: Any, tmp_path: Path) -> None:
    review = plan(world)
    cases.offer(by=world.governance, review=review, at=world.start)
    own = parties.register_recipient_key(
        by=world.security, pem=new_private_key(tmp_path / "own").public.pem, at=world.start
    )
    priced = terms(
        world,
        budget=Budget(100, 10_000, 2, 5_000_000),
        tariff=TARIFF,
        endpoints=(Endpoint.parse("GET responses/*"), Endpoint.parse("POST rerank")),
        keeping=Keeping((own.id,), 14),
    )
    cases.sign_consent(by=world.signatory, review=review, terms=priced, at=world.start)
    standing = cases.standing(review, world.start).consent
    assert standing is not None
    for name in ("budget", "tariff", "endpoints", "keeping"):
        assert getattr(standing, name) == getattr(priced, name)
    parties.retire_recipient_key(by=world.security, key=own.id, at=world.start)
    less = replace(priced, budget=Budget(100, 10_000, 2, 4_000_000), endpoints=(Endpoint.parse("GET responses/one"),))
    cases.narrow_consent(by=world.signatory, review=review, terms=less, at=world.start)  # waits for nobody's key
    with pytest.raises(Misuse, match="is not the key in force of anybody"):
        cases.sign_consent(by=world.signatory, review=review, terms=less, at=world.start)


def test_bodies_are_kept_for_people_of_the_two_sides_only(world: Any, tmp_path: Path) -> None:
    review = plan(world)
    cases.offer(by=world.governance, review=review, at=world.start)
    foreign = parties.register_recipient_key(
        by=world.rival, pem=new_private_key(tmp_path / "foreign").public.pem, at=world.start
    )
    for key in (foreign.id, digest(b"no key")):
        with pytest.raises(Misuse, match="is not the key in force of anybody") as caught:
            kept = terms(world, keeping=Keeping((key,), 3))
            cases.sign_consent(by=world.signatory, review=review, terms=kept, at=world.start)
        assert caught.value.code == "recipient-unknown"


def test_a_consent_from_before_prices_reads_unchanged(world: Any) -> None:
    review = consented(world)
    row = ConsentRow.objects.get(review=review)
    said = json.loads(row.statement)
    for name in ("tariff", "endpoints", "keeping"):
        del said[name]
    del said["budget"]["money"]
    ConsentRow.objects.filter(pk=row.pk).update(statement=json.dumps(said))
    standing = cases.standing(review, world.start).consent
    assert standing is not None
    assert (standing.tariff, standing.endpoints, standing.keeping, standing.budget.money) == (None, (), None, None)


def test_windows_of_one_review_add_up_to_thirty_days_at_most(world: Any) -> None:
    review = plan(world)
    cases.offer(by=world.governance, review=review, at=world.start)
    cases.sign_consent(by=world.signatory, review=review, terms=terms(world, closes=20), at=world.start)
    later = world.start + timedelta(days=15)
    with pytest.raises(Refused, match="Together with 15 days used before"):
        cases.sign_consent(by=world.signatory, review=review, terms=terms(world, opens=15, closes=31), at=later)
    cases.sign_consent(by=world.signatory, review=review, terms=terms(world, opens=15, closes=30), at=later)


def test_a_signed_consent_verifies_against_the_organisations_key(world: Any) -> None:
    review = consented(world)
    row = ConsentRow.objects.get(review_id=review)
    import json

    from seatrial.parties.types import Signature

    statement = json.loads(row.statement)
    signature = Signature(
        world.lab, world.signatory.person, row.signed_at, digest(row.statement.encode()), row.public_key, row.signature
    )
    assert parties.verify(signature, statement)
    assert not parties.verify(signature, {**statement, "model": "another"})


def test_withdrawal_shows_in_the_standing_at_once_and_for_good(world: Any) -> None:
    review = consented(world)
    assert cases.standing(review, world.start).reason is None
    cases.withdraw(by=world.security, review=review, at=world.start + timedelta(hours=1))
    standing = cases.standing(review, world.start + timedelta(hours=1))
    assert standing.state is ReviewState.WITHDRAWN
    assert "withdrawn" in (standing.reason or "")
    for event in (cases.withdraw, cases.offer):
        with pytest.raises(Refused):
            event(by=world.governance, review=review, at=world.start + timedelta(hours=2))
    with pytest.raises(Refused):
        cases.sign_consent(by=world.signatory, review=review, terms=terms(world), at=world.start + timedelta(hours=2))


def test_a_caller_whose_clock_reading_is_older_than_the_newest_consent_goes_by_that_consent(world: Any) -> None:
    review = consented(world)
    later = world.start + timedelta(seconds=1)
    cases.narrow_consent(by=world.signatory, review=review, terms=terms(world, closes=9), at=later)
    standing = cases.standing(review, world.start)
    assert standing.reason is None
    assert standing.consent is not None
    assert standing.consent.number == 2


def test_a_withdrawn_review_leaves_the_bodys_list_at_once(world: Any) -> None:
    review = consented(world)
    assert [view.id for view in cases.reviews(world.intake, world.start)] == [review]
    cases.withdraw(by=world.security, review=review, at=world.start)
    assert cases.reviews(world.intake, world.start) == ()
    assert [view.id for view in cases.reviews(world.governance, world.start)] == [review]


def test_access_ends_by_itself_at_the_windows_end(world: Any) -> None:
    review = consented(world)
    last = world.start + timedelta(days=10)
    assert cases.standing(review, last - timedelta(microseconds=1)).reason is None
    assert cases.standing(review, last).state is ReviewState.EXPIRED
    assert cases.standing(review, last).reason is not None


def test_planning_the_release_earlier_shortens_the_window_and_later_gives_nothing_back(world: Any) -> None:
    review = consented(world)
    for days in (5, 50):
        cases.move_release(
            by=world.governance,
            review=review,
            partner_release=world.start + timedelta(days=days),
            public_release=world.start + timedelta(days=90),
            at=world.start,
        )
        window = cases.standing(review, world.start).window
        assert window is not None
        assert window.closes == world.start + timedelta(days=5)


def test_a_new_policy_version_does_not_touch_a_review_in_flight(world: Any) -> None:
    review = consented(world)
    parties.publish_policy(
        by=world.authority,
        body=world.body,
        version="2027-01",
        max_window=timedelta(days=3),
        purposes=frozenset({"other"}),
        terms="Other terms.",
        at=world.start + timedelta(days=1),
    )
    assert cases.review(world.governance, review, world.start).policy_version == "2026-06"
    assert cases.standing(review, world.start + timedelta(days=5)).reason is None
    cases.adopt_policy(by=world.signatory, review=review, version="2027-01", at=world.start + timedelta(days=1))
    assert cases.review(world.governance, review, world.start).policy_version == "2027-01"


def test_roles_and_sides_are_kept_apart(world: Any) -> None:
    review = consented(world)
    wrong = [
        lambda: cases.withdraw(by=world.intake, review=review, at=world.start),
        lambda: cases.record_release(by=world.authority, review=review, at=world.start),
        lambda: cases.close(by=world.intake, review=review, at=world.start),
        lambda: cases.acknowledge(by=world.governance, review=review, at=world.start),
        lambda: cases.sign_consent(by=world.governance, review=review, terms=terms(world), at=world.start),
        lambda: cases.ask(by=world.authority, review=review, thread="thread-1", text=digest(b"?"), at=world.start),
    ]
    for attempt in wrong:
        before = heads(world)
        with pytest.raises(Forbidden):
            attempt()
        assert heads(world) == before


def test_what_a_person_may_do_is_what_works(world: Any) -> None:
    review = consented(world)
    guarding = {"withdraw", "answer", "hand_over", "report_leak"}
    assert set(cases.review(world.security, review, world.start).may) == guarding - {"answer"}
    assert "record_release" in cases.review(world.governance, review, world.start).may
    assert set(cases.review(world.intake, review, world.start).may) == {
        *("ask", "acknowledge", "propose_partner"),
        *("list_kept", "report_leak"),
    }
    assert set(cases.review(world.evaluator, review, world.start).may) == {"ask", "list_kept", "report_leak"}


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"title": " "}, "The title must have 1 to 200"),
        ({"model": "x" * 201}, "The model must have 1 to 200"),
        ({"partner_release": None}, "which is past"),
        ({"public_release": None}, "after the public one"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(world: Any, changes: dict[str, Any], match: str) -> None:
    filled = {name: world.start if value is None else value for name, value in changes.items()}
    with pytest.raises(Misuse, match=match):
        plan(world, **filled)


def test_reading_a_list_costs_a_bounded_number_of_queries(world: Any, django_assert_max_num_queries: Any) -> None:
    for _ in range(12):
        consented(world)
    with django_assert_max_num_queries(10):
        assert len(cases.reviews(world.governance, world.start)) == 12


def in_threads(*works: Any) -> list[BaseException | None]:
    results: list[BaseException | None] = [None] * len(works)

    def run(place: int, work: Any) -> None:
        try:
            work()
        except BaseException as error:
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_two_consents_signed_at_once_are_two_numbers_and_one_stands(durable_world: Any) -> None:
    world = durable_world
    review = plan(world)
    cases.offer(by=world.governance, review=review, at=world.start)

    def sign() -> None:
        cases.sign_consent(by=world.signatory, review=review, terms=terms(world), at=world.start)

    assert in_threads(sign, sign, sign) == [None, None, None]
    assert sorted(ConsentRow.objects.values_list("number", flat=True)) == [1, 2, 3]
    consent = cases.review(world.governance, review, world.start).consent
    assert consent is not None
    assert consent.number == 3
    assert ledger.audit().fault is None


def test_withdrawing_and_signing_at_once_end_in_withdrawal(durable_world: Any) -> None:
    world = durable_world
    review = consented(world)
    outcomes = in_threads(
        lambda: cases.withdraw(by=world.security, review=review, at=world.start),
        lambda: cases.sign_consent(by=world.signatory, review=review, terms=terms(world), at=world.start),
    )
    assert outcomes[0] is None
    assert outcomes[1] is None or isinstance(outcomes[1], SeatrialError)
    assert cases.standing(review, world.start).reason is not None
