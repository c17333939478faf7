"""Voluntariness over every reachable state of the review, and proof that the checker can fail."""

from __future__ import annotations

import pytest

from seatrial.kernel.lifecycle import Machine
from seatrial.review.cases.core.case import Case
from seatrial.review.cases.core.modelcheck import check
from seatrial.review.cases.core.table import MACHINE

MUTANTS = dict(MACHINE.mutants())


def test_every_invariant_holds_in_every_reachable_state(capsys: pytest.CaptureFixture[str]) -> None:
    checked = check()
    with capsys.disabled():
        print(f"\n  voluntariness: {checked.states:,} states, {checked.transitions:,} transitions visited")
    assert checked.violations == ()
    assert checked.states > 50_000, "the world has become too small to mean anything"


@pytest.mark.parametrize("name", MUTANTS)
def test_the_checker_objects_when_a_guard_or_an_effect_is_missing(name: str) -> None:
    mutant: Machine[Case] = MUTANTS[name]
    assert check(mutant, first=True).violations, f"nobody noticed: {name}"


def test_there_is_a_mutant_for_each_guard_and_each_effect() -> None:
    parts = sum(len(row.guards) + len(row.effects) for row in MACHINE.transitions.values())
    assert len(MUTANTS) == parts >= 25
