"""The review body's commands on determination requests."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seatrial.cli import database
from seatrial.cli.main import run
from seatrial.kernel.clock import now
from seatrial.review.determinations import api as determinations
from seatrial.review.determinations.types import Question

Command = Callable[..., tuple[int, Any]]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    monkeypatch.setattr(database, "check", lambda: None)  # tested elsewhere
    monkeypatch.setenv("SEATRIAL_JSON", "")

    def ran(who: str, *words: str) -> tuple[int, Any]:
        capsys.readouterr()
        code = run(["body", *words, "--as", who, "--json"])
        said = capsys.readouterr()
        return code, json.loads(said.out or said.err)

    return ran


@pytest.mark.django_db(transaction=True)
def test_a_body_acknowledges_writes_drafts_and_answers(durable_world: Any, command: Command) -> None:
    world = durable_world
    asked = determinations.draft_request(
        by=world.governance, developer=world.lab, body=world.body, question=Question("m", "So."), at=now()
    )
    assert command("ina", "request", "list") == (0, [])
    assert command("ina", "request", "show", asked)[0] == 4
    determinations.ask_request(by=world.governance, request=asked, at=now())
    assert [one["id"] for one in command("ina", "request", "list")[1]] == [asked]
    assert command("ina", "request", "acknowledge", asked)[0] == 0
    assert command("ina", "request", "post", asked, "Which size?")[0] == 0
    code, drafted = command("ada", "request", "draft", asked, "--reasons", "Nothing was run.")
    assert code == 0
    made = drafted["determination"]
    assert command("ada", "request", "answer", asked, "--determination", made)[0] == 3
    for who in ("ada", "abe"):
        assert command(who, "sign", made)[0] == 0
    assert command("ada", "share", made)[0] == 0
    assert [one["id"] for one in command("ada", "request", "offered", asked)[1]] == [made]
    assert command("ada", "request", "answer", asked, "--determination", made)[0] == 0
    shown = command("ina", "request", "show", asked)[1]
    assert (shown["request"]["state"], shown["posts"][0]["text"]) == ("answered", "Which size?")
    determinations.withdraw_request(by=world.governance, request=asked, at=now())
    assert command("ina", "request", "list") == (0, [])


@pytest.mark.django_db(transaction=True)
def test_a_body_records_whom_it_consulted_and_looks_again(durable_world: Any, command: Command, tmp_path: Path) -> None:
    world = durable_world
    asked = determinations.draft_request(
        by=world.governance, developer=world.lab, body=world.body, question=Question("m", "So."), at=now()
    )
    determinations.ask_request(by=world.governance, request=asked, at=now())
    said = ["--organisation", "Harbour", "--capacity", "methods", "--stance", "differs", "--on", "2026-07-01"]
    code, made = command("ada", "consultation", "record", asked, *said, "--words", "Too few.")
    assert code == 0
    code, listed = command("eva", "consultation", "list", asked)
    assert (code, [one["consultation"] for one in listed]) == (0, [made["consultation"]])
    assert command("eva", "consultation", "record", asked, *said)[0] == 3
    _, first = command("ada", "request", "draft", asked, "--reasons", "None run.")
    for signer in ("ada", "abe"):
        assert command(signer, "sign", first["determination"])[0] == 0
    again = ["--reconsiders", first["determination"], "--evidence", f"document:sha256:{'0' * 64} a report"]
    again += ["--withhold", "consultations", "--why-withheld", "They asked us to."]
    code, second = command("ada", "request", "draft", asked, "--reasons", "Still none.", *again)
    assert code == 0
    found = determinations.determination(world.authority, second["determination"])
    assert found.reconsiders == first["determination"]
    assert command("ada", "request", "draft", asked, "--reasons", "R", "--evidence", "hearsay")[0] == 2
    paper = tmp_path / "memo.pdf"
    assert command("ada", "memo", second["determination"], "--to", str(paper)) == (0, {"memo": str(paper)})
    assert paper.read_bytes().startswith(b"%PDF-1.7")
    assert command("ada", "memo", second["determination"], "--twin", "--to", str(tmp_path / "twin.html"))[0] == 0
    assert "Harbour" not in (tmp_path / "twin.html").read_text()
