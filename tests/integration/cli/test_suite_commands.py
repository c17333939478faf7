"""Suites and ladders at the command line: build, seal, register, release by two people, plan a ladder, read it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.django_db


def build(cli: Any, folder: Path) -> Path:
    file = folder / "suite.json"
    cli("suite", "build", "--seed", "cli", "--per-family", "1", "--twins", "--to", str(file))
    return file


def keys(cli: Any, folder: Path, *people: str) -> list[tuple[Path, Path]]:
    """(private, public) of each, registered."""
    found = []
    for person in people:
        private, public = folder / f"{person}.key", folder / f"{person}.pem"
        public.write_text(cli.json("key", "new", str(private))["public"])
        cli("key", "register", str(public), "--as", f"{person}@body-one.example")
        found.append((private, public))
    return found


def test_a_suite_is_sealed_registered_and_released_by_two(
    cli: Any,
    world: Any,
    consented: str,
    tmp_path: Path,
) -> None:
    file, sealed = build(cli, tmp_path), tmp_path / "sealed.json"
    (eva, eva_public), (ada, ada_public) = keys(cli, tmp_path, "eva", "ada")
    said = cli(
        "suite", "seal", str(file), "--custodian", str(eva_public), "--custodian", str(ada_public), "--to", str(sealed)
    )
    assert "any two of whom open it" in said
    assert "Whole: practice" in cli("suite", "verify", str(file))
    shown = cli.json("suite", "verify", str(sealed))
    assert shown["sealed"]
    assert shown["digest"] == cli.json("suite", "verify", str(file))["digest"]
    digest = cli.json("suite", "register", str(sealed), "--as", "eva@body-one.example")["digest"]
    ladder = cli.json("ladder", "plan", consented, "--suite", digest, "--as", "eva@body-one.example")
    assert len(ladder["rungs"]) >= 3, "a suite with twins gets a rung for them"
    first = cli("suite", "release", ladder["ladder"], "--key", str(eva), "--as", "eva@body-one.example")
    assert "still missing" in first
    second = cli("suite", "release", ladder["ladder"], "--key", str(ada), "--as", "ada@body-one.example")
    assert "the campaign can run" in second
    assert "undecided" in cli("ladder", "show", ladder["ladder"], "--as", "eva@body-one.example")
    assert cli.json("ladder", "list", consented, "--as", "eva@body-one.example")[0]["id"] == ladder["ladder"]


def test_bad_files_get_one_sentence(cli: Any, world: Any, consented: str, tmp_path: Path) -> None:
    file = build(cli, tmp_path)
    [(_, public)] = keys(cli, tmp_path, "eva")
    assert "2 to 12 custodians" in cli.refused(2, "suite", "seal", str(file), "--custodian", str(public))
    assert "cannot be read" in cli.refused(2, "suite", "verify", str(tmp_path / "absent"))
    bent = tmp_path / "bent.json"
    bent.write_bytes(file.read_bytes().replace(b'"practice"', b'"practise"'))
    assert "was changed" in cli.refused(2, "suite", "verify", str(bent))
    rungs = tmp_path / "rungs.json"
    digest = cli.json("suite", "register", str(file), "--as", "eva@body-one.example")["digest"]
    for content, words in [
        ("[]", "one JSON object"),
        ("{}", "holds"),
        (
            '{"rungs": [{"elicitation": {"name": "n", "system_prompt": "x", "tools": ["telnet"], "turns": 3}}]}',
            "telnet",
        ),
        ('{"rungs": [{"wrong": 1}]}', "misspells"),
    ]:
        rungs.write_text(content)
        said = cli.refused(
            2, "ladder", "plan", consented, "--suite", digest, "--rungs", str(rungs), "--as", "eva@body-one.example"
        )
        assert words in said


def test_a_ladder_from_a_file(cli: Any, world: Any, consented: str, tmp_path: Path) -> None:
    digest = cli.json("suite", "register", str(build(cli, tmp_path)), "--as", "eva@body-one.example")["digest"]
    rungs = tmp_path / "rungs.json"
    plain = {"name": "terse", "system_prompt": "Answer."}
    reference = {"elicitation": {**plain, "name": "open"}, "purpose": "reference", "model": "open-1", "cells": 4}
    rungs.write_text(json.dumps({"rungs": [{"elicitation": plain, "share": 0.5}, reference]}))
    made = cli.json(
        "ladder", "plan", consented, "--suite", digest, "--rungs", str(rungs), "--as", "eva@body-one.example"
    )
    shown = cli.json("ladder", "show", made["ladder"], "--as", "eva@body-one.example")
    assert [rung["purpose"] for rung in shown["rungs"]] == ["decide", "reference"]
    assert shown["rungs"][0]["threshold"]["alpha"] == pytest.approx(0.025)
    assert shown["rungs"][1]["decision"]["cells"] == 4


def test_an_inspect_task_becomes_a_suite_that_is_whole(cli: Any, tmp_path: Path) -> None:
    task, file = Path(__file__).parents[2] / "data" / "foreign" / "tasks.py", tmp_path / "capitals.json"
    how = ("--arg", "count=2", "--family-from", "kind", "--label", "confidential//-//TLP:GREEN//*", "--to", str(file))
    shown = cli.json("suite", "adapt", f"{task}@capitals", *how)
    assert (shown["items"], shown["families"], shown["needs"]) == (2, ["long", "short"], [])
    assert cli.json("suite", "verify", str(file))["digest"] == shown["digest"]
    items = json.loads(file.read_bytes())["items"]
    assert {item["label"] for item in items} == {"confidential//-//TLP:GREEN//*"}
    assert [item["human_minutes"] for item in items] == [0.5, 0.5]
