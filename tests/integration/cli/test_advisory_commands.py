"""`seatrial advisory validate`: what it says, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seatrial.cli.main import run
from simulators.csaf_documents import advisory


def kept(folder: Path, name: str, document: object) -> str:
    file = folder / name
    file.write_text(json.dumps(document), encoding="utf-8")
    return str(file)


def test_the_exit_code_says_valid_not_valid_or_unusable(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = kept(tmp_path, "good.json", advisory())
    wrong = advisory()
    wrong["vulnerabilities"][0]["product_status"]["known_not_affected"].append("P9")
    bad = kept(tmp_path, "bad.json", wrong)
    torn = tmp_path / "torn.json"
    torn.write_text('{"document": ')
    assert run(["advisory", "validate", good]) == 0
    assert run(["advisory", "validate", good, bad]) == 1
    assert "mandatory 6.1.1 /vulnerabilities/0/product_status/known_not_affected/1" in capsys.readouterr().out
    assert run(["advisory", "validate", good, bad, str(torn)]) == 2
    assert "not JSON" in capsys.readouterr().out
    assert run(["advisory", "validate", str(tmp_path / "absent.json")]) == 2


def test_programs_read_json_and_groups_are_chosen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = kept(tmp_path, "good.json", advisory())
    assert run(["--json", "advisory", "validate", file, "--group", "informative", "--prose"]) == 0
    (said,) = json.loads(capsys.readouterr().out)
    assert said["valid"] is True
    assert {finding["group"] for finding in said["findings"]} <= {"informative"}
    assert said["unjudged"] == ["6.3.6", "6.3.7"]


def test_a_document_of_2_0_is_written_as_2_1_or_not_at_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = advisory("2.0")
    document["document"]["house"] = 1
    out = tmp_path / "out.json"
    assert run(["advisory", "convert", kept(tmp_path, "old.json", document), str(out)]) == 0
    assert "warning /document/house" in capsys.readouterr().out
    assert run(["advisory", "validate", str(out)]) == 0
    branch = document["product_tree"]["branches"][0]["branches"][0]["branches"][0]
    branch.update(category="product_version_range", name="All builds of March")
    absent = tmp_path / "absent.json"
    assert run(["advisory", "convert", kept(tmp_path, "prose.json", document), str(absent)]) == 1
    assert "6.1.50" in capsys.readouterr().out
    assert not absent.exists()
    assert run(["advisory", "convert", str(out), str(absent)]) == 2
