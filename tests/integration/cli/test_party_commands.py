"""The command line of organisations and their people, and of a body's policy file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from seatrial.cli.main import run
from seatrial.parties import api as parties
from seatrial.parties.types import Role


class Cli:
    """Runs commands in this process and keeps what they said."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys = capsys
        self._monkeypatch = monkeypatch

    def __call__(self, *words: str, status: int = 0) -> str:
        self._monkeypatch.setenv("SEATRIAL_JSON", "")
        self._monkeypatch.delenv("SEATRIAL_AS", raising=False)
        self._capsys.readouterr()
        code = run(words)
        said = self._capsys.readouterr()
        assert code == status, said.err + said.out
        assert "Traceback" not in said.err
        return said.out if status == 0 else said.err

    def json(self, *words: str) -> Any:
        return json.loads(self(*words, "--json"))


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    return Cli(capsys, monkeypatch)


def test_an_operator_invites_the_first_steward_and_the_steward_the_rest(cli: Cli, world: Any) -> None:
    made = cli.json("party", "invite", world.lab, "stella@new.example", "Stella", "--role", "steward")
    stella = parties.accept_invitation(secret=made["secret"], password="a boat long enough for nine", at=world.start)
    other = cli.json("party", "invite", world.lab, "nia@new.example", "Nia", "--role", "counsel", "--as", stella)
    assert "/join/" in other["link"]
    assert "role steward" in cli(
        "party", "invite", world.lab, "x@x.example", "X", "--role", "counsel", "--as", "gwen", status=3
    )
    assert {row["state"] for row in cli.json("party", "invitations", world.lab)} == {"accepted", "invited"}
    assert "Withdrawn" in cli("party", "uninvite", other["id"], "--as", stella)
    assert "wrong-state" in cli("party", "uninvite", other["id"], "--json", status=3)


def test_roles_end_and_people_leave(cli: Cli, world: Any) -> None:
    cli("party", "give-role", "gwen", world.lab, "security")
    assert "no longer security" in cli("party", "end-role", "gwen", world.lab, "security")
    assert "no longer of" in cli("party", "remove", "gwen", world.lab)
    assert "no active person" in cli("party", "deactivate", "gwen", status=4)
    assert "can no longer sign in" in cli("party", "deactivate", "eva")


def test_a_role_is_lent_and_counts_at_once(cli: Cli, world: Any) -> None:
    made = cli.json("party", "delegate", world.lab, "governance", "sam", "--days", "5", "--as", "gwen")
    assert cli.json("party", "delegations", world.lab, "--as", "sam")[0]["in_force"] is True
    cli("party", "end-delegation", made["id"], "--as", "sam")
    assert "90 days" in cli(
        "party", "delegate", world.lab, "governance", "sam", "--days", "91", "--as", "gwen", status=2
    )


def test_interests_are_declared_with_words_or_none(cli: Cli, world: Any) -> None:
    words = ("party", "declare", world.body, world.lab, "--as", "eva")
    cli(*words, "--interest", "equity=Shares since 2024.")
    (found,) = cli.json("party", "declarations", world.lab, "--as", "gwen")
    assert found["interests"] == [{"kind": "equity", "text": "Shares since 2024."}]
    cli(*words, "--none")
    assert cli.json("party", "declarations", world.lab, "--as", "gwen")[0]["interests"] == []
    for wrong in ((), ("--none", "--interest", "equity=x"), ("--interest", "love=x"), ("--interest", "equity")):
        assert "KIND=WORDS" in cli(*words, *wrong, status=2)


def test_a_policy_file_is_checked_published_and_shown(cli: Cli, world: Any, tmp_path: Path) -> None:
    parties.give_role(by=world.operator, person="abe", organisation=world.body, role=Role.AUTHORITY, at=world.start)
    assert json.loads(cli("body", "policy", "schema"))["title"] == "Seatrial policy, format 1"
    document = json.loads(parties.policy_document(world.body, "2026-06"))
    file = tmp_path / "policy.json"
    file.write_text(json.dumps({**document, "version": "2026-09", "longest_window_days": 40}, indent=1))
    assert "longest_window_days must be at most 30, not 40" in cli("body", "policy", "check", str(file), status=2)
    file.write_text(json.dumps({**document, "version": "2026-09"}, indent=1))
    assert "Ready to publish: version 2026-09" in cli("body", "policy", "check", str(file))
    cli("body", "policy", "publish", str(file), "--body", world.body, "--as", "abe")
    assert "the signature holds" in cli("body", "policy", "show", world.body, "2026-09")
    assert {row["version"] for row in cli.json("body", "policy", "list")} == {"2026-06", "2026-09"}
    assert "cannot be read" in cli("body", "policy", "check", str(tmp_path / "none.json"), status=2)


def test_a_key_is_made_registered_listed_and_retired(cli: Cli, world: Any, tmp_path: Path) -> None:
    own, public = tmp_path / "own.key", tmp_path / "own.pub"
    made = cli.json("key", "new", str(own))
    public.write_text(cli("key", "public", str(own)))
    assert public.read_text().strip() == made["public"].strip()
    assert "Registered sha256:" in cli("key", "register", str(public), "--as", "eva")
    assert [row["id"] for row in cli.json("key", "list", "eva", "--as", "gwen")] == [made["id"]]
    assert "registered before" in cli("key", "register", str(public), "--as", "ada", status=2)
    assert "Retired" in cli("key", "retire", made["id"], "--as", "eva")
    assert "public key in PEM" in cli("key", "register", str(own), "--as", "eva", status=2)
    assert "cannot be read" in cli("key", "public", str(tmp_path / "none"), status=2)
