"""``seatrial finding``: one report or many, drafts, receipts, what becomes of them; each refusal one sentence."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from seatrial.clearinghouse.findings import api as findings
from seatrial.parties import api as parties
from seatrial.parties.types import OrganisationKind, Role

SHORT = {"title": "Heap overflow in x", "description": "It writes past its end on long input.", "product": "x"}
WHOLE = {**SHORT, "format": "seatrial-report/1", "product": {"name": "x"}}


@pytest.fixture
def analyst(world: Any) -> str:
    kind, home = OrganisationKind.CLEARINGHOUSE, findings.CLEARINGHOUSE
    parties.create_organisation(by=world.operator, name="Clearinghouse", kind=kind, at=world.start, id=home)
    parties.add_person(
        by=world.operator, name="Ann", email="ann@c.example", password="ann rows a boat", at=world.start, id="ann"
    )
    parties.give_role(by=world.operator, person="ann", organisation=home, role=Role.ANALYST, at=world.start)
    return "ann"


def written(tmp_path: Path, name: str, value: Any) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    (tmp_path / name).write_bytes(data)
    return str(tmp_path / name)


def test_a_stranger_reports_from_a_file_with_an_attachment(cli: Any, world: Any, tmp_path: Path) -> None:
    file = written(tmp_path, "report.json", {**WHOLE, "attachments": [{"name": "evil.png"}]})
    evil = written(tmp_path, "evil.png", b"\x89PNG")
    assert "evil.png" in cli.refused(2, "finding", "report", "--file", file)
    made = cli.json("finding", "report", "--file", file, "--attach", evil)
    assert cli.json("finding", "follow", made["code"])["attachments"][0]["size"] == 4
    assert f"reported before, as {made['report']}" in cli("finding", "report", "--file", file, "--attach", evil)
    receipt, out = str(tmp_path / "receipt.json"), tmp_path / "out.json"
    cli("finding", "receipt", receipt, "--code", made["code"])
    assert "Verified" in cli("finding", "verify", receipt)
    changed = json.loads(Path(receipt).read_text()) | {"report": "report-other"}
    assert "another report" in cli.refused(2, "finding", "verify", written(tmp_path, "changed.json", changed))
    cli("finding", "export", str(out), "--code", made["code"])
    assert json.loads(out.read_bytes())["attachments"][0]["data"] == "iVBORw=="
    assert "Withdrawn" in cli("finding", "withdraw", "--code", made["code"])
    assert cli.json("finding", "follow", made["code"])["state"] == "withdrawn"


def test_many_are_imported_and_each_has_its_result(cli: Any, world: Any, tmp_path: Path) -> None:
    lines = "\n".join(json.dumps({**SHORT, "version": str(number)}) for number in range(30)).encode()
    file = written(tmp_path, "many.jsonl.gz", gzip.compress(lines + b'\n{"title": "?"}'))
    results = tmp_path / "results.jsonl"
    said = cli("finding", "import", file, "--as", "gwen", "--results", str(results))
    assert "30 taken, 0 known, 1 refused." in said
    assert "line 31: " in said
    assert len(results.read_text().splitlines()) == 31
    assert "0 taken, 30 known, 1 refused." in cli("finding", "import", file, "--as", "gwen")
    assert len(cli.json("finding", "list", "--mine", "--as", "sam")) == 30
    assert cli.json("finding", "list", "--mine", "--as", "riva") == []
    sarif = {
        "version": "2.1.0",
        "runs": [{"tool": {"driver": {"name": "T"}}, "results": [{"message": {"text": "Bad"}}]}],
    }
    file = written(tmp_path, "a.sarif", sarif)
    assert "product is missing" in cli("finding", "import", file)
    assert "shown this once" in cli("finding", "import", file, "--product", "cutter")


def test_a_draft_is_kept_completed_sent_and_handled(cli: Any, world: Any, analyst: str, tmp_path: Path) -> None:
    half = written(tmp_path, "half.json", {"format": "seatrial-report/1", "title": "Heap"})
    draft = cli.json("finding", "draft", half, "--as", "gwen")["id"]
    assert "description is missing" in cli.refused(2, "finding", "send", draft, "--as", "gwen")
    cli("finding", "draft", written(tmp_path, "w.json", WHOLE), "--replace", draft, "--as", "gwen")
    assert draft in cli("finding", "send", draft, "--as", "gwen")
    cli("finding", "passed-on", draft, "--by", "CERT/CC", "--identifier", "VU#1", "--as", analyst)
    cli("finding", "identifier", draft, "--organisation", "GitHub", "--name", "GHSA-x", "--as", analyst)
    document = cli.json("finding", "read", draft, "--as", "gwen")["document"]
    assert (document["chain"][0]["identifier"], document["handling"][0]["identifier"]) == ("VU#1", "GHSA-x")
    assert "reason" in cli.refused(3, "finding", "return", draft, "--reason", " ", "--as", analyst)
    cli("finding", "return", draft, "--reason", "Which version?", "--as", analyst)
    cli("finding", "accept", draft, "--as", analyst)
    assert "accepted" in cli.refused(3, "finding", "withdraw", draft, "--as", "gwen")
    thrown = cli.json("finding", "draft", half, "--as", "gwen")["id"]
    cli("finding", "drop", thrown, "--as", "gwen")
    assert cli.json("finding", "schema")["title"].startswith("Seatrial report")


def test_what_cannot_be_done_is_one_sentence(cli: Any, world: Any, tmp_path: Path) -> None:
    assert "cannot be read" in cli.refused(2, "finding", "import", str(tmp_path / "nowhere"))
    assert "JSON object" in cli.refused(2, "finding", "draft", written(tmp_path, "l", []), "--as", "gwen")
    assert "not both" in cli.refused(2, "finding", "report", "--title", "x", "--file", written(tmp_path, "r", WHOLE))
    assert "one of them" in cli.refused(2, "finding", "withdraw")
