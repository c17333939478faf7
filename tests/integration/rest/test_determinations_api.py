"""Determination requests over HTTP: a pipeline asks, a body answers, a problem document says what to mend."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from seatrial.kernel.clock import now
from seatrial.ledger import api as ledger
from seatrial.parties import api as parties


class Api:
    def __init__(self, actor: Any) -> None:
        self._client = Client(enforce_csrf_checks=True)
        self._headers = {"Authorization": f"Bearer {parties.issue_token(by=actor, at=now())}"}

    def __call__(self, method: str, path: str, body: Any = None, status: int = 200, **headers: str) -> Any:
        answer = self._client.generic(
            method,
            f"/api/v1{path}",
            json.dumps(body or {}),
            content_type="application/json",
            headers={**self._headers, **headers},
        )
        assert answer.status_code == status, answer.content
        return answer.json() if "json" in answer["Content-Type"] else answer.content.decode(errors="replace")


def test_a_request_from_draft_to_the_second_answer(world: Any) -> None:
    lab, signer, rival = Api(world.governance), Api(world.signatory), Api(world.rival)
    body, second, intake = Api(world.authority), Api(world.authority2), Api(world.intake)
    asked = {"developer": world.lab, "body": world.body, "model": "north-next", "description": "Half trained."}
    made = lab("POST", "/determination-requests", asked, 201)
    at = f"/determination-requests/{made['id']}"
    assert made["may"] == ["revise", "ask", "withdraw"]
    assert body("GET", at, status=404)["title"] == "no such request"
    changed = {"model": "north-next", "description": "Two thirds trained.", "artefact": "sha256:" + "0" * 64}
    assert lab("PUT", at, changed)["artefact"] == changed["artefact"]
    assert lab("POST", f"{at}/ask")["state"] == "asked"
    assert intake("POST", f"{at}/acknowledge")["state"] == "acknowledged"
    assert [one["text"] for one in intake("POST", f"{at}/posts", {"text": "Which size?"}, 201)["posts"]] == [
        "Which size?"
    ]

    def answer(reasons: str) -> Any:
        drafted = body("POST", f"{at}/determinations", {"reasons": reasons}, 201)
        assert (drafted["campaign"], drafted["finding"]) == (None, "not_determined")
        one = f"/determinations/{drafted['id']}"
        body("POST", f"{one}/sign")
        second("POST", f"{one}/sign")
        assert rival("GET", one, status=404)["title"] == "no such determination"
        assert lab("GET", one, status=404)["title"] == "no such determination"
        body("POST", f"{one}/share")
        assert "No campaign was run." in lab("GET", f"{one}/memo.html")
        assert [found["id"] for found in body("GET", f"{at}/answers-offered")] == [drafted["id"]]
        return body("POST", f"{at}/answer", {"determination": drafted["id"]})

    assert answer("Nothing was run.")["state"] == "answered"
    again = lab("POST", f"{at}/reconsideration", {"reasons": "It is trained now.", "evidence": "A card."})
    assert (again["state"], again["reconsiderations"][0]["evidence"]) == ("reconsideration_asked", "A card.")
    view = answer("Still nothing was run.")
    assert view["state"] == "answered_again"
    last = view["answers"][1]["determination"]["id"]
    assert signer("POST", f"/determinations/{last}/statement", {"text": "Ours."})["statement"] == "Ours."
    assert lab("GET", at)["request"]["answers"][1]["determination"]["statement"] == "Ours."
    assert lab("POST", f"{at}/close")["state"] == "closed"
    assert lab("POST", f"{at}/withdraw")["state"] == "withdrawn"
    assert body("GET", at, status=404)["title"] == "no such request"
    assert body("GET", "/determination-requests") == []
    assert [one["state"] for one in lab("GET", "/determination-requests")] == ["withdrawn"]
    assert rival("GET", "/determination-requests") == []


def test_asking_twice_with_one_key_asks_once(world: Any) -> None:
    lab = Api(world.governance)
    asked = {"developer": world.lab, "body": world.body, "model": "m", "description": "So."}
    one = lab("POST", "/determination-requests", asked, 201, **{"Idempotency-Key": "pipeline-7/draft"})
    before = ledger.head(log=world.lab)
    assert lab("POST", "/determination-requests", asked, 201, **{"Idempotency-Key": "pipeline-7/draft"}) == one
    assert ledger.head(log=world.lab) == before


def test_what_is_wrong_is_said(world: Any) -> None:
    lab = Api(world.governance)
    asked = {"developer": world.lab, "body": world.body, "model": "m", "description": "So."}
    assert "digest" in lab("POST", "/determination-requests", {**asked, "artefact": "x"}, 400)["detail"]
    assert "1 to 200" in lab("POST", "/determination-requests", {**asked, "model": " "}, 400)["detail"]
    assert "link that review" in lab("POST", "/determination-requests", {**asked, "dossier_version": 1}, 400)["detail"]
    made = lab("POST", "/determination-requests", asked, 201)["id"]
    assert "while this is draft" in lab("POST", f"/determination-requests/{made}/close", status=409)["detail"]


def test_a_body_records_whom_it_consulted_and_both_sides_name_new_evidence(world: Any) -> None:
    lab, body = Api(world.governance), Api(world.authority)
    asked = {"developer": world.lab, "body": world.body, "model": "m", "description": "So."}
    at = f"/determination-requests/{lab('POST', '/determination-requests', asked, 201)['id']}"
    lab("POST", f"{at}/ask")
    said = {"organisation": "Harbour", "capacity": "methods", "stance": "agrees", "on": "2026-07-01"}
    (found,) = body("POST", f"{at}/consultations", said, 201)
    assert found["consulted"] == {**said, "person": "", "words": ""}
    assert lab("GET", f"{at}/consultations") == []
    lab("POST", f"{at}/consultations", said, status=403)
    first = body("POST", f"{at}/determinations", {"reasons": "None run."}, 201)["id"]
    for signer in (body, Api(world.authority2)):
        signer("POST", f"/determinations/{first}/sign")
    body("POST", f"/determinations/{first}/share")
    body("POST", f"{at}/answer", {"determination": first})
    report = {"kind": "document", "ref": "sha256:" + "1" * 64, "what": "a report"}
    no_version = {"reasons": "Read.", "named": [{"kind": "dossier", "ref": "x"}]}
    assert "number of its version" in lab("POST", f"{at}/reconsideration", no_version, 400)["detail"]
    again = lab("POST", f"{at}/reconsideration", {"reasons": "There is a report.", "named": [report]})
    assert again["reconsiderations"][0]["named"] == [{**report, "digest": report["ref"]}]
    told = {"reasons": "Read.", "reconsiders": first, "evidence": [report], "withhold": ["consultations"]}
    body("POST", f"{at}/determinations", told, 400)  # why it is withheld is missing
    second = body("POST", f"{at}/determinations", {**told, "why_withheld": "They asked us to."}, 201)
    assert (second["reconsiders"], second["withheld"], second["redacted"]) == (first, ["consultations"], False)
    assert "Harbour" in body("GET", f"/determinations/{second['id']}/memo.html")
    assert "Harbour" not in body("GET", f"/determinations/{second['id']}/memo.html?twin=true")
    assert "a report" in body("GET", f"/determinations/{second['id']}/memo.html")
    assert body("GET", f"/determinations/{second['id']}/memo.pdf").startswith("%PDF-1.7")
