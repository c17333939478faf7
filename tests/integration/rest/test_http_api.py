"""The HTTP API over the real rooms: who asks, problem documents, one call a route."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from seatrial.client import Seatrial
from seatrial.client.reading import read
from seatrial.kernel.clock import iso, now
from seatrial.kernel.recipients import new_private_key
from seatrial.parties import api as parties
from seatrial.rest.local import InProcess
from seatrial.rest.problems import CODES, STATUSES, status_of
from seatrial.review.cases.core.modelworld import as_terms
from seatrial.review.cases.types import Consent, Keeping, Price, Tariff


class Api:
    """A client that sends one person's token."""

    def __init__(self, actor: Any = None) -> None:
        self._client = Client(enforce_csrf_checks=True)
        token = parties.issue_token(by=actor, at=now()) if actor else None
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str) -> Any:
        return self._client.get(f"/api/v1{path}", headers=self._headers)

    def post(self, path: str, body: Any = None) -> Any:
        data = body if isinstance(body, str) else json.dumps(body or {})
        return self._client.post(f"/api/v1{path}", data, content_type="application/json", headers=self._headers)


def problem(answer: Any, status: int, code: str) -> str:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["type"] == f"urn:seatrial:problem:{code}"
    assert body["status"] == status
    assert "Traceback" not in body["detail"]
    return str(body["detail"])


def plan_body(world: Any, **changes: Any) -> dict[str, Any]:
    return {
        "developer": world.lab,
        "body": world.body,
        "title": "By API",
        "model": "m",
        "partner_release": iso(now() + timedelta(days=40)),
        "public_release": iso(now() + timedelta(days=50)),
        **changes,
    }


def consent_body(world: Any, **changes: Any) -> dict[str, Any]:
    return {
        "model": "m",
        "artefact": "sha256:" + "0" * 64,
        "variant": "v",
        "people": [world.evaluator.person],
        "purposes": ["capability-evaluation"],
        "upstream": "http://127.0.0.1:9000/v1",
        "requests": 5,
        "tokens": 100,
        "opens": iso(now()),
        "closes": iso(now() + timedelta(days=3)),
        **changes,
    }


def test_a_review_goes_from_plan_to_release(world: Any) -> None:
    lab, signatory, body = Api(world.governance), Api(world.signatory), Api(world.intake)
    made = lab.post("/reviews", plan_body(world))
    assert made.status_code == 201
    review = made.json()["id"]
    assert made.json()["state"] == "draft"
    problem(body.get(f"/reviews/{review}"), 404, "no-such-review")
    assert lab.post(f"/reviews/{review}/offer").json()["state"] == "offered"
    assert body.post(f"/reviews/{review}/acknowledge").status_code == 200
    asked = body.post(f"/reviews/{review}/requests", {"subject": "A question", "text": "Why?"})
    assert asked.status_code == 201
    answered = lab.post(f"/threads/{asked.json()['thread']['id']}/answer", {"text": "So."})
    assert [post["text"] for post in answered.json()["posts"]] == ["So.", "Why?"]
    signed = signatory.post(f"/reviews/{review}/consents", consent_body(world))
    assert signed.status_code == 201, signed.content
    assert signed.json()["people"] == [world.evaluator.person]
    assert lab.get(f"/reviews/{review}").json()["state"] == "consented"
    assert lab.post(f"/reviews/{review}/release").json()["state"] == "released"
    refused = problem(lab.post(f"/reviews/{review}/withdraw"), 409, "wrong-state")
    assert "cannot happen while this is released" in refused
    assert lab.post(f"/reviews/{review}/close").json()["state"] == "closed"


def test_prices_endpoints_and_keeping_are_signed_over_http(world: Any, tmp_path: Path) -> None:
    lab, signatory = Api(world.governance), Api(world.signatory)
    review = lab.post("/reviews", plan_body(world)).json()["id"]
    lab.post(f"/reviews/{review}/offer")
    key = parties.register_recipient_key(by=world.security, pem=new_private_key(tmp_path / "k").public.pem, at=now())
    plain = consent_body(world)
    price = {"model": plain["model"], "prompt": "3.00", "answer": "15.00"}
    further = {
        "money": "250.00",
        "tariff": {"currency": "EUR", "prices": [price]},
        "endpoints": ["GET responses/*"],
        "keeping": {"recipients": [key.id], "days": 14},
    }
    path = f"/reviews/{review}/consents"
    problem(signatory.post(path, plain | {"money": "a lot"}), 400, "bad-money")
    problem(signatory.post(path, plain | {"money": "1"}), 409, "builds-priced")
    problem(signatory.post(path, plain | {"endpoints": ["GET ../admin"]}), 400, "bad-endpoint")
    problem(signatory.post(path, plain | {"keeping": {"recipients": [], "days": 1}}), 409, "keeping-for-somebody")
    signed = signatory.post(path, plain | further)
    assert signed.status_code == 201, signed.content
    consent = read(Consent, signed.json())
    assert consent.budget.money == 250_000_000
    assert consent.tariff == Tariff("EUR", (Price(plain["model"], 3_000_000, 15_000_000),))
    assert consent.keeping == Keeping((key.id,), 14)
    with Seatrial.over(InProcess(world.signatory)) as seatrial:
        less = replace(as_terms(consent), budget=replace(consent.budget, money=100_000_000), keeping=None)
        narrowed = seatrial.reviews.narrow_consent(review, less)
    assert as_terms(narrowed) == less


def test_a_rule_and_a_slip_become_problem_documents(world: Any) -> None:
    lab, signatory = Api(world.governance), Api(world.signatory)
    review = lab.post("/reviews", plan_body(world)).json()["id"]
    lab.post(f"/reviews/{review}/offer")
    long = consent_body(world, closes=iso(now() + timedelta(days=31)))
    assert "30 is the most" in problem(signatory.post(f"/reviews/{review}/consents", long), 409, "thirty-days-at-most")
    problem(signatory.post(f"/reviews/{review}/consents", consent_body(world, artefact="x")), 400, "bad-digest")
    problem(signatory.post(f"/reviews/{review}/consents", consent_body(world, label="x")), 400, "bad-label")
    problem(lab.post(f"/reviews/{review}/consents", consent_body(world)), 403, "role-missing")
    missing = consent_body(world)
    del missing["people"]
    assert "people" in problem(signatory.post(f"/reviews/{review}/consents", missing), 422, "body-invalid")
    problem(lab.post("/reviews", plan_body(world, body="nobody")), 404, "no-policy")


def test_nobody_gets_in_without_saying_who_they_are(world: Any) -> None:
    stranger = Api()
    for path in ("/reviews", "/reports", "/ledger/entries", "/ledger/checkpoint", "/ledger/receipts/main/0"):
        problem(stranger.get(path), 401, "sign-in-needed")
    wrong = Client().get("/api/v1/reviews", headers={"Authorization": "Bearer sta-wrong"})
    problem(wrong, 401, "unknown-token")


def test_a_session_reads_with_its_cookie_and_writes_with_its_csrf_token_only(world: Any) -> None:
    from seatrial.parties.models import Person

    client = Client(enforce_csrf_checks=True)
    client.force_login(
        Person.objects.get(id=world.governance.person), "allauth.account.auth_backends.AuthenticationBackend"
    )
    assert client.get("/api/v1/reviews").status_code == 200
    answer = client.post("/api/v1/reviews", json.dumps(plan_body(world)), content_type="application/json")
    problem(answer, 403, "csrf")


def test_reporting_needs_no_account_and_is_followed_by_code(world: Any) -> None:
    stranger = Api()
    made = stranger.post(
        "/reports", {"title": "Heap overflow", "description": "It writes past its end on long input.", "product": "x"}
    )
    assert made.status_code == 201, made.content
    followed = stranger.get(f"/reports/follow/{made.json()['code']}")
    assert followed.json()["state"] == "received"
    problem(stranger.get("/reports/follow/nothing"), 404, "no-such-report")
    problem(stranger.post("/reports", {"title": "x", "description": "y", "product": ""}), 400, "report-invalid")
    problem(stranger.post("/reports", {"title": "x"}), 422, "body-invalid")
    assert stranger.post("/reports", "{broken").status_code in (400, 422)


def test_receipts_come_over_http_and_verify(world: Any) -> None:
    from seatrial.ledger import api as ledger

    lab = Api(world.governance)
    lab.post("/reviews", plan_body(world))
    entries = lab.get(f"/ledger/entries?log={world.lab}").json()
    assert [entry["kind"] for entry in entries] == ["case.drafted"]
    receipt = lab.get(f"/ledger/receipts/{world.lab}/0").json()
    key = Api().get("/ledger/key").json()["key"]
    assert ledger.verify_receipt(receipt, key).kind == "case.drafted"
    problem(Api(world.intake).get(f"/ledger/receipts/{world.lab}/0"), 404, "no-such-entry")


def test_nobody_learns_how_long_a_developers_own_log_is(world: Any) -> None:
    for drafts in range(2):
        answer = Api(world.intake).get(f"/ledger/checkpoint?log={world.lab}")
        assert answer.status_code == 404, f"after {drafts} drafts: {answer.content!r}"
        Api(world.governance).post("/reviews", plan_body(world))
    assert "\n2\n" in Api(world.governance).get(f"/ledger/checkpoint?log={world.lab}").json()["checkpoint"]
    assert Api(world.intake).get("/ledger/checkpoint").status_code == 200


def test_the_api_describes_itself() -> None:
    described = Client().get("/api/v1/openapi.json").json()
    assert "ReviewView" in described["components"]["schemas"]
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert operation.get("description"), f"{method} {path} says nothing of itself"


@pytest.mark.parametrize("kind", [kind for kind, _ in STATUSES])
def test_every_kind_of_error_has_a_status(kind: Any) -> None:
    assert 400 <= status_of(kind("some-code", "A sentence.")) < 600
    for code, status in CODES.items():
        assert status_of(kind(code, "A sentence.")) == status
