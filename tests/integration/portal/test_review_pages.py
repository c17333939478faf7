"""The pages of a review, for each who may see it and each who may not."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from seatrial.kernel.clock import now
from seatrial.kernel.recipients import new_private_key
from seatrial.parties import api as parties
from seatrial.parties.types import Actor
from seatrial.review.access import api as access
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import ReviewState
from simulators.staged_reviews import ARTEFACT, CAPABILITY, Reviews, offered

SignIn = Callable[[Actor], Client]

LAB = ("governance", "security", "signatory")
BODY = ("intake", "evaluator", "authority", "authority2")
EVERYBODY = (*LAB, *BODY, "rival")

PAGES = ("", "uses/", "campaigns/", "determinations/", "dossier/", "parts/now/", "parts/happened/")
MOST_QUERIES = 45


@pytest.mark.parametrize("who", EVERYBODY)
def test_each_sees_their_own_start_page_and_list(world: Any, reviews: Reviews, sign_in: SignIn, who: str) -> None:
    client = sign_in(getattr(world, who))
    home, listed = client.get("/").content.decode(), client.get("/reviews/").content.decode()
    for page in (home, listed):
        assert ("An open voyage" in page) == (who != "rival")
        assert ("A secret plan" in page) == (who in LAB)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("who", EVERYBODY)
def test_a_page_of_an_open_review_is_for_both_sides_only(
    world: Any, reviews: Reviews, sign_in: SignIn, who: str, page: str
) -> None:
    client = sign_in(getattr(world, who))
    expected = 404 if who == "rival" else 200
    assert client.get(f"/reviews/{reviews.consented}/{page}").status_code == expected
    assert client.get(f"/reviews/{reviews.draft}/{page}").status_code == (200 if who in LAB else 404)


@pytest.mark.parametrize("page", PAGES)
def test_pages_ask_the_database_a_bounded_number_of_times(
    world: Any, reviews: Reviews, sign_in: SignIn, django_assert_max_num_queries: Any, page: str
) -> None:
    client = sign_in(world.governance)
    with django_assert_max_num_queries(MOST_QUERIES):
        assert client.get(f"/reviews/{reviews.consented}/{page}").status_code == 200


def test_the_list_asks_a_bounded_number_of_times(
    world: Any, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    for number in range(8):
        offered(world, f"Voyage {number}")
    client = sign_in(world.governance)
    with django_assert_max_num_queries(MOST_QUERIES + 30):
        assert client.get("/reviews/").content.decode().count("Voyage ") == 8


def test_a_draft_leaves_no_trace_for_the_body(world: Any, reviews: Reviews, sign_in: SignIn) -> None:
    """V10: a draft's page and log look to the body exactly like ones that never were."""
    client = sign_in(world.intake)
    there, nowhere = (client.get(f"/reviews/{review}/") for review in (reviews.draft, "review-0000000000000000"))
    assert there.status_code == nowhere.status_code == 404
    strip = re.compile(r"review-[0-9a-z]{16}")
    assert strip.sub("", _main(there)) == strip.sub("", _main(nowhere))
    assert client.get(f"/ledger/?log={world.lab}").status_code == 404
    assert sign_in(world.governance).get(f"/ledger/?log={world.lab}").status_code == 200


def test_buttons_are_exactly_what_the_asker_may_do(world: Any, reviews: Reviews, sign_in: SignIn) -> None:
    for who in (*LAB, *BODY):
        actor = getattr(world, who)
        page = sign_in(actor).get(f"/reviews/{reviews.consented}/").content.decode()
        may = cases.review(actor, reviews.consented, now()).may
        for event, address in (
            ("withdraw", "withdraw"),
            ("record_release", "release"),
            ("ask", "threads/ask"),
            ("close", "close"),
        ):
            assert (f"/reviews/{reviews.consented}/{address}/" in page) == (event in may), (who, event)


@pytest.mark.parametrize("ending", ["withdraw", "release", "close"])
def test_what_ends_access_says_first_what_will_happen_and_asks_no_reason(
    world: Any, reviews: Reviews, sign_in: SignIn, ending: str
) -> None:
    client = sign_in(world.governance)
    page = client.get(f"/reviews/{reviews.consented}/{ending}/")
    text = page.content.decode()
    assert page.status_code == 200
    assert "What will happen" in text
    assert "No reason is asked" in text
    form = text.split("<main")[1].split("<form")[1]
    assert "<textarea" not in form
    assert form.count("<input") == 1  # the token alone
    assert cases.review(world.governance, reviews.consented, now()).state is ReviewState.CONSENTED


@pytest.mark.parametrize(
    ("ending", "state"),
    [("withdraw", ReviewState.WITHDRAWN), ("release", ReviewState.RELEASED), ("close", ReviewState.CLOSED)],
)
def test_ending_takes_one_post_and_returns_to_the_review(
    world: Any, reviews: Reviews, sign_in: SignIn, ending: str, state: ReviewState
) -> None:
    client = sign_in(world.governance)
    answer = client.post(f"/reviews/{reviews.consented}/{ending}/", follow=True)
    assert answer.redirect_chain == [(f"/reviews/{reviews.consented}/", 302)]
    assert "usa-alert--success" in answer.content.decode()
    assert cases.review(world.governance, reviews.consented, now()).state is state
    assert "hx-get" not in _main(answer)


@pytest.mark.parametrize("ending", ["withdraw", "release"])
@pytest.mark.parametrize("who", BODY)
def test_the_body_has_no_page_that_ends_a_review(
    world: Any, reviews: Reviews, sign_in: SignIn, who: str, ending: str
) -> None:
    client = sign_in(getattr(world, who))
    assert client.get(f"/reviews/{reviews.consented}/{ending}/").status_code == 404
    assert client.post(f"/reviews/{reviews.consented}/{ending}/").status_code in (403, 404)
    assert cases.review(world.governance, reviews.consented, now()).state is ReviewState.CONSENTED


def test_a_lab_plans_and_offers_and_the_body_acknowledges_and_asks(world: Any, sign_in: SignIn) -> None:
    lab, body = sign_in(world.governance), sign_in(world.intake)
    at = now()
    typed = {
        "developer": world.lab,
        "body": world.body,
        "title": "North 7B",
        "model": "north-7b",
        "partner_release": f"{at + timedelta(days=20):%Y-%m-%dT%H:%M}",
        "public_release": f"{at + timedelta(days=40):%Y-%m-%dT%H:%M}",
    }
    planned = lab.post("/reviews/new/", typed, follow=True)
    address = planned.redirect_chain[-1][0]
    assert "Only your organisation can see it" in planned.content.decode()
    assert body.get(address).status_code == 404
    assert lab.post(f"{address}offer/", follow=True).status_code == 200
    assert "Acknowledge the offer" in body.get(address).content.decode()
    assert body.post(f"{address}acknowledge/", follow=True).status_code == 200
    asked = body.post(f"{address}threads/ask/", {"subject": "Variant", "text": "Which variant?"}, follow=True)
    assert "Asked." in asked.content.decode()
    assert "Variant" in lab.get(address).content.decode()
    thread = asked.redirect_chain[-1][0]
    answered = lab.post(thread, {"reach": "answer", "text": "The safeguarded one."}, follow=True)
    assert "Answered." in answered.content.decode()
    assert "The safeguarded one." in body.get(thread).content.decode()


def test_a_refused_plan_keeps_what_was_typed(world: Any, sign_in: SignIn) -> None:
    at = now()
    typed = {
        "developer": world.lab,
        "body": world.body,
        "title": "North 7B",
        "model": "north-7b",
        "partner_release": f"{at + timedelta(days=50):%Y-%m-%dT%H:%M}",
        "public_release": f"{at + timedelta(days=40):%Y-%m-%dT%H:%M}",
    }
    answer = sign_in(world.governance).post("/reviews/new/", typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="objections"' in page
    assert 'value="North 7B"' in page
    assert sign_in(world.evaluator).get("/reviews/new/").status_code == 404


def consent_form(world: Any, **changes: Any) -> dict[str, Any]:
    at = now()
    return {
        "people": [world.evaluator.person],
        "purposes": [CAPABILITY],
        "opens": f"{at:%Y-%m-%dT%H:%M}",
        "closes": f"{at + timedelta(days=10):%Y-%m-%dT%H:%M}",
        "model": "north-7b",
        "upstream": "http://127.0.0.1:9/v1",
        "artefact": ARTEFACT,
        "variant": "safeguarded",
        "levels": ["api"],
        "requests": 100,
        "tokens": 50_000,
        "concurrency": 2,
        "channel": "open",
    } | changes


def test_a_signatory_signs_a_consent_and_narrows_it(world: Any, reviews: Reviews, sign_in: SignIn) -> None:
    client = sign_in(world.signatory)
    address = f"/reviews/{reviews.offered}/consent/"
    form = client.get(address)
    assert form.status_code == 200
    assert "Eva Evaluator" in form.content.decode()
    assert client.post(address, consent_form(world)).status_code == 302
    signed = cases.review(world.signatory, reviews.offered, now())
    assert signed.state is ReviewState.CONSENTED
    assert signed.consent is not None
    assert signed.consent.people == {world.evaluator.person}
    consent = signed.consent
    narrower = consent_form(
        world,
        opens=f"{consent.window.opens:%Y-%m-%dT%H:%M}",
        closes=f"{consent.window.closes:%Y-%m-%dT%H:%M}",
        requests=10,
    )
    assert client.get(f"{address}narrow/").status_code == 200
    assert client.post(f"{address}narrow/", narrower).status_code == 302
    now_standing = cases.review(world.signatory, reviews.offered, now()).consent
    assert now_standing is not None
    assert now_standing.budget.requests == 10
    wider = client.post(f"{address}narrow/", narrower | {"requests": 1000})
    assert wider.status_code == 422
    assert "widen" in wider.content.decode()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"closes": "{far}"}, "partner release"),
        ({"people": []}, "This field is required"),
        ({"artefact": "sha256:short"}, "is not a digest"),
        ({"upstream": "ftp://x"}, "is not an address the gateway can call"),
        ({"opens": "yesterday"}, "Write a date and a time"),
    ],
)
def test_a_consent_that_cannot_be_is_explained_on_the_form(
    world: Any, reviews: Reviews, sign_in: SignIn, changes: dict[str, Any], sentence: str
) -> None:
    far = f"{now() + timedelta(days=25):%Y-%m-%dT%H:%M}"
    changes = {key: far if value == "{far}" else value for key, value in changes.items()}
    client = sign_in(world.signatory)
    answer = client.post(f"/reviews/{reviews.offered}/consent/", consent_form(world, **changes))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert 'value="50000"' in page
    assert cases.review(world.signatory, reviews.offered, now()).consent is None


def test_narrowing_one_thing_leaves_the_exact_window_alone(world: Any, reviews: Reviews, sign_in: SignIn) -> None:
    """The form shows minutes; a window that opened at some second must not seem to be widened by that."""
    before = cases.review(world.signatory, reviews.consented, now()).consent
    assert before is not None
    window = before.window
    typed = consent_form(world, opens=f"{window.opens:%Y-%m-%dT%H:%M}", closes=f"{window.closes:%Y-%m-%dT%H:%M}")
    answer = sign_in(world.signatory).post(f"/reviews/{reviews.consented}/consent/narrow/", typed | {"requests": 7})
    assert answer.status_code == 302
    after = cases.review(world.signatory, reviews.consented, now()).consent
    assert after is not None
    assert after.budget.requests == 7
    assert after.window.closes == window.closes


def test_what_calls_cost_what_else_may_be_called_and_what_is_kept_are_signed_on_the_page(
    world: Any, reviews: Reviews, sign_in: SignIn, tmp_path: Path
) -> None:
    key = parties.register_recipient_key(by=world.evaluator, pem=new_private_key(tmp_path / "k").public.pem, at=now())
    client = sign_in(world.signatory)
    address = f"/reviews/{reviews.offered}/consent/"
    assert "Eva Evaluator (Review Body One)" in client.get(address).content.decode()
    further = {
        "currency": "EUR",
        "prices": "north-7b 3.00 15.00",
        "money": "250.00",
        "endpoints": "GET responses/*\nPOST rerank\n",
        "recipients": [key.id],
        "days": 14,
    }
    for change, said in (
        ({"prices": "north-7b 3.00"}, "is not understood"),
        ({"prices": ""}, "names no price of"),
        ({"endpoints": "rerank"}, "is no endpoint"),
        ({"days": ""}, "for nobody, or for no day"),
    ):
        answer = client.post(address, consent_form(world, **further | change))
        assert answer.status_code == 422
        assert said in answer.content.decode()
    assert client.post(address, consent_form(world, **further)).status_code == 302
    consent = cases.review(world.signatory, reviews.offered, now()).consent
    assert consent is not None
    assert consent.budget.money == 250_000_000
    page = client.get(f"/reviews/{reviews.offered}/").content.decode()
    for part in ("250.00 EUR", "<code>GET responses/*</code>", "sealed for Eva Evaluator", "destroyed 14 days"):
        assert part in page
    again = client.get(f"{address}narrow/").content.decode()
    assert "north-7b 3.00 15.00" in again
    assert again.count("<details open>") == 3


def test_only_who_may_sign_gets_the_form(world: Any, reviews: Reviews, sign_in: SignIn) -> None:
    for who in ("security", *BODY, "rival"):
        assert sign_in(getattr(world, who)).get(f"/reviews/{reviews.offered}/consent/").status_code == 404


def test_dates_are_moved_by_the_lab_alone(world: Any, reviews: Reviews, sign_in: SignIn) -> None:
    address = f"/reviews/{reviews.consented}/dates/"
    sooner = now() + timedelta(days=5)
    typed = {"partner_release": f"{sooner:%Y-%m-%dT%H:%M}", "public_release": f"{sooner:%Y-%m-%dT%H:%M}"}
    assert sign_in(world.authority).get(address).status_code == 404
    assert sign_in(world.governance).post(address, typed).status_code == 302
    clock = cases.review(world.governance, reviews.consented, now()).clock
    assert clock.window is not None
    assert clock.window.closes <= sooner


def test_a_key_is_shown_once_and_kept_nowhere(world: Any, reviews: Reviews, sign_in: SignIn) -> None:
    client = sign_in(world.evaluator)
    address = f"/reviews/{reviews.consented}/keys/"
    answer = client.post(address, {"purpose": CAPABILITY})
    secret = answer.content.decode().split('id="secret">')[1].split("<")[0]
    assert len(secret) > 20
    assert answer.headers["Cache-Control"] == "no-store"
    again = client.get(address).content.decode()
    assert secret not in again
    assert secret not in str(dict(client.session.items()))
    for who in ("intake", "authority", "rival"):
        assert sign_in(getattr(world, who)).get(address).status_code == 404
    seen = sign_in(world.security).get(address).content.decode()
    assert "Issue a key" not in seen
    assert "/revoke/" in seen


def test_a_key_is_revoked_with_one_button(world: Any, reviews: Reviews, sign_in: SignIn) -> None:
    client = sign_in(world.evaluator)
    page = client.get(f"/reviews/{reviews.consented}/keys/").content.decode()
    action = re.findall(r'action="([^"]*/revoke/)"', page)
    assert len(action) == 1
    assert client.post(action[0]).status_code == 302
    assert "Revoked" in client.get(f"/reviews/{reviews.consented}/keys/").content.decode()


def test_the_developer_stores_the_key_of_its_endpoint_and_never_sees_it_again(
    world: Any, reviews: Reviews, sign_in: SignIn
) -> None:
    client = sign_in(world.security)
    address = f"/reviews/{reviews.consented}/credential/"
    assert client.post(address, {"credential": "upstream-secret-1"}).status_code == 302
    assert "upstream-secret-1" not in client.get(address).content.decode()
    assert sign_in(world.evaluator).get(address).status_code == 404


def test_a_part_answers_nothing_while_nothing_changed(world: Any, reviews: Reviews, sign_in: SignIn) -> None:
    client = sign_in(world.governance)
    page = client.get(f"/reviews/{reviews.consented}/").content.decode()
    addresses = re.findall(r'hx-get="([^"]+)"', page)
    assert len(addresses) == 2
    for address in addresses:
        assert client.get(address).status_code == 204
    cases.acknowledge(by=world.intake, review=reviews.consented, at=now())
    happened = next(address for address in addresses if "happened" in address)
    assert client.get(happened).status_code == 200


def test_a_part_asks_for_the_whole_page_once_the_session_is_over(world: Any, reviews: Reviews, sign_in: SignIn) -> None:
    client = sign_in(world.governance)
    client.logout()
    answer = client.get(f"/reviews/{reviews.consented}/parts/now/")
    assert answer.status_code == 204
    assert answer.headers["HX-Refresh"] == "true"


def test_every_step_on_the_page_leads_to_its_receipt(world: Any, reviews: Reviews, sign_in: SignIn) -> None:
    client = sign_in(world.governance)
    page = client.get(f"/reviews/{reviews.consented}/").content.decode()
    links = re.findall(r'href="(/ledger/[^"]+)" id="entry-', page)
    assert len(links) >= 3
    for link in links:
        assert client.get(link).status_code == 200
        assert client.get(f"{link}receipt.json").status_code == 200


def test_a_withdrawn_review_says_so_and_stands_still(world: Any, reviews: Reviews, sign_in: SignIn) -> None:
    page = _main(sign_in(world.governance).get(f"/reviews/{reviews.withdrawn}/"))
    assert "No access: withdrawn" in page
    assert "hx-get" not in page


def test_no_access_key_ever_stands_on_a_page_of_others(world: Any, reviews: Reviews, sign_in: SignIn) -> None:
    for who in (*LAB, *BODY):
        client = sign_in(getattr(world, who))
        for page in PAGES:
            assert reviews.secret not in client.get(f"/reviews/{reviews.consented}/{page}").content.decode()
    assert access.usage(world.governance, reviews.consented).requests == 0


def _main(answer: Any) -> str:
    return str(answer.content.decode().split("<main")[1])
