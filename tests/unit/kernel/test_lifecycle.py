"""A lifecycle refuses what its table does not list, and can be broken one guard or effect at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from seatrial.kernel.errors import Misuse, Refused
from seatrial.kernel.lifecycle import Machine, Transition

NOW = datetime(2026, 7, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Door:
    open: bool = False
    locked: bool = False


def is_unlocked(door: Door, _details: object, _now: datetime) -> str | None:
    return "The door is locked; unlock it first." if door.locked else None


def swing(door: Door, _details: object, _now: datetime) -> Door:
    return replace(door, open=not door.open)


MACHINE = Machine.of(
    lambda door, _now: "open" if door.open else "shut",
    [
        Transition("open", "anyone", frozenset({"shut"}), "door.opened", (is_unlocked,), (swing,)),
        Transition("shut", "anyone", frozenset({"open"}), "door.shut", (), (swing,)),
    ],
)


def test_a_listed_transition_happens() -> None:
    assert MACHINE.apply(Door(), "open", None, NOW) == Door(open=True)


def test_a_guard_refuses_with_its_name_as_code() -> None:
    with pytest.raises(Refused, match="unlock it first") as caught:
        MACHINE.apply(Door(locked=True), "open", None, NOW)
    assert caught.value.code == "is-unlocked"


def test_an_unlisted_transition_is_refused() -> None:
    with pytest.raises(Refused, match="while this is shut; it can while open") as caught:
        MACHINE.apply(Door(), "shut", None, NOW)
    assert caught.value.code == "wrong-state"


def test_an_unknown_event_is_misuse() -> None:
    with pytest.raises(Misuse, match="There is no event 'paint'"):
        MACHINE.apply(Door(), "paint", None, NOW)


def test_an_event_stands_in_one_row_only() -> None:
    row = MACHINE.transitions["open"]
    with pytest.raises(Misuse, match="two rows"):
        Machine.of(MACHINE.state_of, [row, row])


def test_each_mutant_lacks_exactly_one_guard_or_effect() -> None:
    names = [name for name, _ in MACHINE.mutants()]
    assert names == ["open without guard is_unlocked", "open without effect swing", "shut without effect swing"]
    broken = dict(MACHINE.mutants())["open without guard is_unlocked"]
    assert broken.apply(Door(locked=True), "open", None, NOW).open
