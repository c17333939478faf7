"""Advisories on the command line: drafted, written, published by a second person, withdrawn, taken out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from seatrial.clearinghouse.advisories import api as advisories
from seatrial.kernel.clock import now
from simulators.harbour import furnished
from simulators.issues import CONTENT


@pytest.fixture
def harbour(world: Any) -> Any:
    return furnished(world, now())


@pytest.fixture
def second(harbour: Any) -> Any:
    return harbour.second()


def test_an_advisory_from_draft_to_withdrawal(harbour: Any, second: Any, cli: Any, tmp_path: Any) -> None:
    ann, bea = ("--as", "ann"), ("--as", "bea")
    case = harbour.open()
    made = cli.json("advisory", "draft", case, *ann)
    assert "gap" in cli("advisory", "show", made["id"], *ann)
    file = tmp_path / "content.json"
    file.write_text(json.dumps(advisories.content_document(CONTENT)))
    assert "gap" not in cli("advisory", "edit", made["id"], str(file), *ann)
    assert json.loads(cli("advisory", "content", made["id"], *ann))["title"] == CONTENT.title
    cli("advisory", "submit", made["id"], *ann)
    cli("coordination", "event", case, "attacks", "--note", "seen", *ann)
    assert "Published" in cli("advisory", "publish", made["id"], *bea)
    assert "Withdrawn" in cli("advisory", "withdraw", made["id"], "It was no flaw.", *bea)
    assert cli.json("advisory", "list", *ann)[0]["tracking"] == made["tracking"]
    file.write_text("{")
    assert "is no JSON" in cli.refused(2, "advisory", "edit", made["id"], str(file), *ann)
