"""The life of a report, enumerated: what is listed may happen, nothing else does, and no guard or effect is idle."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product

import pytest

from seatrial.clearinghouse.findings.core.lifecycle import MACHINE, Return, Standing
from seatrial.clearinghouse.findings.types import ReportState
from seatrial.kernel.errors import Refused

NOW = datetime(2026, 7, 1, tzinfo=UTC)
WHY = Return("It needs a version.")
LISTED = {
    ("submit", "draft"): "received",
    ("acknowledge", "received"): "acknowledged",
    ("return", "received"): "returned",
    ("return", "acknowledged"): "returned",
    ("accept", "received"): "accepted",
    ("accept", "acknowledged"): "accepted",
    ("accept", "returned"): "accepted",
    ("withdraw", "received"): "withdrawn",
    ("withdraw", "acknowledged"): "withdrawn",
    ("withdraw", "returned"): "withdrawn",
}


@pytest.mark.parametrize(("event", "state"), list(product(MACHINE.transitions, ReportState)))
def test_only_what_is_listed_happens(event: str, state: ReportState) -> None:
    if (event, state.value) in LISTED:
        assert MACHINE.apply(Standing(state), event, WHY, NOW).state == LISTED[(event, state.value)]
    else:
        with pytest.raises(Refused, match=event):
            MACHINE.apply(Standing(state), event, WHY, NOW)


def test_a_report_is_not_returned_without_a_reason() -> None:
    with pytest.raises(Refused) as caught:
        MACHINE.apply(Standing(ReportState.RECEIVED), "return", Return("  "), NOW)
    assert caught.value.code == "says-why"


def test_every_guard_and_effect_matters() -> None:
    def story(machine: object) -> list[object]:
        told = []
        for event, state, why in product(MACHINE.transitions, ReportState, (WHY, Return(""))):
            try:
                told.append(machine.apply(Standing(state), event, why, NOW))  # type: ignore[attr-defined]
            except Refused as refusal:
                told.append(refusal.code)
        return told

    whole = story(MACHINE)
    mutants = list(MACHINE.mutants())
    assert len(mutants) >= 6
    assert [name for name, mutant in mutants if story(mutant) == whole] == []
