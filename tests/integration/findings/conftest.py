"""A clearinghouse in the small world."""

from __future__ import annotations

from typing import Any

import pytest

from seatrial.clearinghouse.findings import api as findings
from seatrial.parties import api as parties
from seatrial.parties.types import OrganisationKind, Role


def founded(world: Any) -> Any:
    parties.create_organisation(
        by=world.operator,
        name="Clearinghouse",
        kind=OrganisationKind.CLEARINGHOUSE,
        at=world.start,
        id=findings.CLEARINGHOUSE,
    )
    parties.add_person(
        by=world.operator, name="Ann", email="ann@c.example", password="ann rows a boat", at=world.start, id="ann"
    )
    parties.give_role(
        by=world.operator, person="ann", organisation=findings.CLEARINGHOUSE, role=Role.ANALYST, at=world.start
    )
    return parties.actor("ann")


@pytest.fixture
def analyst(world: Any) -> Any:
    return founded(world)


@pytest.fixture
def durable_analyst(durable_world: Any) -> Any:
    return founded(durable_world)
