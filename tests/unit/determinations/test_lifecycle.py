"""A determination is drafted, signed by two people, shared; every other order is refused."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

import pytest

from seatrial.kernel.errors import Refused
from seatrial.review.determinations.core.lifecycle import MACHINE, Facts, Signing, Statement, state_of
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


@pytest.mark.parametrize("length", range(6))
def test_exactly_the_legal_orders_happen(length: int) -> None:
    happened = 0
    for order in itertools.product(STEPS, repeat=length):
        facts = Facts()
        try:
            for step in order:
                facts = MACHINE.apply(facts, *STEPS[step], AT)
            accepted = True
        except Refused:
            accepted = False
        assert accepted == legal(order), order
        happened += accepted
    assert happened == [1, 2, 2, 2, 2, 0][length]


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
