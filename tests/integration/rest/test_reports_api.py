"""The intake over HTTP, by hand and by the client: strangers and accounts, one and many, drafts, files, refusals."""

from __future__ import annotations

import base64
import gzip
import io
import json
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from seatrial.clearinghouse.findings import api as findings
from seatrial.clearinghouse.findings.types import NewReport, Outcome, ReportState
from seatrial.client import Keys, Seatrial
from seatrial.kernel.addresses import client_address
from seatrial.kernel.clock import now
from seatrial.kernel.errors import Misuse, NotFound, Refused
from seatrial.ledger import api as ledger
from seatrial.parties import api as parties
from seatrial.rest.local import InProcess

BASE = "/api/v1/reports"
SHORT = {"title": "Heap overflow in x", "description": "It writes past its end on long input.", "product": "x"}


def report(number: int, **more: Any) -> dict[str, Any]:
    return {
        **SHORT,
        "format": "seatrial-report/1",
        "product": {"name": "x"},
        "title": f"Heap overflow {number}",
        **more,
    }


def over(actor: Any) -> Seatrial:
    return Seatrial.over(InProcess(actor), keys=Keys())


def bearer(actor: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {parties.issue_token(by=actor, at=now())}"}


def post(path: str, data: bytes | Any, **more: Any) -> Any:
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    return Client().generic("POST", f"{BASE}{path}", body, content_type="application/octet-stream", **more)


def test_a_stranger_reports_follows_shows_and_withdraws_with_the_code(world: Any) -> None:
    made = Client().post(BASE, json.dumps(SHORT), content_type="application/json")
    assert made.status_code == 201
    code = made.json()["code"]
    assert Client().get(f"{BASE}/follow/{code}").json()["document"]["title"] == SHORT["title"]
    findings.verify_receipt(Client().get(f"{BASE}/follow/{code}/receipt").json(), ledger.public_key())
    again = Client().post(BASE, json.dumps(SHORT), content_type="application/json").json()
    assert (again["report"], again["code"], again["known"]) == (made.json()["report"], "", True)
    assert Client().post(f"{BASE}/follow/{code}/withdraw").json()["state"] == "withdrawn"


def test_with_a_token_the_same_route_reports_for_the_organisation(world: Any) -> None:
    made = Client().post(BASE, json.dumps(SHORT), content_type="application/json", headers=bearer(world.governance))
    assert (made.status_code, made.json()["code"]) == (201, "")
    assert [line.title for line in over(world.security).findings.mine()] == [SHORT["title"]]
    wrong = Client().post(
        BASE, json.dumps(SHORT), content_type="application/json", headers={"Authorization": "Bearer no"}
    )
    assert wrong.status_code == 401


def test_a_key_acts_once_for_strangers_and_accounts_alike(world: Any) -> None:
    for number, headers in enumerate(({}, bearer(world.governance))):
        key = {"Idempotency-Key": "k1", **headers}
        body = json.dumps({**SHORT, "version": str(number)})
        answers = [Client().post(BASE, body, content_type="application/json", headers=key) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [201, 409]
        assert answers[1].json()["facts"]["id"] == answers[0].json()["report"]


def test_many_come_in_one_call_in_every_form_with_a_result_each(world: Any) -> None:
    sent = [report(1), {"title": "?"}, report(2)]
    plain = post("/import", sent).json()
    assert [item["outcome"] for item in plain["items"]] == ["taken", "refused", "taken"]
    assert all(item["code"] for item in plain["items"] if item["outcome"] == "taken")
    lines = "\n".join(json.dumps(one) for one in sent).encode()
    for data in (lines, gzip.compress(lines)):
        assert [item["outcome"] for item in post("/import", data).json()["items"]] == ["known", "refused", "known"]
    keyed = [post("/import", [report(9)], headers={"Idempotency-Key": "a"}).status_code for _ in range(2)]
    assert keyed == [200, 409]


def test_a_form_brings_reports_and_their_attachments(world: Any) -> None:
    document = report(1, attachments=[{"name": "evil.png"}])
    form = {
        "reports": SimpleUploadedFile("r.json", json.dumps(document).encode()),
        "files": [SimpleUploadedFile("evil.png", b"\x89PNG")],
    }
    made = Client().post(f"{BASE}/import", form, headers=bearer(world.governance)).json()
    assert [item["outcome"] for item in made["items"]] == ["taken"], made
    lab = over(world.security).findings
    (file,) = lab.show(made["items"][0]["report"]).attachments
    into = io.BytesIO()
    assert lab.fetch(file.id, into).digest == file.digest
    assert into.getvalue() == b"\x89PNG"
    with pytest.raises(NotFound):
        over(world.rival).findings.fetch(file.id, io.BytesIO())
    part = Client().get(f"{BASE}/attachments/{file.id}", headers={**bearer(world.security), "Range": "bytes=1-2"})
    assert (part.status_code, b"".join(part.streaming_content)) == (206, b"PN")
    assert "attachment" in part["Content-Disposition"]
    assert Client().post(f"{BASE}/import", {"x": "y"}, headers=bearer(world.governance)).status_code == 400


def test_the_client_does_all_of_it(world: Any) -> None:
    lab = over(world.governance).findings
    first = lab.report(NewReport(**SHORT))
    assert not first.known
    assert lab.report(NewReport(**SHORT)).known
    made = lab.send(io.BytesIO(json.dumps([report(1), report(2)]).encode()))
    assert [item.outcome for item in made.items] == [Outcome.TAKEN] * 2
    assert lab.send(io.BytesIO(json.dumps([report(1), report(2)]).encode())).known == 2
    draft = lab.save_draft({"format": "seatrial-report/1", "title": "Not"})
    assert draft.state is ReportState.DRAFT
    lab.save_draft(report(3, attachments=[{"name": "a", "data": base64.b64encode(b"x").decode()}]), draft=draft.id)
    assert lab.submit_draft(draft.id).state is ReportState.RECEIVED
    other = lab.save_draft(report(4))
    lab.drop_draft(other.id)
    with pytest.raises(Refused):
        lab.drop_draft(draft.id)
    assert lab.pass_on(draft.id, "CERT/CC", identifier="VU#1").document["chain"][0]["identifier"] == "VU#1"
    assert lab.exchange_identifier(draft.id, "GitHub", "GHSA-x").document["handling"][0]["organisation"] == "GitHub"
    into = io.BytesIO()
    lab.export(draft.id, into)
    assert base64.b64decode(json.loads(into.getvalue())["attachments"][0]["data"]) == b"x"
    findings.verify_receipt(lab.receipt(draft.id), ledger.public_key())
    assert lab.withdraw(draft.id).state is ReportState.WITHDRAWN
    assert lab.schema()["title"].startswith("Seatrial report")
    assert {line.id for line in lab.mine()} == {line.id for line in lab.list()}
    with pytest.raises(NotFound):
        over(world.rival).findings.show(draft.id)


def test_a_flood_is_a_429_that_says_when_and_a_large_body_a_413(world: Any, settings: Any) -> None:
    settings.SEATRIAL = replace(django_settings.SEATRIAL, reports_address=2, attachment_limit=2**20)
    part = post("/import", [report(number) for number in range(3)])
    assert (part.status_code, [item["refusal"] for item in part.json()["items"]][2]) == (200, "too-many-reports")
    assert int(part["Retry-After"]) == part.json()["retry_after"] > 40_000
    whole = post("/import", [report(7)])
    assert (whole.status_code, whole["Content-Type"]) == (429, "application/problem+json")
    assert int(whole["Retry-After"]) > 40_000
    assert post("/import", [report(7)], REMOTE_ADDR="198.51.100.7").json()["taken"] == 1
    large = post("/import", b" " * (2**20 + 1), REMOTE_ADDR="203.0.113.7")
    assert (large.status_code, large.json()["type"]) == (413, "urn:seatrial:problem:body-too-large")
    bomb = post("/import", gzip.compress(bytes(2**25)), REMOTE_ADDR="203.0.113.7")
    assert (len(gzip.compress(bytes(2**25))) < 2**20, bomb.status_code) == (True, 413)


@pytest.mark.parametrize(
    ("forwarded", "proxies", "found"),
    [
        ("", 0, "10.0.0.1"),
        ("192.0.2.9", 0, "10.0.0.1"),
        ("203.0.113.5, 192.0.2.9", 1, "192.0.2.9"),
        ("liar, 203.0.113.5, 192.0.2.9", 2, "203.0.113.5"),
        ("[2001:db8::1]", 1, "2001:db8::1"),
        ("", 2, ""),
    ],
)
def test_an_address_is_what_the_trusted_proxies_saw(forwarded: str, proxies: int, found: str) -> None:
    assert client_address("10.0.0.1", forwarded, proxies) == found


def test_what_cannot_be_taken_is_a_problem_in_one_sentence(world: Any) -> None:
    for data, status, code in (
        (b"<xml/>", 400, "not-json"),
        ({"version": "2.0.0", "runs": []}, 400, "unknown-version"),
        ([], 400, "not-a-finding"),
    ):
        answer = post("/import", data)
        assert (answer.status_code, answer.json()["type"]) == (status, f"urn:seatrial:problem:{code}")
    with pytest.raises(Misuse, match="product is missing"):
        over(world.governance).findings.report(NewReport("A title of it", "What happens, and where it does.", ""))
    assert Client().get(f"{BASE}/schema").json() == findings.schema()
    assert Client().get(f"{BASE}/mine").status_code == 401
