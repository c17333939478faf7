"""Model identity over HTTP: one call a route, and strangers are told that there is nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from seatrial.kernel.clock import now
from seatrial.parties import api as parties
from seatrial.review.identity import api as identity
from simulators.noisy_endpoint import NoisyEndpoint, fingerprint_of
from simulators.staged_reviews import CAPABILITY, consented


class Api:
    def __init__(self, actor: Any) -> None:
        self._headers = {"Authorization": f"Bearer {parties.issue_token(by=actor, at=now())}"}
        self._client = Client()

    def get(self, path: str) -> Any:
        return self._client.get(f"/api/v1{path}", headers=self._headers)

    def post(self, path: str, body: Any = None) -> Any:
        data = json.dumps(body or {})
        return self._client.post(f"/api/v1{path}", data, content_type="application/json", headers=self._headers)


@pytest.fixture
def review(world: Any) -> str:
    return consented(world, "By API")


def test_declare_share_bring_and_state(world: Any, review: str) -> None:
    lab, signatory, body = Api(world.governance), Api(world.signatory), Api(world.evaluator)
    base = f"/reviews/{review}/identity"
    made = lab.post(f"{base}/declarations", {"endpoint": {"version": "v1", "defaults": {"top_p": "1"}}})
    assert made.status_code == 201, made.content
    assert body.get(base).json()["declarations"] == []
    assert lab.post(f"{base}/declarations/1/share").status_code == 200
    assert body.get(base).json()["declarations"][0]["digest"] == made.json()["digest"]
    kept = lab.post(f"{base}/fingerprints", {"fingerprint": identity.to_json(fingerprint_of(NoisyEndpoint(1)))})
    assert kept.status_code == 201, kept.content
    fingerprint = kept.json()["id"]
    assert len(lab.get(f"/fingerprints/{fingerprint}/answers").json()["answers"]) == 24
    assert body.get(f"/fingerprints/{fingerprint}").status_code == 404
    stated = signatory.post(f"{base}/statements", {"fingerprint": fingerprint})
    assert stated.status_code == 201, stated.content
    statement = stated.json()["id"]
    assert body.get(f"/statements/{statement}/envelope").status_code == 404
    assert signatory.post(f"{base}/statements/{statement}/share").status_code == 200
    envelope = body.get(f"/statements/{statement}/envelope").content
    identity.verify_statement(envelope, key=parties.organisation(world.lab).public_key)


def test_refusals_are_problems_and_strangers_find_nothing(world: Any, review: str) -> None:
    lab, body, rival = Api(world.governance), Api(world.evaluator), Api(world.rival)
    base = f"/reviews/{review}/identity"
    assert rival.get(base).status_code == 404
    assert rival.post(f"{base}/declarations", {"endpoint": {"version": "v"}}).status_code == 404
    assert body.post(f"{base}/declarations", {"endpoint": {"version": "v"}}).status_code == 403
    assert lab.post(f"{base}/declarations").json()["type"] == "urn:seatrial:problem:declaration-invalid"
    assert lab.post(f"{base}/declarations", {"manifest": {}, "public_key": "x"}).status_code == 400
    assert lab.get(f"/organisations/{world.body}/model-key").status_code == 404
    assert lab.post(f"{base}/fingerprints", {"fingerprint": {"form": "x"}}).status_code == 400
    few = body.post(f"{base}/takings", {"purpose": CAPABILITY})
    assert (few.status_code, few.json()["type"]) == (409, "urn:seatrial:problem:budget-too-small")
