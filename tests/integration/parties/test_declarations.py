"""Declarations of interests: read by that developer and the declaring organisation, by nobody else and by no rule."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from seatrial.kernel.errors import Forbidden, Misuse
from seatrial.kernel.labels import Label
from seatrial.ledger import api as ledger
from seatrial.parties import api as parties
from seatrial.parties.types import ANYONE, DeclarationView, Interest, InterestKind

SHARES = Interest(InterestKind.EQUITY, "I own shares of North Lab, bought in 2024.")
COUSIN = Interest(InterestKind.FAMILY, "My cousin works there.")


def declare(world: Any, *interests: Interest, days: float = 0, **changes: Any) -> DeclarationView:
    said = {"by": world.evaluator, "organisation": world.body, "developer": world.lab, **changes}
    return parties.declare(**said, interests=interests, at=world.start + timedelta(days=days))


def test_a_declaration_is_read_by_that_developer_and_by_ones_own_organisation(
    world: Any, one_entry: Callable[..., Any]
) -> None:
    entry = one_entry(lambda: declare(world, SHARES, COUSIN))
    assert (entry.kind, Label.parse(entry.label)) == ("declaration.made", Label.among(world.body, world.lab))
    assert "shares" not in str(ledger.entries(world.governance, kind="declaration.made")[0].openings)
    for reader in (world.governance, world.security, world.intake, world.evaluator):
        (found,) = parties.declarations(reader, world.lab, world.start)
        assert found.interests == (SHARES, COUSIN)
        assert parties.declaration_of(reader, "eva", world.lab, world.start) == found
    for stranger in (world.rival, ANYONE, world.operator):
        assert parties.declarations(stranger, world.lab, world.start) == ()
        assert parties.declaration_of(stranger, "eva", world.lab, world.start) is None


def test_a_newer_one_replaces_it_and_twelve_months_end_it(world: Any) -> None:
    declare(world, SHARES)
    declare(world, days=30)
    (found,) = parties.declarations(world.governance, world.lab, world.start + timedelta(days=31))
    assert found.interests == ()
    assert parties.declared_by(world.evaluator, world.start + timedelta(days=31)) == (found,)
    assert found.valid_until == world.start + timedelta(days=30 + 365)
    assert parties.declarations(world.governance, world.lab, found.valid_until) == (), "an older one does not return"


def test_only_people_of_a_body_or_a_partner_declare_for_it_and_about_a_developer(world: Any) -> None:
    head = ledger.head()
    with pytest.raises(Forbidden, match="Only people of body-one"):
        declare(world, by=world.governance)
    with pytest.raises(Misuse, match="review body or a trusted partner"):
        declare(world, by=world.governance, organisation=world.lab)
    with pytest.raises(Misuse, match="is no developer"):
        declare(world, developer=world.body)
    with pytest.raises(Misuse, match="Interest 1 must have"):
        declare(world, Interest(InterestKind.OTHER, "  "))
    with pytest.raises(Misuse, match="at most 20"):
        declare(world, *[COUSIN] * 21)
    assert ledger.head() == head


def test_reading_the_declarations_of_many_costs_one_query(world: Any, django_assert_num_queries: Any) -> None:
    for by in (world.evaluator, world.intake, world.authority, world.authority2):
        declare(world, SHARES, by=by)
    with django_assert_num_queries(1):
        assert len(parties.declarations(world.governance, world.lab, world.start)) == 4


def test_no_rule_of_the_review_wing_reads_a_declaration() -> None:
    """V2: it informs; nothing in a room of the review depends on it."""
    from pathlib import Path

    import seatrial.review as wing

    readers = [path for path in Path(wing.__path__[0]).rglob("*.py") if "declaration" in path.read_text()]
    assert [path for path in readers if "parties.decl" in path.read_text()] == []
