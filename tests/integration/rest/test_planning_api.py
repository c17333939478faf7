"""Plans and memos over HTTP: the lab's pipeline plans with them; a problem document says what to mend."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client
from icalendar import Calendar

from seatrial.kernel.clock import now
from seatrial.parties import api as parties
from simulators.release_plans import file, usual


class Api:
    def __init__(self, actor: Any) -> None:
        self._client = Client(enforce_csrf_checks=True)
        self._headers = {"Authorization": f"Bearer {parties.issue_token(by=actor, at=now())}"}

    def __call__(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        answer = self._client.generic(
            method, f"/api/v1{path}", json.dumps(body or {}), content_type="application/json", headers=self._headers
        )
        assert answer.status_code == status, answer.content
        return answer.json() if "json" in answer["Content-Type"] else answer.content.decode()


def plan_body(world: Any) -> dict[str, Any]:
    milestone = {"key": "freeze", "title": "Freeze", "track": "product", "owner": "Olga", "days": 5, "length": 2}
    return {
        "developer": world.lab,
        "title": "Tern 2",
        "model": "tern-2",
        "zone": "America/New_York",
        "partner_release": "2026-11-12T09:00",
        "public_release": "2026-12-03T14:00:00Z",
        "window": {"days": 30, "ends_before": 5},
        "holidays": ["2026-11-11"],
        "milestones": [milestone | {"anchor": "window-opens"}],
    }


def test_a_pipeline_plans_moves_marks_and_reads_back(world: Any) -> None:
    lab, security, body = Api(world.governance), Api(world.security), Api(world.intake)
    made = lab("POST", "/plans", plan_body(world), 201)
    at = f"/plans/{made['id']}"
    assert made["plan"]["partner_release"] == "2026-11-12T14:00:00.000000Z"
    assert made["plan"]["holidays"] == ["2026-11-11"]
    assert made["schedule"]["items"][0]["due"] == "2026-10-01"
    shown = lab("POST", f"{at}/what-if", {"partner_release": "2026-11-19T09:00", "lengths": {"freeze": 4}})
    assert shown["shifts"][0]["days"] == 7
    assert lab("GET", at)["revision"] == 1
    moved = lab("POST", f"{at}/move", {"partner_release": "2026-11-19T09:00", "revision": 1})
    assert (moved["revision"], moved["schedule"]["window"]["closes"]) == (2, "2026-11-14T14:00:00.000000Z")
    assert lab("POST", f"{at}/move", {"revision": 1, "lengths": {"freeze": 9}}, 409)["title"] == "plan changed"
    new = {"title": "Sign", "track": "legal", "owner": "Sig", "days": 1, "anchor": "window-opens", "needs": ["freeze"]}
    assert len(lab("PUT", f"{at}/milestones/sign", new)["plan"]["milestones"]) == 2
    assert "needs" in lab("DELETE", f"{at}/milestones/freeze", status=400)["detail"]
    done = security("POST", f"{at}/milestones/freeze/mark", {"progress": "done"})
    assert done["plan"]["milestones"][0]["done_at"]
    security("PUT", f"{at}/milestones/sign", new | {"title": "x"}, 403)
    assert len(lab("DELETE", f"{at}/milestones/sign")["plan"]["milestones"]) == 1
    address = lab("POST", f"{at}/feed", status=201)["feed"]
    assert Client().get("/feeds" + address.partition("/feeds")[2]).status_code == 200
    assert lab("DELETE", f"{at}/feed")["feed"] is None
    assert 'title = "Tern 2"' in lab("GET", f"{at}/plan.toml")
    assert Calendar.from_ical(lab("GET", f"{at}/plan.ics")).walk("VEVENT")
    content = {key: value for key, value in plan_body(world).items() if key != "developer"}
    assert lab("PUT", at, content | {"milestones": []})["plan"]["milestones"] == []
    assert [line["id"] for line in security("GET", "/plans")] == [made["id"]]
    assert body("GET", "/plans") == []
    assert body("GET", at, status=404)["type"] == "urn:seatrial:problem:no-such-plan"


def test_a_file_is_checked_without_being_kept_and_its_faults_have_lines(world: Any) -> None:
    lab = Api(world.governance)
    assert len(lab("POST", "/plans/check", {"toml": file()})["items"]) == len(usual().milestones)
    broken = lab("POST", "/plans/check", {"toml": file().replace("days = 30", "days = 31")}, 400)
    assert "line 10, window, days" in broken["detail"]
    assert lab("GET", "/plans") == []
    assert "milestone" in lab("GET", "/plans/schema")["properties"]
    twice = plan_body(world) | {"partner_release": "2026-11-01T01:30"}
    assert "2026-11-01T05:30:00Z" in lab("POST", "/plans", twice, 400)["detail"]
    late = plan_body(world) | {"window": {"days": 31}}
    assert lab("POST", "/plans", late, 400)["type"] == "urn:seatrial:problem:plan-invalid"


def test_a_memo_goes_through_its_versions_and_out_as_files(world: Any) -> None:
    lab, body = Api(world.governance), Api(world.intake)
    entry = {"option": "engage", "heading": "benefits", "weight": 4, "text": "Outside eyes"}
    said = {"developer": world.lab, "title": "Take part?", "entries": [entry]}
    made = lab("POST", "/engagements", said, 201)
    at = f"/engagements/{made['id']}"
    assert made["weighing"]["entries"][0]["author"] == "gwen"
    new = {"title": "Take part?", "entries": [entry], "conclusion": "engage", "reasons": "Yes."}
    assert lab("PUT", f"{at}?version=1", new)["version"] == 2
    assert lab("PUT", f"{at}?version=1", new | {"reasons": "No."}, 409)["title"] == "memo changed"
    assert lab("GET", f"{at}?version=1")["weighing"]["conclusion"] is None
    assert "Their sums decide nothing" in lab("GET", f"{at}/export/md")
    assert "Outside eyes" in lab("GET", f"{at}/export/csv")
    assert lab("GET", f"{at}/export/json")["version"] == 2
    lab("GET", f"{at}/export/exe", status=422)
    assert body("GET", "/engagements") == []
    body("GET", at, status=404)
    body("GET", f"{at}/export/md", status=404)
