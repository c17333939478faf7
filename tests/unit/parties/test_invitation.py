"""The lifecycle of an invitation, enumerated: every event in every state, at every kind of moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from seatrial.kernel.errors import Misuse, Refused
from seatrial.parties.core.invitation import MACHINE, OPEN_FOR, Invitation, check_roles, state
from seatrial.parties.types import InvitationState, OrganisationKind, Role

T0 = datetime(2026, 7, 1, tzinfo=UTC)
MOMENTS = (T0, T0 + OPEN_FOR - timedelta(microseconds=1), T0 + OPEN_FOR, T0 + 2 * OPEN_FOR)
FRESH = Invitation(expires_at=T0 + OPEN_FOR)


def reachable() -> set[Invitation]:
    found, waiting = {FRESH}, [FRESH]
    while waiting:
        here = waiting.pop()
        for event, now in product(MACHINE.transitions, MOMENTS):
            if MACHINE.refusal(here, event, None, now) is None:
                there = MACHINE.apply(here, event, None, now)
                if there not in found:
                    found.add(there)
                    waiting.append(there)
    return found


def test_it_ends_once_and_only_while_it_is_open() -> None:
    for here, event, now in product(reachable(), MACHINE.transitions, MOMENTS):
        may = MACHINE.refusal(here, event, None, now) is None
        assert may == (state(here, now) is InvitationState.INVITED)
        assert not (here.accepted_at and here.withdrawn_at)


def test_every_state_is_reached_and_every_end_is_final() -> None:
    seen = {state(here, now) for here, now in product(reachable(), MOMENTS)}
    assert seen == set(InvitationState)
    for here in reachable():
        states = [state(here, now) for now in MOMENTS]
        if states[0] in (InvitationState.ACCEPTED, InvitationState.WITHDRAWN):
            assert set(states) == {states[0]}


def test_every_mutant_of_its_effects_is_told_apart() -> None:
    for name, mutant in MACHINE.mutants():
        event = name.split(" ")[0]
        assert mutant.apply(FRESH, event, None, T0) != MACHINE.apply(FRESH, event, None, T0), name


def test_time_alone_ends_it_after_fourteen_days() -> None:
    assert timedelta(days=14) == OPEN_FOR
    with pytest.raises(Refused):
        MACHINE.apply(FRESH, "accept", None, T0 + OPEN_FOR)


def test_an_invitation_names_roles_that_fit() -> None:
    check_roles(OrganisationKind.DEVELOPER, [Role.COUNSEL, Role.STEWARD])
    with pytest.raises(Misuse, match="at least one role"):
        check_roles(OrganisationKind.DEVELOPER, [])
    with pytest.raises(Misuse, match="has no role inspector"):
        check_roles(OrganisationKind.DEVELOPER, [Role.GOVERNANCE, Role.INSPECTOR])
