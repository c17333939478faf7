"""The world with people managers in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from seatrial.ledger import api as ledger
from seatrial.ledger.models import EntryRow
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, Role


def stewards(world: Any) -> tuple[Actor, Actor]:
    """Stella of the lab and Boris of the body, who manage people and do nothing else."""
    for key, name, home in (("stella", "Stella Steward", world.lab), ("boris", "Boris Steward", world.body)):
        parties.add_person(
            by=world.operator,
            name=name,
            email=f"{key}@{home}.example",
            password=f"{key} rows a long boat",
            at=world.start,
            id=key,
        )
        parties.give_role(by=world.operator, person=key, organisation=home, role=Role.STEWARD, at=world.start)
    return parties.actor("stella"), parties.actor("boris")


@pytest.fixture
def stella(world: Any) -> Actor:
    return stewards(world)[0]


@pytest.fixture
def boris(world: Any, stella: Actor) -> Actor:
    return parties.actor("boris")


@pytest.fixture
def one_entry(world: Any) -> Callable[[Callable[[], Any]], Any]:
    """Runs one action and gives the one entry it left."""

    def run(act: Callable[[], Any]) -> Any:
        size = ledger.head()
        act()
        assert ledger.head() == size + 1, "an action leaves exactly one entry"
        return EntryRow.objects.get(log__name="main", index=size)  # the row itself, whoever may read it

    return run
