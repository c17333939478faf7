"""The page that exports a case, the file over HTTP, and the commands."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from seatrial.cli.main import run
from seatrial.ledger import api as ledger
from seatrial.parties.types import Actor
from seatrial.review.casefiles import api as casefiles
from simulators.staged_reviews import Reviews


@pytest.fixture(autouse=True)
def no_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEATRIAL_JSON", "")


SignIn = Callable[[Actor], Client]


def test_the_page_says_what_will_be_in_the_file_and_the_file_verifies(
    world: Any, reviews: Reviews, sign_in: SignIn, tmp_path: Path
) -> None:
    client = sign_in(world.governance)
    page = client.get(f"/reviews/{reviews.consented}/case/").content.decode()
    assert "Who has seen this" in page
    assert f'href="/api/v1/reviews/{reviews.consented}/case/file" download' in page
    answer = client.get(f"/api/v1/reviews/{reviews.consented}/case/file")
    assert answer["Content-Type"] == "application/zip"
    path = tmp_path / "case.zip"
    path.write_bytes(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    assert casefiles.verify(path, ledger.public_key()).holds


@pytest.mark.parametrize("kind", ["draft", "withdrawn"])
def test_what_the_body_may_not_know_of_is_the_same_nothing_everywhere(
    world: Any, reviews: Reviews, sign_in: SignIn, kind: str
) -> None:
    client, review = sign_in(world.authority), getattr(reviews, kind)
    for address in (
        f"/reviews/{review}/case/",
        f"/api/v1/reviews/{review}/case",
        f"/api/v1/reviews/{review}/case/file",
    ):
        gone, never = client.get(address), client.get(address.replace(review, "review-0000000000000000"))
        assert (gone.status_code, never.status_code) == (404, 404)
        same = (
            gone.content.decode().replace(review, "X"),
            never.content.decode().replace("review-0000000000000000", "X"),
        )
        assert "/api/" not in address or same[0] == same[1]


def test_the_commands_export_and_verify(
    world: Any, reviews: Reviews, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, key = tmp_path / "case.zip", tmp_path / "ledger.pub"
    key.write_text(ledger.public_key())
    assert run(["case", "export", reviews.consented, "--to", str(path), "--as", world.governance.person]) == 0
    assert f"seatrial case verify {path}" in capsys.readouterr().out
    assert run(["case", "verify", str(path), "--key", str(key)]) == 0
    assert "Everything in it holds." in capsys.readouterr().out
    data = path.read_bytes()
    path.write_bytes(data.replace(b'"title"', b'"tit1e"'))
    assert run(["case", "verify", str(path), "--key", str(key), "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert not said["holds"]
    path.write_text("no case file")
    assert run(["case", "verify", str(path), "--key", str(key)]) == 2
    assert run(["case", "export", reviews.consented, "--to", "/nowhere/case.zip", "--as", world.governance.person]) == 2
    assert run(["case", "export", reviews.consented, "--to", str(path), "--as", world.rival.person]) == 4


def test_verifying_needs_no_database(world: Any, reviews: Reviews, tmp_path: Path, django_db_blocker: Any) -> None:
    path, key = tmp_path / "case.zip", ledger.public_key()
    assert run(["case", "export", reviews.consented, "--to", str(path), "--as", world.governance.person]) == 0
    with django_db_blocker.block():
        assert run(["case", "verify", str(path), "--key", key]) == 0
