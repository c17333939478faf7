"""Every transition that Vultron documents, and no other: the tables against the grammars as CERT/CC writes them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from seatrial.clearinghouse.coordination.core.standing import (
    Counted,
    Embargo,
    Ending,
    NewTerms,
    Proposal,
    Standing,
    Terms,
    embargo_state,
)
from seatrial.clearinghouse.coordination.core.tables import CASE, CASE_STATES, EMBARGO, REPORT, case_state
from seatrial.clearinghouse.coordination.types import EmbargoState, EndReason, PartyRole, ReportStatus
from seatrial.kernel.errors import Refused

NOW = datetime(2026, 7, 1, tzinfo=UTC)
SOON, LATER = NOW + timedelta(days=10), NOW + timedelta(days=20)

# S→rR  R→vV|iI  I→vV|cC  V→aA|dD  A→dD|cC  D→aA|cC
REPORT_GRAMMAR = {
    ("start", "receive"): "received",
    ("received", "validate"): "valid",
    ("received", "invalidate"): "invalid",
    ("invalid", "validate"): "valid",
    ("invalid", "close"): "closed",
    ("valid", "accept"): "accepted",
    ("valid", "defer"): "deferred",
    ("accepted", "defer"): "deferred",
    ("accepted", "close"): "closed",
    ("deferred", "accept"): "accepted",
    ("deferred", "close"): "closed",
}
# N→pP  P→pP|rN|aA  A→pR|tX  R→pR|aA|rA|tX
EMBARGO_GRAMMAR = {
    ("none", "propose"): "proposed",
    ("proposed", "propose"): "proposed",
    ("proposed", "reject"): "none",
    ("proposed", "accept"): "active",
    ("active", "propose"): "revise",
    ("active", "terminate"): "exited",
    ("revise", "propose"): "revise",
    ("revise", "accept"): "active",
    ("revise", "reject"): "active",
    ("revise", "terminate"): "exited",
}
CASE_GRAMMAR = """
    vfdpxa V Vfdpxa P vfdPxa X vfdpXa A vfdpxA
    vfdpxA V VfdpxA P vfdPxA X vfdpXA
    vfdpXa P vfdPXa
    vfdpXA P vfdPXA
    vfdPxa V VfdPxa
    vfdPxA V VfdPxA
    vfdPXa V VfdPXa
    vfdPXA V VfdPXA
    Vfdpxa F VFdpxa P VfdPxa X VfdpXa A VfdpxA
    VfdpxA F VFdpxA P VfdPxA X VfdpXA
    VfdpXa P VfdPXa
    VfdpXA P VfdPXA
    VfdPxa F VFdPxa X VfdPXa A VfdPxA
    VfdPxA F VFdPxA X VfdPXA
    VfdPXa F VFdPXa A VfdPXA
    VfdPXA F VFdPXA
    VFdpxa D VFDpxa P VFdPxa X VFdpXa A VFdpxA
    VFdpxA D VFDpxA P VFdPxA X VFdpXA
    VFdpXa P VFdPXa
    VFdpXA P VFdPXA
    VFdPxa D VFDPxa X VFdPXa A VFdPxA
    VFdPxA D VFDPxA X VFdPXA
    VFdPXa D VFDPXa A VFdPXA
    VFdPXA D VFDPXA
    VFDpxa P VFDPxa X VFDpXa A VFDpxA
    VFDpxA P VFDPxA X VFDpXA
    VFDpXa P VFDPXa
    VFDpXA P VFDPXA
    VFDPxa X VFDPXa A VFDPxA
    VFDPxA X VFDPXA
    VFDPXa A VFDPXA
    VFDPXA
"""
SYMBOLS = {
    "V": "vendor_aware",
    "F": "fix_ready",
    "D": "fix_deployed",
    "P": "public",
    "X": "exploit_public",
    "A": "attacks",
}


def grammar_of_cases() -> dict[tuple[str, str], str]:
    """The 32 rows above, and the eight of a party that is no vendor: the same without its fix path."""
    found = {}
    for line in CASE_GRAMMAR.split("\n"):
        state, *rest = line.split() or [""]
        for symbol, target in zip(rest[::2], rest[1::2], strict=True):
            found[state, SYMBOLS[symbol]] = target
            if state.startswith("VFD"):
                found["---" + state[3:], SYMBOLS[symbol]] = "---" + target[3:]
    return found


def in_case_state(state: str) -> Standing:
    vendor = not state.startswith("-")
    return Standing(
        party="vendor",
        role=PartyRole.VENDOR if vendor else PartyRole.REPORTER,
        embargo=Embargo(bound=LATER),
        report=ReportStatus.ACCEPTED,
        aware="V" in state,
        ready="F" in state,
        deployed="D" in state,
        public="P" in state,
        exploit="X" in state,
        attacks="A" in state,
    )


def in_embargo_state(state: EmbargoState) -> Standing:
    proposal = Proposal(LATER, "vendor", NOW, frozenset({"vendor"}), frozenset({"reporter"}))
    active = Terms(SOON, frozenset({"vendor"}))
    embargo = Embargo(
        bound=LATER,
        active=active if state not in (EmbargoState.NONE, EmbargoState.PROPOSED) else None,
        proposal=proposal if state in (EmbargoState.PROPOSED, EmbargoState.REVISE) else None,
        ended_at=NOW if state is EmbargoState.EXITED else None,
    )
    return replace(in_case_state("Vfdpxa"), embargo=embargo)


DETAILS: dict[str, Any] = {
    "propose": NewTerms(SOON),
    "accept": Counted(frozenset({"vendor"})),
    "terminate": Ending(EndReason.ADVERSARIES),
}


@pytest.mark.parametrize("state", ReportStatus)
@pytest.mark.parametrize("event", REPORT.transitions)
def test_the_report_moves_as_documented_and_in_no_other_way(state: ReportStatus, event: str) -> None:
    before = replace(in_case_state("vfdpxa"), report=state)
    target = REPORT_GRAMMAR.get((state, event))
    if target is None:
        with pytest.raises(Refused) as refused:
            REPORT.apply(before, event, None, NOW)
        assert refused.value.code == "wrong-state"
    else:
        assert REPORT.apply(before, event, None, NOW).report == target


@pytest.mark.parametrize("state", EmbargoState)
@pytest.mark.parametrize("event", EMBARGO.transitions)
def test_the_embargo_moves_as_documented_and_in_no_other_way(state: EmbargoState, event: str) -> None:
    before = in_embargo_state(state)
    assert embargo_state(before, NOW) is state
    target = EMBARGO_GRAMMAR.get((state, event))
    if target is None:
        with pytest.raises(Refused) as refused:
            EMBARGO.apply(before, event, DETAILS.get(event), NOW)
        assert refused.value.code == "wrong-state"
    else:
        assert embargo_state(EMBARGO.apply(before, event, DETAILS.get(event), NOW), NOW) == target


@pytest.mark.parametrize("state", CASE_STATES)
@pytest.mark.parametrize("event", CASE.transitions)
def test_the_case_moves_as_documented_and_in_no_other_way(state: str, event: str) -> None:
    before = in_case_state(state)
    if case_state(before, NOW) != state:
        pytest.fail(f"{state} cannot be built")
    target = grammar_of_cases().get((state, event))
    if target is None:
        with pytest.raises(Refused) as refused:
            CASE.apply(before, event, None, NOW)
        assert refused.value.code == "wrong-state"
    else:
        assert case_state(CASE.apply(before, event, None, NOW), NOW) == target


def test_the_grammars_are_complete() -> None:
    """58 arrows between the 32 states of a vendor, 11 between the eight of another party; 11; 10."""
    cases = grammar_of_cases()
    assert len({state for state, _ in cases} | set(cases.values())) == len(CASE_STATES) == 40
    vendors = [state for state, _ in cases if not state.startswith("-")]
    assert (len(vendors), len(cases) - len(vendors)) == (58, 11)
    assert (len(REPORT_GRAMMAR), len(EMBARGO_GRAMMAR)) == (11, 10)
    rows = {event for machine in (REPORT, EMBARGO, CASE) for event in machine.transitions}
    assert rows == {event for table in (REPORT_GRAMMAR, EMBARGO_GRAMMAR, cases) for _, event in table}


def test_a_date_that_has_come_ends_an_embargo_without_anybodys_doing() -> None:
    for state in (EmbargoState.ACTIVE, EmbargoState.REVISE):
        standing = in_embargo_state(state)
        assert embargo_state(standing, SOON - timedelta(seconds=1)) is state
        assert embargo_state(standing, SOON) is EmbargoState.EXITED
        with pytest.raises(Refused):
            EMBARGO.apply(standing, "propose", NewTerms(LATER), SOON)


def test_a_proposal_whose_date_has_come_is_none() -> None:
    standing = in_embargo_state(EmbargoState.PROPOSED)
    assert embargo_state(standing, LATER) is EmbargoState.NONE
