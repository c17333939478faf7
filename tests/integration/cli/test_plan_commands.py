"""``seatrial plan``: on a file with no database at all, and on the instance."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from seatrial.cli.main import run
from simulators.release_plans import file, usual

AS_OF = ("--as-of", "2026-08-03T12:00:00Z")


@pytest.fixture(autouse=True)
def no_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEATRIAL_JSON", "")
    monkeypatch.delenv("SEATRIAL_AS", raising=False)


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    def call(*words: str, status: int = 0) -> str:
        monkeypatch.setenv("SEATRIAL_JSON", "")
        capsys.readouterr()
        code = run(words)
        said = capsys.readouterr()
        assert code == status, said.err + said.out
        assert "Traceback" not in said.err
        return said.err if status else said.out

    return call


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "plan.toml"
    made.write_text(file())
    return made


def test_a_file_is_checked_with_no_database_at_all(path: Path, tmp_path: Path) -> None:
    nowhere = {"SEATRIAL_HOME": str(tmp_path / "home"), "SEATRIAL_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    out = tmp_path / "out.ics"
    words = ["plan", "check", str(path), "--ics", str(out), "--move", "partner=+7d", "--json", *AS_OF]
    command = [sys.executable, "-m", "seatrial.config.main", *words]
    done = subprocess.run(command, env=os.environ | nowhere, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["late"] == []
    assert {shift["days"] for shift in said["what_if"]["shifts"]} >= {0, 7}
    assert len(Calendar.from_ical(out.read_bytes()).walk("VEVENT")) == len(usual().milestones) + 3


def test_the_template_is_a_plan_and_a_broken_file_is_told_by_line(cli: Any, path: Path, tmp_path: Path) -> None:
    made = tmp_path / "new.toml"
    cli("plan", "template", "--zone", "Pacific/Apia", "--to", str(made))
    assert "nothing is late" in cli("plan", "check", str(made))
    assert json.loads(cli("plan", "schema"))["title"] == "Release plan"
    path.write_text(file().replace('unit = "working"', 'unit = "wroking"', 1))
    assert "line 23, milestone 1, unit: 'unit' is one of calendar, working" in cli("plan", "check", str(path), status=2)
    assert "cannot be read" in cli("plan", "check", str(tmp_path / "none.toml"), status=2)
    path.write_bytes(b"\xff\xfe")
    assert "not text in UTF-8" in cli("plan", "check", str(path), status=2)
    assert "no time zone" in cli("plan", "template", "--zone", "Moon", status=2)


def test_strict_ends_with_a_code_of_its_own_when_something_is_late(cli: Any, path: Path) -> None:
    cli("plan", "check", str(path), "--strict", *AS_OF)
    err = cli("plan", "check", str(path), "--strict", "--move", "partner=-60d", *AS_OF, status=3)
    assert "milestones are late: decide-engagement" in err
    assert "is no move" in cli("plan", "check", str(path), "--move", "partner=later", status=2)


def test_a_plan_on_the_instance_from_file_to_feed(cli: Any, world: Any, path: Path, tmp_path: Path) -> None:
    who = ("--as", "gwen")
    plan = json.loads(cli("plan", "new", str(path), "--developer", world.lab, *who, "--json"))["plan"]
    assert plan in cli("plan", "list", *who)
    assert "No plans" in cli("plan", "list", "--as", "ina")
    assert "no plan" in cli("plan", "show", plan, "--as", "ina", status=4)
    shown = json.loads(cli("plan", "move", plan, "partner=+7d", *who, "--json"))
    assert shown["saved"] is False
    assert json.loads(cli("plan", "show", plan, *who, "--json"))["revision"] == 1
    assert "Saved" in cli("plan", "move", plan, "partner=+7d", "opening=2d", "--save", *who)
    cli("plan", "milestone", plan, "press", "--title", "Press", "--owner", "Petra", "--anchor", "public-release", *who)
    cli("plan", "begin", plan, "press", "--as", "sam")
    cli("plan", "done", plan, "press", "--as", "sam")
    assert "Nothing would change" in cli("plan", "done", plan, "press", "--as", "sam", status=2)
    cli("plan", "reopen", plan, "press", "--as", "sam")
    cli("plan", "milestone", plan, "press", "--remove", *who)
    assert "takes the role governance" in cli("plan", "feed", plan, "--as", "sam", status=3)
    assert "/feeds/plans/" in cli("plan", "feed", plan, *who)
    cli("plan", "feed", plan, "--end", *who)
    out = tmp_path / "back.toml"
    cli("plan", "export", plan, "--to", str(out), *who)
    cli("plan", "export", plan, "--ics", str(tmp_path / "back.ics"), *who)
    out.write_text(out.read_text().replace("Tern 2", "Tern 2b"))
    cli("plan", "edit", plan, str(out), *who)
    assert "Tern 2b" in cli("plan", "show", plan, *who)
    assert "no review" in cli("plan", "link", plan, "review-0000000000000000", *who, status=4)


def test_a_memo_on_the_instance(cli: Any, world: Any, tmp_path: Path) -> None:
    who, made = ("--as", "gwen"), tmp_path / "memo.toml"
    cli("plan", "memo", "template", "--to", str(made))
    assert "the title needs" in cli("plan", "memo", "new", str(made), "--developer", world.lab, *who, status=2)
    entry = '\n[[entry]]\noption = "engage"\nheading = "benefits"\nweight = 4\ntext = "Outside eyes"\n'
    made.write_text('title = "Take part?"\n' + entry)
    memo = json.loads(cli("plan", "memo", "new", str(made), "--developer", world.lab, *who, "--json"))["memo"]
    made.write_text('title = "Take part?"\nconclusion = "engage"\n' + entry)
    assert "version 2" in cli("plan", "memo", "write", memo, str(made), *who)
    assert "Outside eyes" in cli("plan", "memo", "show", memo, *who)
    assert memo in cli("plan", "memo", "list", "--as", "sam")
    for form in ("md", "html", "json", "csv", "toml"):
        assert "Outside eyes" in cli("plan", "memo", "export", memo, "--form", form, *who)
    assert "no memo" in cli("plan", "memo", "show", memo, "--as", "ina", status=4)
