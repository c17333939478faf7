"""No field of any labelled object, no name and no kind of event appears in anything that leaves as a notice."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse

from seatrial.kernel.clock import now
from seatrial.ledger.models import EntryRow, OpeningRow
from seatrial.notices import api as notices
from seatrial.notices.core.wording import page
from seatrial.notices.models import Delivery
from seatrial.notices.types import Cadence
from seatrial.parties import api as parties
from seatrial.parties.models import Organisation, Person
from seatrial.review.cases import api as cases
from simulators.scripted_receiver import ScriptedReceiver
from simulators.staged_reviews import terms

CANARY = "canary"


@pytest.mark.usefixtures("loopback")
def test_nothing_that_is_labelled_leaves_in_a_notice(
    world: Any, wheel: Any, poster: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    mail.outbox = []
    wheel.at = now()
    Organisation.objects.filter(id=world.lab).update(name="canary of the lab")
    Organisation.objects.filter(id=world.body).update(name="canary of the body")
    for person in Person.objects.all():
        Person.objects.filter(id=person.id).update(name=f"canary {person.id}")
    everybody = (world.governance, world.security, world.signatory, world.intake, world.evaluator, world.authority)
    for actor in everybody:
        notices.choose(by=actor, cadence=Cadence.EACH, at=wheel.at)
    with ScriptedReceiver() as labs, ScriptedReceiver() as bodys:
        for steward, home, receiver in ((world.security, world.lab, labs), (world.intake, world.body, bodys)):
            notices.add_webhook(by=steward, organisation=home, url=receiver.url, at=wheel.at)
        gwen, at = parties.actor("gwen"), wheel.at
        review = cases.draft(
            by=gwen,
            developer=world.lab,
            body=world.body,
            title="canary title",
            model="canary-model",
            partner_release=at + timedelta(days=40),
            public_release=at + timedelta(days=50),
            at=at,
        )
        steps = (
            lambda: None,
            lambda: cases.offer(by=gwen, review=review, at=wheel.at),
            lambda: cases.acknowledge(by=world.intake, review=review, at=wheel.at),
            lambda: cases.sign_consent(
                by=world.signatory, review=review, terms=terms(frozenset({"eva"}), model="canary-model"), at=wheel.at
            ),
            lambda: cases.withdraw(by=world.security, review=review, at=wheel.at),
        )
        hooks_of_body = []
        for step in steps:
            step()
            while notices.watch(at=wheel.at):
                pass
            while notices.send_mail(lambda: wheel.at):
                pass
            for webhook in notices.due_webhooks(wheel.at):
                while notices.post_next(webhook, lambda: wheel.at, poster=poster):
                    pass
            hooks_of_body.append(len(bodys.received))
            wheel.later(minutes=11)
        assert hooks_of_body[0] == 0  # nothing of a draft (V10)
        assert min(len(labs.received), len(bodys.received)) >= 4
        assert len(mail.outbox) > 20
        left = [message.message().as_string() for message in mail.outbox]
        left += [f"{got.path} {got.headers} {got.body!r}" for got in (*labs.received, *bodys.received)]
    for steward in (world.security, world.intake):
        for hook in notices.webhooks(steward):
            left.append(repr(notices.deliveries(steward, hook.id, limit=100)))
        left.append(repr(notices.notices(steward, limit=100)))
    left.append(json.dumps(list(Delivery.objects.values()), default=str))
    left += [record.getMessage() for record in caplog.records if record.name.startswith("seatrial")]
    facts = {str(o["value"]) for row in OpeningRow.objects.all() for o in json.loads(row.facts).values()}
    kinds = set(EntryRow.objects.values_list("kind", flat=True))
    assert any(CANARY in fact for fact in facts)
    secrets = {fact for fact in facts if len(fact) > 12} - {review} - set(_receivers())
    for text in left:
        assert CANARY not in text
        assert not [kind for kind in kinds if kind in text]
        assert not [fact for fact in secrets if fact in text and fact not in ("lab-north", "body-one")], text


def test_the_address_in_a_notice_is_the_page_of_its_review() -> None:
    assert page("https://here", "review-1") == "https://here" + reverse("review", args=["review-1"])
    assert page("https://here", "") == "https://here" + reverse("notices")


def _receivers() -> list[str]:
    """A webhook's own id stands in its delivery's row, a person's in theirs."""
    return [*Delivery.objects.exclude(webhook=None).values_list("webhook_id", flat=True)]
