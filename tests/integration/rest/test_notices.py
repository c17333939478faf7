"""Notices over HTTP: the same rules as on the page, problem documents, secrets shown once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.conf import settings

from .test_http_api import Api, problem


@pytest.fixture(autouse=True)
def loopback(monkeypatch):
    monkeypatch.setattr(settings, "SEATRIAL", replace(settings.SEATRIAL, loopback_webhooks=True))


def test_choices_and_webhooks_from_end_to_end(world):
    api = Api(world.security)
    assert api.get("/notices/choices").json() == {"everything": None, "reviews": {}}
    assert api.post("/notices/choices", {"cadence": "daily"}).json()["everything"] == "daily"
    assert api.get("/notices").json() == []
    made = api.post("/notices/webhooks", {"organisation": "lab-north", "url": "http://127.0.0.1:9/in"})
    assert made.status_code == 201
    assert made.json()["secret"].startswith("whsec_")
    hook = f"/notices/webhooks/{made.json()['webhook']}"
    assert api.post(f"{hook}/test").status_code == 202
    assert api.get(hook).json()["waiting"] == 1
    (delivery,) = api.get(f"{hook}/deliveries?undelivered=true").json()
    assert (delivery["state"], delivery["review"]) == ("due", "")
    assert api.post(f"{hook}/redeliver", {}).json() == {"again": 1}
    assert api.post(f"{hook}/rotate").json()["secret"] != made.json()["secret"]
    assert "whsec_" not in str(api.get("/notices/webhooks").json())
    rival = Api(world.rival)
    for path in (hook, f"{hook}/deliveries"):
        problem(rival.get(path), 404, "no-such-webhook")
    problem(rival.post(f"{hook}/test"), 404, "no-such-webhook")


def test_what_is_wrong_is_said_in_a_problem_document(world):
    api = Api(world.security)
    problem(api.post("/notices/webhooks", {"organisation": "lab-north", "url": "ftp://x"}), 400, "bad-address")
    problem(
        api.post("/notices/webhooks", {"organisation": "body-one", "url": "https://x.example"}), 403, "role-missing"
    )
    problem(api.post("/notices/choices", {"cadence": "often"}), 422, "body-invalid")
    body = {"organisation": "lab-north", "url": "https://x.example", "label": "nonsense"}
    problem(api.post("/notices/webhooks", body), 400, "bad-label")
