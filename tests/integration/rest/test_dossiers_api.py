"""The dossier over HTTP: what a pipeline of a lab does with it, and what the body gets."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import jsonschema
import pytest
from django.test import Client

from seatrial.kernel.clock import now
from seatrial.parties import api as parties
from simulators.staged_reviews import offered

TOML = """\
[model]
name = "m-1"
developer = "North Lab"
summary = ["Open words.", { text = "Counsel wrote this sentence.", marking = "privileged" }]
"""


class Pipeline:
    """A client that sends one person's token, on one review's dossier."""

    def __init__(self, actor: Any, review: str) -> None:
        token = parties.issue_token(by=actor, at=now())
        self.client = Client(headers={"Authorization": f"Bearer {token}"})
        self.base = f"/api/v1/reviews/{review}/dossier"

    def get(self, path: str = "") -> Any:
        return self.client.get(f"{self.base}{path}")

    def put(self, text: str | bytes, kind: str = "toml", path: str = "") -> Any:
        return self.client.put(f"{self.base}{path}", text, content_type=f"application/{kind}")

    def post(self, path: str, **body: Any) -> Any:
        return self.client.post(f"{self.base}{path}", json.dumps(body), content_type="application/json")


@pytest.fixture
def review(world: Any) -> str:
    return offered(world, "A review")


def test_toml_and_json_keep_the_same_document(world: Any, review: str) -> None:
    lab = Pipeline(world.security, review)
    first = lab.put(TOML)
    assert first.status_code == 201
    document = first.json()["document"]
    second = lab.put(json.dumps(document), "json", "?based_on=1")
    assert second.status_code == 201
    assert second.json()["digest"] == first.json()["digest"]
    assert lab.get("/source?version=1").json() == document
    assert tomllib.loads(lab.get("/source?format=toml").content.decode()) == document
    stale = lab.put(TOML, path="?based_on=1")
    assert (stale.status_code, stale.json()["title"]) == (409, "dossier changed")
    assert [one["version"] for one in lab.get("/versions").json()] == [2, 1]


def test_a_document_fits_the_published_schema(world: Any, review: str) -> None:
    anybody = Client()
    schema = anybody.get("/api/v1/dossiers/schema").json()
    jsonschema.Draft202012Validator.check_schema(schema)
    document = Pipeline(world.security, review).put(TOML).json()["document"]
    jsonschema.Draft202012Validator(schema).validate(document)
    assert tomllib.loads(anybody.get("/api/v1/dossiers/blank").content.decode())["format"] == document["format"]


def test_every_fault_comes_at_once_with_line_and_field(world: Any, review: str) -> None:
    lab = Pipeline(world.security, review)
    answer = lab.put('[model]\nname = "m"\ncolour = "red"\n')
    assert answer.status_code == 400
    missing, unknown = answer.json()["facts"]["faults"]
    assert missing == "line 1, model.developer: this field is needed and missing"
    assert unknown.startswith("line 3, model.colour: there is no such field; there are name, developer,")
    for data, kind in ((b"", "json"), (b"\xff\xfe", "toml"), (b"PK\x03\x04", "json"), (b"[]", "json")):
        assert lab.put(data, kind).status_code == 400
    assert lab.put(b"#" + b"x" * 2_000_001).status_code == 400
    assert lab.put(b"#" + b"x" * 3_000_000).status_code == 413
    assert lab.get().status_code == 404


def test_a_twin_is_read_first_then_shared_signed_and_read_by_the_body(world: Any, review: str) -> None:
    lab, signatory, body = (Pipeline(who, review) for who in (world.governance, world.signatory, world.evaluator))
    lab.put(TOML)
    before = lab.get("/twin?audience=public").json()
    assert before["withheld"] == [{"place": "model.summary[2]", "category": "privileged"}]
    assert body.get().status_code == body.get("/twin").status_code == body.get("/source").status_code == 404
    shared = lab.post("/twins", audience="body")
    assert shared.status_code == 201
    assert shared.json()["signature"] is None
    assert signatory.post("/signatures", version=1).json()["signature"]["organisation"] == world.lab
    seen = body.get()
    assert "Counsel wrote" not in seen.content.decode()
    assert seen.json()["document"]["model"]["summary"] == ["Open words.", {"withheld": "privileged"}]
    assert seen.json()["digest"] == shared.json()["digest"]
    assert lab.post("/twins", audience="body").status_code == 409
    assert body.get("/source").status_code == body.get("/twin").status_code == 404
    assert body.put(TOML).status_code == 403
    assert Pipeline(world.rival, review).get().status_code == 404


def test_a_redaction_that_would_leave_the_text_is_refused_with_both_places(world: Any, review: str) -> None:
    lab = Pipeline(world.governance, review)
    lab.put(TOML + '[[references]]\nkey = "r"\ntitle = "So counsel wrote this sentence, in May"\n')
    answer = lab.post("/twins", audience="body")
    assert answer.status_code == 409
    assert ["model.summary[2]", "references[1].title"] in answer.json()["facts"]["places"]
    assert "Counsel wrote" not in answer.content.decode()


def test_what_changed_is_listed_word_by_word(world: Any, review: str) -> None:
    lab = Pipeline(world.governance, review)
    lab.put(TOML)
    lab.put(TOML.replace("Open words", "Open and plain words"))
    (change,) = lab.get("/diff?old=1&new=2").json()["changes"]
    assert change["place"] == "model.summary[1]"
    assert [word for word in change["words"] if word["kind"]] == [{"kind": "added", "text": "and plain "}]
