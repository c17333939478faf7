"""Exposures on the command line."""

from __future__ import annotations

from typing import Any

import pytest

from simulators.harbour import furnished
from simulators.operators import settled


@pytest.fixture
def operators(world: Any) -> Any:
    return settled(furnished(world, world.start), 1)


def test_exposures_are_listed_answered_and_exported(operators: Any, cli: Any) -> None:
    operators.exposed(0, 2)
    nia, ann = ("--as", "nia-0"), ("--as", "ann")
    found = cli.json("exposure", "list", *nia)
    assert [one["system"] for one in found] == ["pump 0", "pump 1"]
    first = found[0]["id"]
    assert "Answered 1 exposure." in cli("exposure", "answer", "fixed", first, "--note", "1.3 is on", *nia)
    assert "1.3 is on" in cli("exposure", "show", first, *nia)
    assert "pump 0" in cli("exposure", "list", "--over", *nia)
    cli("exposure", "pace", "water-0", "--act", "3", "--sector", "energy", *nia)
    assert cli.json("exposure", "pace", "water-0", "--attend", "9", *nia)["act"] == 3
    assert cli.json("exposure", "pace", "water-0", "--clear", *nia)["act"] is None
    assert "pump 1" in cli("exposure", "export", "csv", *nia)
    assert "BEGIN:VCALENDAR" in cli("exposure", "export", "ics", *nia)
    assert cli.json("exposure", "export", "vex", "--organisation", "water-0", *nia)["statements"]
    assert "choose one of" in cli.refused(2, "exposure", "pace", "water-0", "--sector", "circus", *nia)
    assert "no form" in cli.refused(2, "exposure", "export", "pdf", *nia)
    assert "is no day" in cli.refused(2, "exposure", "answer", "affected", first, "--until", "soon", *nia)
    assert "yours" in cli("exposure", "curve", *nia)
    assert "None of your systems" in cli("exposure", "list", *ann)
    undertaking = cli.json("exposure", "undertaking", "offer", "water-0", "Answer within a week.", *ann)["undertaking"]
    assert "is agreed" in cli("exposure", "undertaking", "agree", undertaking, *nia)
    assert "is ended" in cli("exposure", "undertaking", "end", undertaking, *nia)
    assert "ended" in cli("exposure", "undertaking", "list", *ann)
    assert "No sector" in cli("exposure", "sectors", *ann)
    assert "/feeds/exposures/" in cli("exposure", "calendar", "water-0", *nia)
    assert "Ended." in cli("exposure", "calendar", "water-0", "--end", *nia)
    assert "no calendar address" in cli.refused(2, "exposure", "calendar", "water-0", "--end", *nia)
