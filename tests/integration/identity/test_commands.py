"""Model identity at the command line: on a lab's own machine without a database, and on an instance."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from seatrial.cli.main import run
from seatrial.kernel.canonical import canonical
from seatrial.kernel.clock import now
from seatrial.parties import api as parties
from seatrial.review.identity import api as identity
from simulators.noisy_endpoint import NoisyEndpoint, fingerprint_of
from simulators.scripted_model import Reply, ScriptedModel
from simulators.staged_reviews import consented


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a command where there is no database: without the ``db`` fixture every query fails."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SEATRIAL_JSON", "")

    def command(*words: str, status: int = 0) -> Any:
        return json_of(capsys, *words, status=status)

    return command


def test_weights_are_signed_and_verified_without_a_database(lab: Any, tmp_path: Path) -> None:
    model = tmp_path / "north"
    model.mkdir()
    (model / "重み.bin").write_bytes(b"w" * 1000)
    made = lab("manifest", "north", "--key", "k.pem", "--to", "model.sig")
    assert (made["files"], made["artefact"][:7]) == (1, "sha256:")
    assert not (tmp_path / "model.sig.partial").exists()
    (tmp_path / "k.pub").write_text(lab("key", "k.pem")["public"])
    assert lab("verify", "model.sig", "--key", "k.pub")["digest"] == made["artefact"]
    lab("verify", "model.sig", "--key", "k.pub", "--folder", "north")
    (model / "重み.bin").write_bytes(b"x" * 1000)
    (model / "more.bin").write_bytes(b"")
    found = lab("verify", "model.sig", "--key", "k.pub", "--folder", "north", status=3)
    assert (found["code"], found["facts"]["changed"], found["facts"]["added"]) == (
        "weights-differ",
        ["重み.bin"],
        ["more.bin"],
    )
    assert lab("verify", "model.sig", "--key", "k.pem", status=2)["code"] == "bad-key"
    assert lab("manifest", "nowhere", "--key", "k.pem", status=2)["code"] == "no-such-folder"
    assert lab("manifest", "north", status=2)["code"] == "which-key"


def test_an_own_endpoint_is_fingerprinted_and_compared_without_a_database(lab: Any, tmp_path: Path) -> None:
    with ScriptedModel(lambda prompt, number: Reply(f"Ahoy {len(prompt)}.")) as model:
        lab("own", "--url", model.base_url, "--model", "m", "--repetitions", "4", "--to", "one.json")
    with ScriptedModel(lambda prompt, number: Reply("Land.")) as model:
        lab("own", "--url", model.base_url, "--model", "m", "--repetitions", "4", "--to", "two.json")
    assert lab("compare", "one.json", "one.json")["word"] == "same"
    assert lab("compare", "one.json", "two.json")["word"] == "differs"
    assert lab("compare", "one.json", "none.json", status=2)["code"] == "cannot-read"


def json_of(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> Any:
    capsys.readouterr()
    assert run(["identity", *words, "--json"]) == status
    said = capsys.readouterr()
    return json.loads(said.out) if status == 0 else json.loads(said.err)


def test_from_declaring_to_a_statement_that_verifies(
    world: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEATRIAL_JSON", "")
    review = consented(world, "By hand")
    words = ("declare", review, "--version", "v1", "--default", "temperature=0.7", "--as", "gwen")
    assert json_of(capsys, *words)["endpoint"]["defaults"] == {"temperature": "0.7"}
    json_of(capsys, "share", review, "--declaration", "1", "--as", "gwen")
    assert json_of(capsys, "share", review, "--as", "gwen", status=2)["code"] == "share-what"
    assert len(json_of(capsys, "show", review, "--as", "eva")["declarations"]) == 1
    assert json_of(capsys, "fingerprint", review, "--cost")["requests"] == 144
    assert json_of(capsys, "recheck", review, "--as", "eva", status=3)["code"] == "budget-too-small"
    file = tmp_path / "own.json"
    file.write_bytes(canonical(identity.to_json(fingerprint_of(NoisyEndpoint(1)))))
    kept = json_of(capsys, "record", review, str(file), "--as", "sam")
    out = tmp_path / "statement.json"
    json_of(capsys, "statement", review, "--fingerprint", kept["id"], "--to", str(out), "--as", "sig")
    key = parties.organisation(world.lab).public_key
    assert json_of(capsys, "verify", str(out), "--key", key)["behaviour"] == "not-compared"
    assert json_of(capsys, "verify", str(out), "--key", "0" * 64, status=2)["code"] == "statement-invalid"
    assert len(identity.identity(world.signatory, review, now()).statements) == 1
