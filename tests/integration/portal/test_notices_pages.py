"""The page of notices: choices, webhooks, the one click of a mail."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from seatrial.kernel.clock import now
from seatrial.notices import actions
from seatrial.notices import api as notices
from seatrial.notices.types import Cadence, DeliveryState


@pytest.fixture(autouse=True)
def loopback(monkeypatch):
    monkeypatch.setattr(settings, "SEATRIAL", replace(settings.SEATRIAL, loopback_webhooks=True))


def add(client, url="http://127.0.0.1:9/in", organisation="lab-north"):
    return client.post("/notices/webhooks/add/", {"organisation": organisation, "url": url})


def test_a_person_chooses_how_often_of_all_and_of_one_review(world, sign_in, reviews):
    client = sign_in(world.governance)
    assert b"You have not chosen yet" in client.get("/notices/").content
    answer = client.post("/notices/choose/", {"review": "", "cadence": "none"}, follow=True)
    assert b"Chosen." in answer.content
    client.post("/notices/choose/", {"review": reviews.consented, "cadence": "daily"})
    chosen = notices.choices(world.governance)
    assert (chosen.everything, dict(chosen.reviews)) == (Cadence.NONE, {reviews.consented: Cadence.DAILY})
    assert b"once a day" in client.get("/notices/").content


def test_what_cannot_be_chosen_is_said_beside_the_form(world, sign_in):
    client = sign_in(world.governance)
    assert client.post("/notices/choose/", {"review": "review-of-others", "cadence": "each"}).status_code == 422
    assert client.post("/notices/choose/", {}).status_code == 422
    assert notices.choices(world.governance).everything is None


def test_a_steward_adds_a_webhook_and_sees_its_secret_once(world, sign_in):
    client = sign_in(world.security)
    answer = add(client)
    assert b"whsec_" in answer.content
    page = client.get("/notices/")
    assert b"whsec_" not in page.content
    assert b"http://127.0.0.1:9/in" in page.content
    bad = add(client, "http://example.com/in")
    assert bad.status_code == 422
    assert b"must begin with https" in bad.content
    assert add(client, organisation="body-one").status_code == 422


def test_each_button_does_one_thing(world, sign_in):
    client = sign_in(world.security)
    add(client)
    (hook,) = notices.webhooks(world.security)
    assert b"A test is on its way" in client.post(f"/notices/webhooks/{hook.id}/test/", follow=True).content
    assert notices.webhook(world.security, hook.id).waiting == 1
    (delivery,) = notices.deliveries(world.security, hook.id)
    assert delivery.state is DeliveryState.DUE
    assert b"sent again" in client.post(f"/notices/webhooks/{hook.id}/redeliver/", follow=True).content
    assert b"whsec_" in client.post(f"/notices/webhooks/{hook.id}/rotate/").content
    assert b"signs too" in client.get("/notices/").content
    assert b"Removed." in client.post(f"/notices/webhooks/{hook.id}/remove/", follow=True).content
    assert notices.webhooks(world.security) == ()


def test_others_webhooks_are_not_there(world, sign_in):
    add(sign_in(world.security))
    (hook,) = notices.webhooks(world.security)
    for stranger in (world.rival, world.intake, world.evaluator):
        client = sign_in(stranger)
        assert hook.id.encode() not in client.get("/notices/").content
        for act in ("test", "redeliver", "rotate", "remove"):
            assert client.post(f"/notices/webhooks/{hook.id}/{act}/").status_code == 404
    assert b"Webhooks" not in sign_in(world.evaluator).get("/notices/").content
    assert Client().get("/notices/").status_code == 302


def test_one_click_needs_no_sign_in_and_looking_does_nothing(world, sign_in, reviews):
    while notices.watch(at=now()):
        pass
    letter = next(found for found in actions.claim_letters(at=now()) if found.to.startswith("sam@"))
    address = f"/notices/unsubscribe/{letter.unsubscribe}/"
    stranger = Client(enforce_csrf_checks=True)
    assert b"Stop the mails" in stranger.get(address).content
    assert notices.choices(world.security).everything is None
    pressed = stranger.post(address, {"List-Unsubscribe": "One-Click"})
    assert (pressed.status_code, b"No more mails" in pressed.content) == (200, True)
    assert notices.choices(world.security).everything is Cadence.NONE
    assert stranger.post("/notices/unsubscribe/notice-1.forged/").status_code == 404


def test_the_page_takes_a_bounded_number_of_queries(world, sign_in, reviews):
    client = sign_in(world.security)
    while notices.watch(at=now()):
        pass
    with CaptureQueriesContext(connection) as before:
        client.get("/notices/")
    add(client)
    (hook,) = notices.webhooks(world.security)
    for _ in range(30):
        notices.send_test(by=world.security, webhook=hook.id, at=now())
    with CaptureQueriesContext(connection) as after:
        client.get("/notices/")
    assert len(after) <= len(before) + 2
