"""A determination is drafted, signed by two people, shared; every other order is refused."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from seatrial.kernel.errors import Refused
from seatrial.kernel.labels import Label
from seatrial.kernel.lifecycle import Machine
from seatrial.review.determinations.core.lifecycle import (
    MACHINE,
    NEEDS,
    Facts,
    Signing,
    Statement,
    shared_label,
    state_of,
)
from seatrial.review.determinations.types import DeterminationState, Finding

AT = datetime(2026, 7, 1, tzinfo=UTC)
STEPS = {
    "ada signs": ("sign", Signing("ada")),
    "abe signs": ("sign", Signing("abe")),
    "shared": ("share", None),
    "stated": ("attach_statement", Statement("We agree.")),
}


def legal(order: tuple[str, ...]) -> bool:
    """Written independently of the table: two different signatures, then sharing, then one statement."""
    signed, shared, stated = set(), False, False
    for step in order:
        if step.endswith("signs"):
            if step in signed or shared or len(signed) == 2:
                return False
            signed.add(step)
        elif step == "shared":
            if len(signed) != 2 or shared:
                return False
            shared = True
        else:
            if not shared or stated:
                return False
            stated = True
    return True


def faults(machine: Machine[Facts], length: int) -> Iterable[tuple[str, ...]]:
    """The orders of that length that a machine accepts and should not, or the other way round."""
    for order in itertools.product(STEPS, repeat=length):
        facts = Facts()
        try:
            for step in order:
                facts = machine.apply(facts, *STEPS[step], AT)
            accepted = True
        except (Refused, IndexError):  # a mutant may collect a third signature, for which there is no state
            accepted = False
        if accepted != legal(order):
            yield order


@pytest.mark.parametrize("length", range(6))
def test_exactly_the_legal_orders_happen(length: int) -> None:
    assert list(faults(MACHINE, length)) == []
    assert sum(map(legal, itertools.product(STEPS, repeat=length))) == [1, 2, 2, 2, 2, 0][length]


@pytest.mark.parametrize(("name", "mutant"), [pair for pair in MACHINE.mutants() if "withdrawn" not in pair[0]])
def test_no_guard_and_no_effect_can_be_left_out_unnoticed(name: str, mutant: Machine[Facts]) -> None:
    assert any(next(iter(faults(mutant, length)), None) for length in range(6)), name


def test_after_a_withdrawal_nothing_is_signed_and_what_was_signed_can_still_be_shared() -> None:
    once = MACHINE.apply(Facts(), *STEPS["ada signs"], AT)
    twice = MACHINE.apply(once, *STEPS["abe signs"], AT)
    for facts in (Facts(withdrawn=True), replace(once, withdrawn=True)):
        refusal = MACHINE.refusal(facts, *STEPS["abe signs"], AT)
        assert refusal is not None
        assert refusal.code == "nothing-withdrawn"
    shared = MACHINE.apply(replace(twice, withdrawn=True), *STEPS["shared"], AT)
    assert MACHINE.apply(shared, *STEPS["stated"], AT).statement == "We agree."


def test_each_event_says_which_roles_it_takes() -> None:
    assert NEEDS.keys() == MACHINE.transitions.keys()


@pytest.mark.parametrize(
    "before", ["controlled//-//TLP:AMBER+STRICT//body", "secret//orca,tern//TLP:AMBER+STRICT//body"]
)
def test_sharing_widens_the_audience_and_keeps_level_and_compartments(before: str) -> None:
    label = Label.parse(before)
    shared = shared_label(label, "lab", "body")
    assert shared.audience == {"lab", "body"}
    assert replace(shared, audience=label.audience) == label


def test_each_state_is_reached_and_each_event_has_its_own_entry() -> None:
    facts, seen = Facts(), []
    for step in ("ada signs", "abe signs", "shared"):
        seen.append(state_of(facts, AT))
        facts = MACHINE.apply(facts, *STEPS[step], AT)
    assert [*seen, state_of(facts, AT)] == list(DeterminationState)
    entries = [row.entry for row in MACHINE.transitions.values()]
    assert len(set(entries)) == len(entries)


def test_there_are_three_findings_and_none_of_them_allows_anything() -> None:
    assert [finding.value for finding in Finding] == ["covered", "not_covered", "not_determined"]
