"""Webhooks against a real receiver: signed, bounded, tried again, never in anybody's way."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from standardwebhooks.webhooks import Webhook

from seatrial.kernel.errors import Forbidden, Misuse, NotFound, Refused
from seatrial.kernel.labels import Label, Level
from seatrial.ledger import api as ledger
from seatrial.notices import api as notices
from seatrial.notices.adapters.http_poster import HttpPoster
from seatrial.notices.core.pacing import LEASE, RETRIES, SECRETS_OVERLAP
from seatrial.notices.models import Delivery
from seatrial.notices.models import Webhook as WebhookRow
from seatrial.notices.types import DeliveryState, Posting, WebhookState
from simulators import scripted_receiver as receiving
from simulators.scripted_receiver import ScriptedReceiver

from .conftest import Wheel, happen

pytestmark = pytest.mark.usefixtures("loopback")


@pytest.fixture
def receiver() -> Iterator[ScriptedReceiver]:
    with ScriptedReceiver() as made:
        yield made


@pytest.fixture
def spinning(wheel: Wheel, poster: HttpPoster) -> Wheel:
    wheel.poster = poster
    return wheel


@pytest.fixture
def hook(world: Any, spinning: Wheel, receiver: ScriptedReceiver) -> str:
    """The lab's webhook; what it gets is verified with the standard's own library."""
    made = notices.add_webhook(by=world.security, organisation=world.lab, url=receiver.url, at=spinning.at)
    receiver.secret = made.secret
    spinning.turn()
    return made.webhook


@pytest.fixture(autouse=True)
def real_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library compares with its own clock; the tests' moments are others."""

    def as_said(_self: Webhook, text: str) -> datetime:
        return datetime.fromtimestamp(float(text), tz=UTC)

    monkeypatch.setattr(Webhook, "_Webhook__verify_timestamp", as_said)


def only(world: Any, hook: str) -> Any:
    (view,) = notices.deliveries(world.security, hook)
    return view


def test_what_a_webhook_gets_is_signed_and_says_nothing(world, spinning, receiver, hook):
    happen(spinning.at, world.lab, world.body, kind="case.withdrawn", by="gwen")
    spinning.turn()
    (got,) = receiver.received
    assert receiver.unverified == []
    said = json.loads(got.body)
    assert set(said) == {"type", "timestamp", "data"}
    assert said["data"] == {
        "id": got.id,
        "review": "review-1",
        "page": "http://127.0.0.1:8000/reviews/review-1/",
    }
    assert said["type"] == "something.changed"
    assert only(world, hook).state == DeliveryState.DELIVERED


def test_a_webhook_hears_only_what_its_organisation_may_read(world, spinning, receiver, hook):
    happen(spinning.at, world.body)
    happen(spinning.at, "lab-south")
    happen(spinning.at, "sam")
    spinning.turn()
    assert receiver.received == []
    happen(spinning.at, world.lab, kind="dossier.composed", log=world.lab)
    spinning.turn()
    assert len(receiver.received) == 1


def test_only_stewards_see_and_change_the_webhooks_of_their_organisation(world, spinning, receiver, hook):
    assert [view.id for view in notices.webhooks(world.governance)] == [hook]
    for stranger in (world.rival, world.intake, world.evaluator):
        assert notices.webhooks(stranger) == ()
        for act in (notices.rotate_secret, notices.remove_webhook, notices.redeliver, notices.send_test):
            with pytest.raises(NotFound, match="no webhook"):
                act(by=stranger, webhook=hook, at=spinning.at)
        with pytest.raises(NotFound):
            notices.deliveries(stranger, hook)
    size = ledger.head()
    with pytest.raises(Forbidden):
        notices.add_webhook(by=world.evaluator, organisation=world.body, url=receiver.url, at=spinning.at)
    with pytest.raises(Forbidden):
        notices.add_webhook(by=world.rival, organisation=world.lab, url=receiver.url, at=spinning.at)
    with pytest.raises(Misuse, match="https"):
        notices.add_webhook(by=world.security, organisation=world.lab, url="http://a.example/", at=spinning.at)
    with pytest.raises(Forbidden):
        label = Label.among(world.lab, level=Level.SECRET)
        notices.add_webhook(by=world.security, organisation=world.lab, url=receiver.url, label=label, at=spinning.at)
    assert ledger.head() == size
    assert WebhookRow.objects.count() == 1


def test_an_organisation_has_ten_webhooks_at_most(world, spinning, receiver, hook):
    for _ in range(9):
        notices.add_webhook(by=world.security, organisation=world.lab, url=receiver.url, at=spinning.at)
    with pytest.raises(Refused, match="at most 10"):
        notices.add_webhook(by=world.security, organisation=world.lab, url=receiver.url, at=spinning.at)


def test_each_decision_leaves_one_entry_and_none_holds_a_secret_or_the_address(world, spinning, receiver, hook):
    acts = (notices.rotate_secret, notices.send_test, notices.redeliver, notices.remove_webhook)
    for act in acts:
        size = ledger.head()
        act(by=world.security, webhook=hook, at=spinning.at)
        assert ledger.head() == size + 1
    said = str(ledger.entries(world.security, kind="notices."))
    assert receiver.secret not in said
    assert receiver.url not in said
    assert receiver.secret not in str(WebhookRow.objects.values())


def test_after_a_change_of_secret_both_sign_for_a_day(world, spinning, receiver, hook):
    old = receiver.secret
    new = notices.rotate_secret(by=world.security, webhook=hook, at=spinning.at).secret
    assert new != old
    for secret in (old, new):
        receiver.secret = secret
        happen(spinning.at, world.lab)
        spinning.turn()
    assert (len(receiver.received), len(receiver.unverified)) == (2, 0)
    spinning.later(hours=SECRETS_OVERLAP.total_seconds() / 3600)
    happen(spinning.at, world.lab)
    spinning.turn()
    assert (len(receiver.received), len(receiver.unverified)) == (3, 0)
    receiver.secret = old
    happen(spinning.at, world.lab, review="review-2")
    spinning.turn()
    assert (len(receiver.received), len(receiver.unverified)) == (3, 1)


def test_a_receiver_in_trouble_is_tried_by_the_schedule_and_then_nothing_is_lost(world, spinning, receiver, hook):
    receiver.script = lambda number: 500
    happen(spinning.at, world.lab)
    spinning.turn()
    for number, delay in enumerate(RETRIES, 1):
        assert len(receiver.received) == number
        assert only(world, hook).next_try == spinning.at + delay
        spinning.later(seconds=delay.total_seconds() - 1)
        spinning.turn()
        assert len(receiver.received) == number
        spinning.later(seconds=1)
        spinning.turn()
    assert len(receiver.received) == len(RETRIES) + 1
    assert len({got.id for got in receiver.received}) == 1
    assert len({got.headers["webhook-timestamp"] for got in receiver.received}) == len(RETRIES) + 1
    view = only(world, hook)
    assert (view.state, view.reason) == (DeliveryState.GIVEN_UP, "The receiver answered 500.")
    assert notices.webhook(world.security, hook).state == WebhookState.FAILING
    assert len(ledger.entries(world.security, kind="notices.webhook-failing")) == 1

    happen(spinning.at, world.lab, review="review-2")
    spinning.later(days=30)
    spinning.turn()
    assert len(receiver.received) == len(RETRIES) + 1  # nothing is sent by itself any more
    assert "" in {review for letter in spinning.post.to("gwen") for review in letter.reviews}  # its people are told
    assert {view.review for view in notices.deliveries(world.security, hook, undelivered=True)} == {
        "review-1",
        "review-2",
    }
    receiver.script = lambda number: 204
    assert notices.redeliver(by=world.governance, webhook=hook, at=spinning.at) == 2
    spinning.turn()
    assert notices.deliveries(world.security, hook, undelivered=True) == ()
    view = notices.webhook(world.security, hook)
    assert (view.state, view.waiting) == (WebhookState.WORKING, 0)


def test_while_a_receiver_rests_one_notice_a_review_waits_and_all_go_when_it_is_back(world, spinning, receiver, hook):
    receiver.script = lambda number: 503 if number <= 2 else 200
    for number in range(20):
        happen(spinning.at, world.lab, review=f"review-{number % 4}")
        spinning.turn()
        spinning.later(seconds=0.1)
    assert len(receiver.received) == 1
    assert notices.webhook(world.security, hook).waiting == 4
    spinning.later(seconds=5)
    spinning.turn()
    assert len(receiver.received) == 2
    spinning.later(minutes=5)
    spinning.turn()
    assert {json.loads(got.body)["data"]["review"] for got in receiver.received[2:]} == {
        f"review-{n}" for n in range(4)
    }
    assert notices.webhook(world.security, hook).waiting == 0


def test_what_is_urgent_is_tried_at_once_even_if_the_receiver_rests(world, spinning, receiver, hook):
    receiver.script = lambda number: 500 if number <= 2 else 200
    for _ in range(2):
        happen(spinning.at, world.lab)
        spinning.turn()
        spinning.later(seconds=5)
    spinning.turn()
    assert len(receiver.received) == 2
    happen(spinning.at, world.lab, kind="case.leak_reported", review="review-9")
    spinning.turn()
    assert json.loads(receiver.received[2].body)["data"]["review"] == "review-9"


def test_410_gone_ends_it_and_its_people_are_told_once(world, spinning, receiver, hook):
    receiver.script = lambda number: 410
    happen(spinning.at, world.lab)
    spinning.turn()
    happen(spinning.at, world.lab, review="review-2")
    spinning.turn()
    assert len(receiver.received) == 1
    assert notices.webhook(world.security, hook).state == WebhookState.GONE
    assert len(ledger.entries(world.security, kind="notices.webhook-gone")) == 1
    for act in (notices.send_test, notices.redeliver):
        with pytest.raises(Refused, match="wants no more"):
            act(by=world.security, webhook=hook, at=spinning.at)


def test_a_removed_webhook_gets_nothing_and_its_secret_is_gone(world, spinning, receiver, hook):
    receiver.script = lambda number: 500
    happen(spinning.at, world.lab)
    spinning.turn()
    notices.remove_webhook(by=world.security, webhook=hook, at=spinning.at)
    happen(spinning.at, world.lab)
    spinning.later(days=1)
    spinning.turn()
    assert len(receiver.received) == 1
    assert notices.webhooks(world.security) == ()
    assert (WebhookRow.objects.get().sealed, Delivery.objects.exclude(webhook=None).get().state) == ("", "given-up")


def test_a_test_notice_belongs_to_no_review(world, spinning, receiver, hook):
    made = notices.send_test(by=world.security, webhook=hook, at=spinning.at)
    spinning.turn()
    assert json.loads(receiver.received[0].body)["data"] == {
        "id": made,
        "review": None,
        "page": "http://127.0.0.1:8000/notices/",
    }


def test_one_notice_can_be_sent_again_with_its_id(world, spinning, receiver, hook):
    happen(spinning.at, world.lab)
    spinning.turn()
    notice = only(world, hook).id
    assert notices.redeliver(by=world.security, webhook=hook, notice=notice, at=spinning.at) == 1
    spinning.turn()
    assert [got.id for got in receiver.received] == [notice, notice]
    with pytest.raises(NotFound, match="no such notice"):
        notices.redeliver(by=world.security, webhook=hook, notice="notice-of-others", at=spinning.at)


def test_what_changes_while_a_notice_is_being_sent_gets_one_of_its_own(world, spinning, receiver, hook):
    from seatrial.notices import actions
    from seatrial.notices.api import _sealer

    happen(spinning.at, world.lab)
    notices.watch(at=spinning.at)
    lost = actions.claim_posting(webhook=hook, at=spinning.at, sealer=_sealer(), portal="http://here")
    happen(spinning.at, world.lab)
    spinning.turn()
    assert len(receiver.received) == 1
    spinning.later(seconds=LEASE.total_seconds())
    spinning.turn()
    assert lost.notice == receiver.received[1].id


def test_a_secret_that_cannot_be_unsealed_counts_as_a_try_in_vain(world, spinning, receiver, hook):
    WebhookRow.objects.update(sealed="aes-256-gcm:broken")
    happen(spinning.at, world.lab)
    spinning.turn()
    assert receiver.received == []
    view = only(world, hook)
    assert (view.state, view.reason) == (
        DeliveryState.FAILED,
        "The secret of this webhook cannot be opened; make a new one with 'rotate'.",
    )


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (receiving.HANG, "did not answer within 2 seconds"),
        (receiving.DRIP, "did not answer within 2 seconds"),
        (receiving.REDIRECT, "redirects are not followed"),
        (receiving.NONSENSE, "not HTTP"),
        (receiving.ABORT, "could not be reached"),
        (receiving.HEADERS, "not HTTP"),
        (404, "answered 404"),
    ],
)
def test_a_bad_receiver_costs_a_bounded_time_and_is_told_in_a_sentence(receiver, poster, script, reason):
    receiver.script = lambda number: script
    started = time.monotonic()
    outcome = poster.post(Posting("notice-1", receiver.url, {}, b"{}"))
    assert time.monotonic() - started < 5
    assert reason in outcome.reason
    assert [got.path for got in receiver.received] == ["/in"]


def test_an_endless_answer_is_not_read_on(receiver, poster):
    receiver.script = lambda number: receiving.FLOOD
    assert poster.post(Posting("notice-1", receiver.url, {}, b"{}")).status == 200


def test_a_receiver_that_is_not_there(poster):
    outcome = poster.post(Posting("notice-1", "http://127.0.0.1:9/in", {}, b"{}"))
    assert "could not be reached" in outcome.reason


@pytest.mark.parametrize(
    "found", [["10.0.0.1"], ["8.8.8.8", "169.254.169.254"], ["127.0.0.1"], ["::ffff:10.0.0.1"], []]
)
def test_a_name_that_leads_to_a_private_address_is_not_reached(receiver, found):
    poster = HttpPoster(loopback=False, origin="tests", resolve=lambda host, port: found)
    outcome = poster.post(Posting("notice-1", f"https://hooks.example:{receiver.url.split(':')[2][:-3]}/in", {}, b"{}"))
    assert "not public" in outcome.reason
    assert receiver.received == []


def test_the_name_is_resolved_once_and_that_very_address_is_reached(receiver):
    asked = []

    def changes_its_mind(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    poster = HttpPoster(loopback=True, origin="tests", resolve=changes_its_mind)
    url = receiver.url.replace("127.0.0.1", "receiver.localhost")
    assert poster.post(Posting("notice-1", url, {}, b"{}")).status == 204
    assert asked == ["receiver.localhost"]


def test_tls_is_verified(tmp_path, poster):
    """A receiver with a certificate of its own making gets nothing."""
    with ScriptedReceiver(certificate=self_signed(tmp_path)) as receiver:
        outcome = poster.post(Posting("notice-1", receiver.url.replace("http://", "https://"), {}, b"{}"))
        assert outcome.reason == "The receiver's TLS certificate could not be verified."
        assert receiver.received == []


def self_signed(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    made = x509.CertificateBuilder(name, name, key.public_key(), 1).not_valid_before(datetime.now(UTC) - timedelta(1))
    signed = made.not_valid_after(datetime.now(UTC) + timedelta(1)).sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "receiver.pem").write_bytes(secret + signed.public_bytes(pem))
    return folder / "receiver.pem"


def test_a_slow_name_costs_no_more_than_the_patience(receiver):
    def slow(host: str, port: int) -> list[str]:
        time.sleep(0.6)
        return ["127.0.0.1"]

    poster = HttpPoster(loopback=True, origin="tests", resolve=slow, patience=0.2)
    assert "did not answer" in poster.post(Posting("notice-1", receiver.url, {}, b"{}")).reason
