"""Determination requests over every order of acts of both sides, and proof that the checker can fail."""

from __future__ import annotations

from dataclasses import replace

import pytest

from seatrial.kernel.lifecycle import Machine, Transition
from seatrial.review.determinations.core import request_check
from seatrial.review.determinations.core.request import DEVELOPER, MACHINE, ROLES, Request
from seatrial.review.determinations.core.request_check import check
from seatrial.review.determinations.types import DeterminationRequestState

State = DeterminationRequestState
MUTANTS = dict(MACHINE.mutants())


def refuses(*_: object) -> str | None:
    return "The body says no."


def without(event: str, source: str) -> Machine[Request]:
    return with_row(replace(MACHINE.transitions[event], sources=MACHINE.transitions[event].sources - {source}))


def with_row(row: Transition[Request]) -> Machine[Request]:
    return Machine(MACHINE.state_of, {**MACHINE.transitions, row.event: row})


def test_every_invariant_holds_whatever_both_sides_do(capsys: pytest.CaptureFixture[str]) -> None:
    checked = check()
    with capsys.disabled():
        print(f"\n  determination requests: {checked.states:,} states, {checked.transitions:,} transitions visited")
    assert checked.violations == ()
    assert checked.states > 1_000, "the world has become too small to mean anything"


@pytest.mark.parametrize("name", MUTANTS)
def test_the_checker_objects_when_a_guard_or_an_effect_is_missing(name: str) -> None:
    assert check(MUTANTS[name], first=True).violations, f"nobody noticed: {name}"


def test_there_is_a_mutant_for_each_guard_and_each_effect() -> None:
    parts = sum(len(row.guards) + len(row.effects) for row in MACHINE.transitions.values())
    assert len(MUTANTS) == parts >= 10


@pytest.mark.parametrize(
    ("event", "source"),
    [
        (row.event, source)
        for row in MACHINE.transitions.values()
        if DEVELOPER in row.by
        for source in sorted(row.sources)
    ],
)
def test_the_checker_objects_when_the_developer_loses_a_choice(event: str, source: str) -> None:
    if len(MACHINE.transitions[event].sources) > 1:
        assert check(without(event, source), first=True).violations
    guarded = replace(MACHINE.transitions[event], guards=(refuses,))
    assert check(with_row(guarded), first=True).violations


@pytest.mark.parametrize("event", MACHINE.transitions)
def test_the_checker_objects_when_something_can_happen_after_a_withdrawal(event: str) -> None:
    row = MACHINE.transitions[event]
    later = with_row(replace(row, sources=row.sources | {State.WITHDRAWN}))
    assert any(violation.startswith("V10") for violation in check(later).violations)


def test_the_checker_objects_when_time_or_words_move_something(monkeypatch: pytest.MonkeyPatch) -> None:
    moving = replace(
        MACHINE.transitions["post"], effects=(lambda request, details, now: replace(request, closed_at=now),)
    )
    assert any(violation.startswith("V5") for violation in check(with_row(moving)).violations)

    def hasty(request: Request, now: object) -> State:
        state = MACHINE.state_of(request, request_check.AT)
        return State.CLOSED if state is State.ASKED and now == request_check.LATER else State(state)

    monkeypatch.setattr(request_check, "state_of", hasty)
    assert any(violation.startswith("V5") for violation in check(Machine(hasty, MACHINE.transitions)).violations)


def test_each_event_says_which_roles_it_takes_on_each_side() -> None:
    sides = {(row.event, side) for row in MACHINE.transitions.values() for side in row.by.split(" or ")}
    assert ROLES.keys() == sides


def test_no_clock_and_no_finding_is_among_what_is_known() -> None:
    assert not {"window", "due", "deadline", "finding", "release"} & set(Request.__slots__)
