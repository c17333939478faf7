"""Coordination and scanning on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from seatrial.clearinghouse.findings.api import CLEARINGHOUSE
from seatrial.kernel.labels import Level
from seatrial.parties import api as parties
from seatrial.parties.types import OrganisationKind, Role


@pytest.fixture
def harbour(world: Any) -> None:
    for home, kind, key, role in (
        (CLEARINGHOUSE, OrganisationKind.CLEARINGHOUSE, "ann", Role.ANALYST),
        ("vendor-a", OrganisationKind.VENDOR, "mia", Role.MAINTAINER),
    ):
        by, at = world.operator, world.start
        parties.create_organisation(by=by, name=home.title(), kind=kind, at=at, id=home)
        parties.add_person(
            by=by,
            name=key.title(),
            email=f"{key}@{home}.example",
            password=f"{key} rows a long boat",
            level=Level.CONTROLLED,
            at=at,
            id=key,
        )
        parties.give_role(by=by, person=key, organisation=home, role=role, at=at)


def test_a_case_is_opened_shared_and_ended(harbour: None, cli: Any) -> None:
    ann, mia = ("--as", "ann"), ("--as", "mia")
    room = "coordination"
    made = cli.json(
        room, "open", "flaw-1", "--title", "Overflow", "--summary", "It overflows.", "--product", "curd", *ann
    )
    case = made["id"]
    assert "Embargo active until" in cli(room, "show", case, *ann)
    cli(room, "capacity", "vendor-a", "--open-at-once", "1", "--per-week", "1", *mia)
    cli(room, "event", case, "attacks", "--note", "seen", *ann)
    party = cli.json(room, "invite", case, "vendor", "--organisation", "vendor-a", *ann)["party"]
    assert f"invited  {party}  curd" in cli(room, "inbox", *mia)
    assert "have been told" in cli(room, "join", party, "--accept-embargo", *mia)
    for event in ("validate", "accept"):
        cli(room, "report", party, event, *mia)
    cli(room, "say", case, "We are on it", *mia)
    assert "We are on it" in cli(room, "messages", case, *ann)
    assert "VFdpxA" in cli(room, "event", case, "fix_ready", *mia)
    assert "cannot happen while this is exited" in cli.refused(3, room, "propose", party, "2099-01-01T00:00:00Z", *mia)
    cli(room, "event", case, "public", *ann)
    assert "Overflow" in cli(room, "list", *mia)
    cli(room, "show", case, "--as", "gwen", status=4)
    assert "have no fix out" in cli.refused(3, room, "close", case, "fixed-and-public", "--why", "Done.", *ann)
    cli(room, "event", case, "fix_deployed", *mia)
    assert "Closed on" in cli(room, "close", case, "fixed-and-public", "--why", "Done.", *ann)
    assert "No cases" in cli(room, "list", *ann)
    assert cli.json(room, "list", "--closed", *ann)[0]["id"] == case
    assert "Closed on" not in cli(room, "reopen", case, "--why", "It came back.", *ann)


def test_contacts_terms_and_scans(harbour: None, cli: Any, tmp_path: Path) -> None:
    ann = ("--as", "ann")
    said = tmp_path / "security.txt"
    said.write_text("Contact: https://example.org/report\nExpires: 2099-01-01T00:00:00Z\n")
    cli("coordination", "contact", "add", "curd", "--security-txt", str(said), *ann)
    cli("coordination", "contact", "add", "curl", "--address", "s@example.org", *ann)
    assert "example.org" in cli("coordination", "contact", "list", *ann)
    document = cli.json("coordination", "terms", "draft") | {"version": "mine"}
    terms = tmp_path / "terms.json"
    terms.write_text(json.dumps(document))
    assert "in force" in cli("coordination", "terms", "publish", str(terms), *ann)
    assert "mine" in cli("coordination", "terms", "list")
    packages = tmp_path / "packages"
    packages.write_text("# mine\npkg:pypi/thing\n")
    scan = ("--who-scans", "north/1")
    assert "pkg:pypi/thing" in cli("scanning", "register", "lab-north", "--file", str(packages), *scan, "--as", "sam")
    cli("scanning", "register", "lab-south", "--package", "pkg:pypi/Thing", *scan, "--as", "riva")
    assert "South Lab" in cli("scanning", "overlaps", "--as", "sam")
    assert "north/1" in cli("scanning", "list", "--as", "riva")
