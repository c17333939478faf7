"""Asking twice acts once, refusals are not kept, and everything stands or falls together."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from seatrial.idempotency import api as idempotency
from seatrial.idempotency.models import KeptAnswer
from seatrial.idempotency.types import Answer, Asked
from seatrial.kernel.errors import Conflict, Refused
from seatrial.kernel.labels import OPEN
from seatrial.ledger import api as ledger

AT = datetime(2026, 7, 1, 9, tzinfo=UTC)


def asked(key: str = "k", body: bytes = b"1", person: str = "gwen") -> Asked:
    return Asked(person, key, idempotency.fingerprint("POST", "/api/v1/reviews", body))


def acting(status: int = 201, made: str | None = None) -> Answer:
    """Writes one ledger entry, then answers."""
    ledger.append(kind="test.happened", actor="gwen", facts={}, label=OPEN, at=AT)
    return Answer(status, "application/json", b'{"n": 1}', stands=status < 400, made=made)


def times() -> int:
    return ledger.head()


def test_the_second_time_gets_the_first_answer_and_nothing_happens(db: None) -> None:
    first = idempotency.once(asked=asked(), at=AT, act=acting)
    again = idempotency.once(asked=asked(), at=AT + timedelta(hours=23), act=acting)
    assert (first[1], again[1]) == (False, True)
    assert again[0] == first[0]
    assert times() == 1


def test_another_request_under_the_same_key_is_refused(db: None) -> None:
    idempotency.once(asked=asked(), at=AT, act=acting)
    with pytest.raises(Refused) as refusal:
        idempotency.once(asked=asked(body=b"2"), at=AT, act=acting)
    assert refusal.value.code == "idempotency-key-reused"
    assert times() == 1


def test_people_do_not_share_keys(db: None) -> None:
    for person in ("gwen", "riva", ""):
        assert idempotency.once(asked=asked(person=person), at=AT, act=acting)[1] is False
    assert times() == 3


def test_a_refusal_leaves_nothing_and_the_key_may_try_again(db: None) -> None:
    answer, replayed = idempotency.once(asked=asked(), at=AT, act=lambda: acting(409))
    assert (answer.status, replayed, times(), KeptAnswer.objects.count()) == (409, False, 0, 0)
    assert idempotency.once(asked=asked(), at=AT, act=acting)[0].status == 201


def test_a_defect_leaves_nothing(db: None) -> None:
    def broken() -> Answer:
        acting()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        idempotency.once(asked=asked(), at=AT, act=broken)
    assert (times(), KeptAnswer.objects.count()) == (0, 0)


def test_an_answer_that_shows_a_secret_is_not_kept(db: None) -> None:
    idempotency.once(asked=asked(), at=AT, act=lambda: acting(made="key-1"))
    assert bytes(KeptAnswer.objects.get().body) == b""
    with pytest.raises(Conflict, match="key-1") as refusal:
        idempotency.once(asked=asked(), at=AT, act=acting)
    assert (refusal.value.code, refusal.value.facts) == ("already-done", {"id": "key-1"})


def test_after_a_day_a_key_is_forgotten_and_old_rows_are_swept(db: None) -> None:
    for number in range(70):
        idempotency.once(asked=asked(key=f"k{number}"), at=AT, act=acting)
    later = AT + timedelta(hours=24, seconds=1)
    assert idempotency.once(asked=asked(key="k69"), at=later, act=acting)[1] is False
    assert times() == 71
    idempotency.once(asked=asked(key="other"), at=later, act=acting)
    assert KeptAnswer.objects.count() == 2


def test_of_two_at_once_one_acts_and_the_other_gets_its_answer(transactional_db: None) -> None:
    inside, outcomes = threading.Event(), []

    def slow() -> Answer:
        inside.set()
        threading.Event().wait(0.3)  # the other one is knocking now
        return acting()

    def ask(act: object) -> None:
        try:
            outcomes.append(idempotency.once(asked=asked(), at=AT, act=act))  # type: ignore[arg-type]
        finally:
            connection.close()

    one = threading.Thread(target=ask, args=(slow,))
    one.start()
    assert inside.wait(10)
    other = threading.Thread(target=ask, args=(acting,))
    other.start()
    for thread in (one, other):
        thread.join(30)
    assert sorted(replayed for _, replayed in outcomes) == [False, True]
    assert outcomes[0][0] == outcomes[1][0]
    assert times() == 1


def test_who_waits_too_long_is_told_to_ask_again(transactional_db: None) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL waits for the row, not for a lock on the whole database")
    said: list[object] = []

    def impatient() -> None:
        try:
            connection.ensure_connection()
            connection.connection.execute("PRAGMA busy_timeout = 50")
            idempotency.once(asked=asked(), at=AT, act=acting)
        except Conflict as error:
            said.append(error.code)
        finally:
            connection.close()

    def holding() -> Answer:
        thread = threading.Thread(target=impatient)
        thread.start()
        thread.join(30)
        return acting()

    idempotency.once(asked=asked(), at=AT, act=holding)
    assert said == ["in-progress"]
    assert times() == 1
