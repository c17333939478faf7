"""Thresholds on the command line: checked without a database, committed, listed, written out again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.integration.benchmarks.test_thresholds import written

from seatrial.cli import database
from seatrial.cli.main import run


@pytest.fixture(autouse=True)
def in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "check", lambda: None)  # tested elsewhere
    monkeypatch.setenv("SEATRIAL_JSON", "")


def test_check_needs_no_database_and_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "t.json"
    file.write_bytes(written())
    assert run(["threshold", "check", str(file)]) == 0
    assert "zone 0.45 to 0.55" in capsys.readouterr().out
    file.write_bytes(written(alpha=0.7))
    assert run(["threshold", "check", str(file)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert run(["threshold", "check", str(tmp_path / "none.json")]) == 2
    assert "cannot be read" in capsys.readouterr().err


@pytest.mark.django_db(transaction=True)
def test_what_was_committed_is_listed_and_written_out_and_an_edit_of_it_is_seen(
    durable_world: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file, kept = tmp_path / "t.json", tmp_path / "kept.json"
    file.write_bytes(written())
    assert run(["threshold", "commit", str(file), "--as", durable_world.authority.person, "--json"]) == 0
    made = json.loads(capsys.readouterr().out)["digest"]
    monkeypatch.setenv("SEATRIAL_JSON", "")
    assert run(["threshold", "list", "--as", durable_world.evaluator.person]) == 0
    assert "First line" in capsys.readouterr().out
    assert run(["threshold", "show", made, "--to", str(kept), "--as", durable_world.evaluator.person]) == 0
    assert run(["threshold", "check", str(kept)]) == 0
    kept.write_text(kept.read_text().replace("0.05", "0.25"))
    capsys.readouterr()
    assert run(["threshold", "check", str(kept)]) == 2
    assert "edited after it was committed" in capsys.readouterr().err
