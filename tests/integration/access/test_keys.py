"""Keys, the developer's credential, and settling, without a gateway."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection

from seatrial.kernel.clock import Window, now
from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Forbidden, Misuse, NotFound, Refused, Unavailable
from seatrial.kernel.labels import Label, Level
from seatrial.ledger import api as ledger
from seatrial.review.access import api as access
from seatrial.review.access.types import AccessRequest, NewKey, Pass, Settlement, Why
from seatrial.review.cases import api as cases
from simulators.staged_reviews import CAPABILITY, consented, draft, offered, terms


@pytest.fixture
def review(world) -> str:
    return consented(world, "A voyage")


@pytest.fixture
def key(world, review) -> NewKey:
    return access.issue_key(by=world.evaluator, review=review, purpose=CAPABILITY, at=now())


def request(key: NewKey, **changes) -> AccessRequest:
    asked = AccessRequest(
        key=key.secret,
        purpose=None,
        method="POST",
        path="chat/completions",
        request_digest=digest(b"asked"),
        request_bytes=5,
        tokens=100,
        model="north-7b",
        gateway="here",
    )
    return replace(asked, **changes)


def settlement(passed: Pass, **changes) -> Settlement:
    whole = Settlement(passed.exchange, 200, digest(b"said"), 4, 10, 20, 0.1, 0.5, "complete")
    return replace(whole, **changes)


def kinds(asking) -> list[str]:
    return [entry.kind for entry in ledger.entries(asking, kind="access.", limit=1000)]


def test_only_people_of_the_consent_get_a_key_and_for_its_purposes_only(world, review):
    with pytest.raises(Refused) as refused:
        access.issue_key(by=world.authority, review=review, purpose=CAPABILITY, at=now())
    assert refused.value.code == Why.NOT_NAMED
    with pytest.raises(Refused, match=CAPABILITY):
        access.issue_key(by=world.evaluator, review=review, purpose="curiosity", at=now())
    for stranger in (world.rival, world.operator):
        with pytest.raises(NotFound):
            access.issue_key(by=stranger, review=review, purpose=CAPABILITY, at=now())
    assert kinds(world.security) == []


def test_without_a_consent_or_after_its_end_there_is_no_key(world):
    with pytest.raises(Refused) as refused:
        access.issue_key(by=world.evaluator, review=offered(world, "Offered"), purpose=CAPABILITY, at=now())
    assert refused.value.code == Why.NO_CONSENT
    with pytest.raises(NotFound):
        access.issue_key(by=world.evaluator, review=draft(world, "Secret"), purpose=CAPABILITY, at=now())
    withdrawn = consented(world, "Withdrawn")
    cases.withdraw(by=world.security, review=withdrawn, at=now())
    with pytest.raises(NotFound):  # for the body, a withdrawn review is the sealed record and nothing else
        access.issue_key(by=world.evaluator, review=withdrawn, purpose=CAPABILITY, at=now())


def test_a_key_is_kept_as_a_digest_only(world, review, key):
    assert key.secret.startswith(f"stk-{key.id.removeprefix('key-')}-")
    assert key.secret not in repr(key)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM access_accesskey")
        assert key.secret not in repr(cursor.fetchall())
    assert key.secret not in repr(ledger.entries(world.security, limit=1000))


def test_a_key_is_revoked_by_its_holder_the_developer_or_the_body_and_by_nobody_else(world, review):
    for person in (world.evaluator, world.security, world.governance, world.intake, world.authority):
        made = access.issue_key(by=world.evaluator, review=review, purpose=CAPABILITY, at=now())
        with pytest.raises(NotFound):
            access.revoke_key(by=world.rival, key=made.id, at=now())
        for _ in range(2):  # again changes nothing
            access.revoke_key(by=person, key=made.id, at=now())
        with pytest.raises(Refused) as refused:
            access.authorise(request(made), now())
        assert refused.value.code == Why.REVOKED_KEY
    assert kinds(world.security) == ["access.key-issued", "access.key-revoked", "access.refused"] * 5
    assert all(view.revoked_at for view in access.keys(world.evaluator, review))


def test_only_the_developers_guardians_set_its_credential_and_it_is_kept_sealed(world, review, key):
    with pytest.raises(Forbidden):
        access.set_upstream_credential(by=world.evaluator, review=review, credential="sk-1", at=now())
    with pytest.raises(NotFound):
        access.set_upstream_credential(by=world.rival, review=review, credential="sk-1", at=now())
    for bad in ("", " ", "a\nb", "schlüssel"):
        with pytest.raises(Misuse):
            access.set_upstream_credential(by=world.security, review=review, credential=bad, at=now())
    access.set_upstream_credential(by=world.security, review=review, credential="sk-first", at=now())
    access.set_upstream_credential(by=world.governance, review=review, credential="sk-second", at=now())
    passed = access.authorise(request(key), now())
    assert passed.upstream_credential == "sk-second"
    assert "sk-second" not in repr(passed)
    own = [entry.kind for entry in ledger.entries(world.security, log=world.lab, kind="access.")]
    assert own == ["access.credential-set"] * 2
    assert ledger.entries(world.evaluator, log=world.lab, kind="access.") == ()


def test_settling_replaces_the_reservation_once(world, review, key):
    passed = access.authorise(request(key), now())
    assert access.usage(world.evaluator, review).tokens == 100
    assert access.usage(world.evaluator, review).in_flight == 1
    for _ in range(3):
        access.settle(settlement(passed), now())
    usage = access.usage(world.evaluator, review)
    assert (usage.requests, usage.tokens, usage.in_flight) == (1, 30, 0)
    assert kinds(world.security) == ["access.key-issued"]
    assert [access.seal(gateway="here", now=now()) for _ in range(2)] == [1, 0]
    assert kinds(world.security) == ["access.key-issued", "access.exchanges"]
    with pytest.raises(NotFound):
        access.settle(settlement(replace(passed, exchange="exchange-none")), now())


def test_the_receipt_of_an_exchange_holds_both_digests_and_its_charge(world, review, key):
    passed = access.authorise(request(key), now())
    access.settle(settlement(passed), now())
    with pytest.raises(Unavailable) as pending:
        access.receipt(world.governance, passed.exchange, now())
    assert pending.value.code == "receipt-pending"
    for _ in range(4):  # neighbours in the batch
        access.settle(settlement(access.authorise(request(key), now())), now())
    access.seal(gateway="here", now=now())
    made = json.loads(json.dumps(access.receipt(world.governance, passed.exchange, now())))
    proven = access.verify_receipt(made, ledger.public_key()).facts
    assert (proven["request_digest"], proven["response_digest"]) == (digest(b"asked"), digest(b"said"))
    assert (proven["charged"], proven["ended"], proven["review"]) == (30, "complete", review)
    for person in (world.rival, world.operator):
        with pytest.raises(NotFound):
            access.receipt(person, passed.exchange, now())


@pytest.mark.parametrize(
    "spoil",
    [
        lambda made: made["exchange"].update(charged=1),
        lambda made: made["exchange"].update(seconds=0.1),
        lambda made: made["exchange"].update(v=2),
        lambda made: made["exchange"].update(review="review-other"),
        lambda made: made["place"].update(index=made["place"]["index"] + 1),
        lambda made: made["place"].update(size=made["place"]["size"] + 1),
        lambda made: made["place"].update(path=made["place"]["path"][:-1]),
        lambda made: made["place"].update(path=["zz"]),
        lambda made: made["place"].update(path=[1]),
        lambda made: made["entry"]["openings"]["root"].update(value="00" * 32),
        lambda made: made["entry"]["openings"].pop("root"),
        lambda made: made.update(entry={}),
        lambda made: made.update(exchange=[]),
        lambda made: made.pop("place"),
        lambda made: made.update(more=1),
    ],
)
def test_a_receipt_that_was_touched_proves_nothing(world, review, key, spoil):
    for _ in range(5):
        passed = access.authorise(request(key), now())
        access.settle(settlement(passed), now())
    access.seal(gateway="here", now=now())
    made = json.loads(json.dumps(access.receipt(world.governance, passed.exchange, now())))
    spoil(made)
    with pytest.raises(Misuse, match="does not verify"):
        access.verify_receipt(made, ledger.public_key())


def test_an_unknown_use_keeps_the_reservation_and_a_larger_one_is_charged(world, review, key):
    unknown = access.authorise(request(key), now())
    access.settle(settlement(unknown, prompt_tokens=None, completion_tokens=None), now())
    assert access.usage(world.evaluator, review).tokens == 100
    larger = access.authorise(request(key), now())
    access.settle(settlement(larger, completion_tokens=500), now())
    assert access.usage(world.evaluator, review).tokens == 610


def test_abandoned_exchanges_of_one_gateway_are_settled_with_their_reservation(world, review, key):
    here = access.authorise(request(key), now())
    there = access.authorise(request(key, gateway="there"), now())
    assert access.settle_abandoned(gateway="here", now=now()) == 1
    usage = access.usage(world.evaluator, review)
    assert (usage.requests, usage.tokens, usage.in_flight) == (2, 200, 1)
    ended = {view.id: view.ended for view in access.exchanges(world.evaluator, review)}
    assert ended == {here.exchange: "gateway-stopped", there.exchange: None}
    long_after = now() + timedelta(days=30)
    assert access.settle_abandoned(gateway="nobody", now=long_after) == 1  # past its end nothing is in flight


def test_what_is_unknown_or_settled_is_not_open(world, review, key):
    passed = access.authorise(request(key), now())
    assert access.still_open([passed.exchange, "exchange-none"], now()) == {
        passed.exchange: None,
        "exchange-none": Why.UNVERIFIED,
    }
    access.settle(settlement(passed), now())
    assert access.still_open([passed.exchange], now()) == {passed.exchange: Why.UNVERIFIED}


def test_looking_at_many_calls_takes_as_many_queries_as_looking_at_one(
    world, review, key, django_assert_max_num_queries
):
    cases.sign_consent(
        by=world.signatory,
        review=review,
        terms=terms(frozenset({world.evaluator.person}), budget=replace(terms(frozenset()).budget, concurrency=40)),
        at=now(),
    )
    live = [access.authorise(request(key), now()).exchange for _ in range(40)]
    with django_assert_max_num_queries(9):
        assert set(access.still_open(live, now()).values()) == {None}


def test_narrowing_the_places_ends_those_who_came_last(world, review, key):
    first, second = (access.authorise(request(key), now()).exchange for _ in range(2))
    consent = cases.standing(review, now()).consent
    assert consent is not None
    narrowed = terms(
        consent.people, window=consent.window, budget=replace(consent.budget, concurrency=1), upstream=consent.upstream
    )
    cases.narrow_consent(by=world.signatory, review=review, terms=narrowed, at=now())
    assert access.still_open([second, first], now()) == {first: None, second: Why.CONCURRENCY}
    with pytest.raises(Refused) as refused:
        access.authorise(request(key), now())
    assert refused.value.code == Why.CONCURRENCY


def test_a_clock_read_before_a_consent_was_signed_is_judged_by_what_that_consent_says(world, review, key):
    first, second = (access.authorise(request(key), now()).exchange for _ in range(2))
    consent = cases.standing(review, now()).consent
    assert consent is not None
    read = now()  # and then this caller waited for the database, while the consent was narrowed
    narrowed = terms(
        consent.people, window=consent.window, budget=replace(consent.budget, concurrency=1), upstream=consent.upstream
    )
    cases.narrow_consent(by=world.signatory, review=review, terms=narrowed, at=read + timedelta(milliseconds=50))
    assert access.still_open([first, second], read) == {first: None, second: Why.CONCURRENCY}
    with pytest.raises(Refused) as refused:
        access.authorise(request(key), read)
    assert refused.value.code == Why.CONCURRENCY


def test_calls_of_an_earlier_consent_take_places_of_the_later_one(world, review, key):
    for _ in range(2):
        access.authorise(request(key), now())
    consent = cases.standing(review, now()).consent
    assert consent is not None
    more = terms(consent.people, window=consent.window, budget=replace(consent.budget, requests=10_000))
    cases.sign_consent(by=world.signatory, review=review, terms=more, at=now())
    with pytest.raises(Refused) as refused:
        access.authorise(request(key), now())
    assert refused.value.code == Why.CONCURRENCY
    assert access.usage(world.evaluator, review).in_flight == 2


def test_who_is_not_cleared_for_the_channel_does_not_pass(world):
    review = offered(world, "A labelled voyage")
    people = frozenset({world.evaluator.person})
    label = Label.among(world.lab, level=Level.CONTROLLED)
    cases.sign_consent(by=world.signatory, review=review, terms=terms(people, label=label), at=now())
    made = access.issue_key(by=world.evaluator, review=review, purpose=CAPABILITY, at=now())
    with pytest.raises(Refused) as refused:
        access.authorise(request(made), now())
    assert refused.value.code == Why.LABEL


def test_nothing_passes_before_the_window_or_after_it(world):
    review, at = offered(world, "A voyage later"), now()
    people = frozenset({world.evaluator.person})
    window = Window(at + timedelta(hours=1), at + timedelta(hours=2))
    cases.sign_consent(by=world.signatory, review=review, terms=terms(people, window=window), at=at)
    made = access.issue_key(by=world.evaluator, review=review, purpose=CAPABILITY, at=at)
    codes = {}
    for hours in (0.5, 1.0, 1.5, 2.0):
        try:
            passed = access.authorise(request(made), at + timedelta(hours=hours))
            codes[hours] = passed.ends_at == window.closes
        except Refused as refused:
            codes[hours] = refused.code
    assert codes == {0.5: Why.NOT_OPEN_YET, 1.0: True, 1.5: True, 2.0: Why.EXPIRED}


def test_what_a_refused_call_asked_for_is_recorded_briefly(world, review, key):
    with pytest.raises(Refused):
        access.authorise(request(key, path="x" * 5000, purpose="y" * 5000, method="Z" * 5000), now())
    [entry] = ledger.entries(world.security, kind="access.refused")
    assert max(len(str(opening["value"])) for opening in entry.openings.values()) <= 200
    assert entry.openings["why"]["value"] == Why.PURPOSE


def test_nobody_else_sees_that_there_was_a_use(world, review, key):
    access.settle(settlement(access.authorise(request(key), now())), now())
    access.seal(gateway="here", now=now())
    for person, seen in (
        (world.security, 1),
        (world.evaluator, 1),
        (world.authority, 1),
        (world.rival, 0),
        (world.operator, 0),
    ):
        assert len(access.exchanges(person, review)) == seen
        assert access.usage(person, review).requests == seen
        assert len(ledger.entries(person, kind="access.exchanges")) == seen
