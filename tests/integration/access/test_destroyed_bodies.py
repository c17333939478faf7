"""Kept bodies end on their date or with their review, once, and one entry says which; what fails is tried again."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from seatrial.kernel.clock import now
from seatrial.kernel.digests import digest
from seatrial.kernel.errors import NotFound, Unavailable
from seatrial.kernel.recipients import new_private_key
from seatrial.ledger import api as ledger
from seatrial.parties import api as parties
from seatrial.review.access import actions, tasks
from seatrial.review.access import api as access
from seatrial.review.access.models import KeptBody
from seatrial.review.access.types import AccessRequest, Pass, Settlement, Side
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import Keeping
from simulators.staged_reviews import CAPABILITY, offered, terms

DAYS = 3


@pytest.fixture
def channel(durable_world, tmp_path):
    key = new_private_key(tmp_path / "lab.key").public
    parties.register_recipient_key(by=durable_world.security, pem=key.pem, at=now())
    review = offered(durable_world, "A voyage that is kept")
    people = frozenset({durable_world.evaluator.person})
    signed = terms(people, keeping=Keeping((key.id,), DAYS))
    cases.sign_consent(by=durable_world.signatory, review=review, terms=signed, at=now())
    made = access.issue_key(by=durable_world.evaluator, review=review, purpose=CAPABILITY, at=now())
    return durable_world, review, made.secret


def admit(key: str) -> Pass:
    asked = AccessRequest(
        key, None, "POST", "chat/completions", digest(b""), 0, tokens=10, model="north-7b", gateway="here"
    )
    return access.authorise(asked, now())


def kept(key: str) -> Pass:
    """An exchange that is over, with both files."""
    passed = admit(key)
    bodies = []
    for side in Side:
        file = access.bodies().create(passed.review, passed.exchange, side)
        file.write(memoryview(b"sealed"))
        bodies.append(file.keep())
    ended = Settlement(passed.exchange, 200, digest(b""), 0, 1, 1, 0.1, 0.1, "complete", tuple(bodies))
    access.settle(ended, now())
    access.seal(gateway="here", now=now())
    return passed


def files(review: str) -> list[Path]:
    return sorted((Path(settings.SEATRIAL.artefacts) / "bodies" / review).glob("*"))


def entries(world: Any, review: str) -> list[Any]:
    return list(ledger.entries(world.security, kind="access.bodies-destroyed", review=review))


def said(entry: Any, fact: str) -> Any:
    return entry.openings[fact]["value"]


def test_on_their_date_and_not_before(channel):
    world, review, key = channel
    passed = kept(key)
    [view] = access.exchanges(world.security, review)
    [until] = {body.until for body in view.bodies}
    assert abs(until - (now() + timedelta(days=DAYS))) < timedelta(seconds=5)
    assert access.destroy_bodies(until - timedelta(seconds=1)) == 0
    assert len(files(review)) == 2
    before = access.receipt(world.security, passed.exchange, now())
    assert access.destroy_bodies(until) == 2
    assert access.destroy_bodies(until) == 0
    assert files(review) == []
    [entry] = entries(world, review)
    digests = [[passed.exchange, side, body.digest] for side, body in zip(Side, view.bodies, strict=True)]
    assert (said(entry, "count"), said(entry, "bodies")) == (2, digests)
    [view] = access.exchanges(world.security, review)
    assert {body.destroyed_at for body in view.bodies} == {until}
    with pytest.raises(NotFound) as gone:
        access.body(world.security, review, passed.exchange, Side.REQUEST)
    assert gone.value.code == "body-destroyed"
    after = access.receipt(world.security, passed.exchange, now())
    assert (before["exchange"], before["place"]) == (after["exchange"], after["place"])


def test_with_what_is_left_of_an_ended_review_if_that_is_earlier(channel):
    world, review, key = channel
    kept(key)
    cases.withdraw(by=world.security, review=review, at=now())
    due = cases.destructions([review], now())[review]
    assert due is not None
    [view] = access.exchanges(world.security, review)
    assert due > view.bodies[0].until  # this policy leaves 30 days
    early = now()
    KeptBody.objects.update(until=due + timedelta(days=100))
    assert access.destroy_bodies(early) == 0
    assert access.destroy_bodies(due) == 2
    assert files(review) == []


def test_not_those_of_a_call_in_flight(channel):
    world, review, key = channel
    passed = admit(key)
    access.bodies().create(review, passed.exchange, Side.RESPONSE)
    assert access.destroy_bodies(passed.ends_at) == 0
    assert len(files(review)) == 1
    # nobody settled it: past the end of its right, and its days, it is nobody's any more
    assert access.destroy_bodies(passed.ends_at + timedelta(days=DAYS, minutes=2)) == 2
    assert files(review) == []
    assert [body.digest for body in access.exchanges(world.security, review)[0].bodies] == [None, None]


def test_a_crash_between_removing_and_attesting_is_made_good(channel, monkeypatch):
    world, review, key = channel
    kept(key)
    then = now() + timedelta(days=DAYS)
    monkeypatch.setattr(actions.keeping, "_attest", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        access.destroy_bodies(then)
    monkeypatch.undo()
    assert (files(review), entries(world, review)) == ([], [])
    assert access.destroy_bodies(then) == 2
    assert len(entries(world, review)) == 1


def test_several_sweeps_at_once_attest_each_file_once(channel):
    world, review, key = channel
    for _ in range(5):
        kept(key)
    then, done = now() + timedelta(days=DAYS), []
    start = threading.Barrier(4)

    def sweep() -> None:
        try:
            start.wait()
            done.append(access.destroy_bodies(then))
        finally:
            connection.close()

    threads = [threading.Thread(target=sweep) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(done), sum(done)) == (4, 10)
    attested = [tuple(body[:2]) for entry in entries(world, review) for body in said(entry, "bodies")]
    assert len(attested) == len(set(attested)) == 10


def test_what_cannot_be_removed_stays_kept_on_record_and_is_tried_again(channel):
    world, review, key = channel
    passed, other = kept(key), kept(key)
    stuck = files(review)[0].parent / f"{passed.exchange}.request.cut"
    stuck.mkdir()  # what cannot be unlinked
    then = now() + timedelta(days=DAYS)
    with pytest.raises(Unavailable) as refused:
        access.destroy_bodies(then)
    assert refused.value.code == "body-stuck"
    states = {
        (view.id, body.side): body.destroyed_at is not None
        for view in access.exchanges(world.security, review)
        for body in view.bodies
    }
    assert states == {
        (passed.exchange, Side.REQUEST): False,
        (passed.exchange, Side.RESPONSE): True,
        (other.exchange, Side.REQUEST): True,
        (other.exchange, Side.RESPONSE): True,
    }
    stuck.rmdir()
    assert access.destroy_bodies(then) == 1


def test_the_worker_destroys_what_is_due_until_it_is_told_to_stop(channel):
    world, review, key = channel
    kept(key)
    stop = threading.Event()

    def run() -> None:
        try:
            tasks.run(stop, poll=0.02)
        finally:
            connection.close()

    worker = threading.Thread(target=run)
    worker.start()
    try:
        time.sleep(0.2)
        assert len(files(review)) == 2
        KeptBody.objects.update(until=now())
        until = time.monotonic() + 5
        while files(review) or not entries(world, review):
            assert time.monotonic() < until
            time.sleep(0.02)
    finally:
        stop.set()
        worker.join(10)
    assert not worker.is_alive()


def test_what_a_killed_gateway_left_is_on_record_as_it_is_found(channel):
    world, review, key = channel
    passed = admit(key)
    whole = access.bodies().create(review, passed.exchange, Side.REQUEST)
    whole.write(memoryview(b"sealed"))
    whole.keep()
    access.bodies().create(review, passed.exchange, Side.RESPONSE).write(memoryview(b"half"))
    assert access.settle_abandoned(gateway="here", now=now()) == 1
    [view] = access.exchanges(world.security, review)
    said = [(body.side, body.whole, body.digest) for body in view.bodies]
    assert said == [(Side.REQUEST, True, digest(b"sealed")), (Side.RESPONSE, False, digest(b"half"))]
    record = access.receipt(world.security, passed.exchange, now())["exchange"]
    assert (record["request_sealed_whole"], record["response_sealed_whole"]) == (True, False)


def test_narrowing_the_term_away_ends_keeping_for_new_calls_only(channel):
    world, review, key = channel
    kept(key)
    consent = cases.standing(review, now()).consent
    assert consent is not None
    bare = terms(consent.people, window=consent.window)
    cases.sign_consent(by=world.signatory, review=review, terms=bare, at=now())
    assert admit(key).keep is None
    assert len(files(review)) == 2
