"""What follows when a vendor is silent, and which rules can stand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from seatrial.clearinghouse.coordination.core.escalation import DEFAULT, check, coming, due
from seatrial.clearinghouse.coordination.types import Rung, Step
from seatrial.kernel.errors import Misuse

TOLD = datetime(2026, 7, 1, tzinfo=UTC)


def after(days: float, *taken: Step) -> list[Step]:
    return [rung.step for rung, _ in due(DEFAULT.rungs, TOLD, taken, TOLD + timedelta(days=days))]


def test_each_step_comes_due_in_its_turn_and_is_asked_for_until_it_is_taken() -> None:
    assert after(13.9) == []
    assert after(14) == [Step.NEXT_CONTACT]
    assert after(29) == [Step.NEXT_CONTACT, Step.COORDINATOR]
    assert after(29, Step.NEXT_CONTACT) == [Step.COORDINATOR]
    assert after(400, *Step) == []


def test_the_next_step_is_foreseen() -> None:
    found = coming(DEFAULT.rungs, TOLD, TOLD + timedelta(days=15))
    assert found is not None
    assert (found[0].step, found[1]) == (Step.COORDINATOR, TOLD + timedelta(days=28))
    assert coming(DEFAULT.rungs, TOLD, TOLD + timedelta(days=99)) is None


def test_the_built_in_terms_can_stand() -> None:
    check(DEFAULT)


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    "change",
    [
        {"usual": DAY * 91},
        {"usual": timedelta()},
        {"longest": DAY * 400},
        {"answer_within": timedelta(hours=1)},
        {"answer_within": DAY * 46},
        {"rungs": ()},
        {"rungs": (Rung(DAY * 3, Step.COORDINATOR), Rung(DAY * 2, Step.NEXT_CONTACT))},
        {"rungs": (Rung(DAY * 3, Step.COORDINATOR), Rung(DAY * 4, Step.COORDINATOR))},
        {"rungs": (Rung(timedelta(hours=2), Step.COORDINATOR),)},
    ],
)
def test_terms_that_bound_nothing_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Misuse) as refused:
        check(replace(DEFAULT, **change))
    assert refused.value.code == "bad-terms"
