"""The Idempotency-Key over the real API: every route takes it, and asking twice acts once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from ninja.operation import Operation

from seatrial.kernel.clock import iso, now, parse_time
from seatrial.ledger import api as ledger
from seatrial.parties import api as parties
from seatrial.rest.asking import SAFE, LocalRequest
from seatrial.rest.local import InProcess
from seatrial.rest.routes import api

SECRETS = ("secret", "token", "code", "password", "link", "canary")


def operations() -> Iterator[tuple[str, Operation]]:
    for bound in api._get_bound_routers():
        for path, view in bound.path_operations.items():
            for operation in view.operations:
                yield f"{bound.prefix}{path}", operation


class Asker:
    def __init__(self, actor: Any = None) -> None:
        self._client = Client()
        token = parties.issue_token(by=actor, at=now()) if actor else None
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def __call__(self, method: str, path: str, body: Any = None, key: str | None = None) -> Any:
        headers = {**self._headers, **({"Idempotency-Key": key} if key is not None else {})}
        data = json.dumps(body if body is not None else {})
        return self._client.generic(method, f"/api/v1{path}", data, content_type="application/json", headers=headers)


@pytest.fixture
def plan(world: Any) -> dict[str, Any]:
    return {
        "developer": world.lab,
        "body": world.body,
        "title": "Twice",
        "model": "m",
        "partner_release": iso(now() + timedelta(days=40)),
        "public_release": iso(now() + timedelta(days=50)),
    }


def test_every_route_that_changes_something_acts_once() -> None:
    found = [(path, op) for path, op in operations() if not set(op.methods) <= SAFE]
    assert len(found) > 15, "this test looks at too little"
    forgetful = [path for path, op in found if not getattr(op.run, "acts_once", False)]
    assert forgetful == []


def test_every_answer_with_a_secret_in_it_is_marked() -> None:
    unmarked = []
    for path, operation in operations():
        for status, model in operation.response_models.items():
            schema = json.dumps(model.model_json_schema()) if hasattr(model, "model_json_schema") else ""
            holds = any(f'"{word}": {{' in schema for word in SECRETS)
            if holds and set(operation.methods) - SAFE and not hasattr(operation.view_func, "shown_once"):
                unmarked.append((path, status))
    assert unmarked == []


def test_the_same_request_twice_makes_one_review(world: Any, plan: dict[str, Any]) -> None:
    lab = Asker(world.governance)
    before = ledger.head(world.lab)
    first, again = (lab("POST", "/reviews", plan, "pipeline-7/plan") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert first["Content-Type"] == again["Content-Type"]
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert ledger.head(world.lab) == before + 1
    reused = lab("POST", "/reviews", {**plan, "title": "Other"}, "pipeline-7/plan")
    assert (reused.status_code, reused.json()["type"]) == (422, "urn:seatrial:problem:idempotency-key-reused")
    for bad in ("", "x" * 256, "a\tb"):
        assert lab("POST", "/reviews", plan, bad).json()["type"] == "urn:seatrial:problem:bad-idempotency-key"


def test_a_refusal_is_said_again_and_not_kept(world: Any, plan: dict[str, Any]) -> None:
    lab = Asker(world.governance)
    early = lab("POST", "/reviews", {**plan, "partner_release": iso(now() - timedelta(days=1))}, "k")
    assert early.status_code == 400
    assert lab("POST", "/reviews", plan, "k").status_code == 201


def test_nobody_replays_anothers_answer(world: Any, plan: dict[str, Any]) -> None:
    assert Asker(world.governance)("POST", "/reviews", plan, "k").status_code == 201
    assert Asker(world.rival)("POST", "/reviews", plan, "k").status_code == 403
    assert Asker()("POST", "/reviews", plan, "k").status_code == 401


def test_a_secret_is_shown_once_and_a_replay_names_what_was_made(world: Any) -> None:
    report = {"title": "Heap overflow", "description": "It writes past its end on long input.", "product": "x"}
    made = Asker()("POST", "/reports", report, "k")
    again = Asker()("POST", "/reports", report, "k")
    assert again.status_code == 409
    assert again.json()["facts"] == {"id": made.json()["report"]}
    assert made.json()["code"] not in again.content.decode()
    other = Asker()("POST", "/reports", {**report, "title": "Another overflow"}, "k")
    assert other.status_code == 201, "a stranger's key is nobody else's"


def test_times_keep_their_microseconds(world: Any, plan: dict[str, Any]) -> None:
    dates = {**plan, "partner_release": "2031-07-01T09:00:00.123456Z", "public_release": "2031-07-02T09:00:00.000001Z"}
    clock = Asker(world.governance)("POST", "/reviews", dates).json()["clock"]
    assert parse_time(clock["partner_release"]).microsecond == 123456


def test_no_request_from_the_network_can_name_its_actor(world: Any) -> None:
    """In-process requests carry their actor as a value; headers, cookies and query never become one."""
    forged = {"Local-Actor": "gwen", "X-Local-Actor": "gwen", "local_actor": "gwen", "REMOTE_USER": "gwen"}
    assert Client().get("/api/v1/reviews?local_actor=gwen", headers=forged).status_code == 401
    assert Client().get("/api/v1/reviews", local_actor=world.governance).status_code == 401
    status, _, _ = InProcess(world.governance).send("GET", "/api/v1/reviews", {}, b"")
    assert status == 200
    assert LocalRequest.__module__ == "seatrial.rest.asking"
