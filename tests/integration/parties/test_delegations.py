"""Delegated roles count for a time, in every surface's actor, and end with whatever they rest on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from seatrial.kernel.errors import Conflict, Misuse, NotFound, Refused
from seatrial.kernel.labels import Label
from seatrial.ledger import api as ledger
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, DelegationView, Role

DAY = timedelta(days=1)


def lend(world: Any, *, days: float = 10, role: Role = Role.GOVERNANCE, to: str = "sam") -> DelegationView:
    return parties.delegate(
        by=world.governance,
        organisation=world.lab,
        role=role,
        to=to,
        until=world.start + days * DAY,
        at=world.start,
    )


def sam(world: Any, days: float) -> Actor:
    return parties.actor("sam", world.start + days * DAY)


def test_a_delegated_role_counts_until_its_end_and_is_told_apart(
    world: Any, one_entry: Callable[..., Any], django_assert_num_queries: Any
) -> None:
    entry = one_entry(lambda: lend(world))
    assert (entry.kind, Label.parse(entry.label)) == ("delegation.given", Label.among(world.lab))
    held = (world.lab, Role.GOVERNANCE)
    for days, counts in ((0, True), (9.99, True), (10, False), (50, False), (-1, False)):
        actor = sam(world, days)
        assert (held in actor.roles, actor.delegated) == (counts, frozenset({held} if counts else ()))
    assert held not in parties.actor("sam").roles, "without a moment only one's own roles count"
    token = parties.issue_token(by=world.security, at=world.start)
    assert parties.actor_by_token(token, world.start).has(Role.GOVERNANCE, world.lab)
    assert parties.actor_by_email("sam@lab-north.example", world.start).has(Role.GOVERNANCE, world.lab)
    with django_assert_num_queries(3):
        sam(world, 1)


def test_it_ends_with_what_it_rests_on_and_does_not_come_back(world: Any, stella: Actor) -> None:
    lend(world)
    common = {"by": world.operator, "person": "gwen", "organisation": world.lab, "role": Role.GOVERNANCE}
    parties.give_role(**{**common, "role": Role.SECURITY}, at=world.start)
    parties.end_role(**common, at=world.start + DAY)
    assert not sam(world, 2).delegated
    parties.give_role(**common, at=world.start + 3 * DAY)
    assert not sam(world, 4).delegated


@pytest.mark.parametrize("leaver", ["gwen", "sam"])
def test_it_ends_when_either_leaves(world: Any, stella: Actor, leaver: str) -> None:
    lend(world)
    parties.give_role(by=world.operator, person="sam", organisation="lab-south", role=Role.COUNSEL, at=world.start)
    parties.remove_person(by=stella, person=leaver, organisation=world.lab, at=world.start + DAY)
    assert not sam(world, 2).delegated
    assert [found.in_force for found in parties.delegations(stella, world.lab, world.start + 2 * DAY)] == [False]


@pytest.mark.parametrize("who", ["governance", "security", "stella", "operator"])
def test_the_giver_the_receiver_the_steward_and_the_operator_end_it(
    world: Any, stella: Actor, one_entry: Callable[..., Any], who: str
) -> None:
    made = lend(world)
    by = stella if who == "stella" else getattr(world, who)
    entry = one_entry(lambda: parties.end_delegation(by=by, delegation=made.id, at=world.start + DAY))
    assert entry.kind == "delegation.ended"
    assert not sam(world, 1).delegated
    with pytest.raises(Refused, match="ended already"):
        parties.end_delegation(by=by, delegation=made.id, at=world.start + 2 * DAY)


def test_others_neither_see_nor_end_it(world: Any, stella: Actor, boris: Actor) -> None:
    made = lend(world)
    for by in (world.rival, boris, world.authority):
        assert parties.delegations(by, world.lab, world.start) == ()
        with pytest.raises(NotFound):
            parties.end_delegation(by=by, delegation=made.id, at=world.start)
    with pytest.raises(NotFound):
        parties.end_delegation(by=world.signatory, delegation=made.id, at=world.start)
    assert len(parties.delegations(world.signatory, world.lab, world.start)) == 1


def test_what_cannot_be_lent_leaves_nothing(world: Any, stella: Actor) -> None:
    parties.give_role(by=world.operator, person="gwen", organisation=world.lab, role=Role.SIGNATORY, at=world.start)
    lend(world)
    head = ledger.head()
    for kind, said, changes in (
        (Refused, "is not delegated: whoever signs", {"role": Role.SIGNATORY}),
        (Refused, "a role of one's own", {"role": Role.SECURITY, "to": "stella"}),
        (Refused, "invite them first", {"to": "eva"}),
        (Misuse, "hold the role governance", {"to": "sig"}),
        (Misuse, "within 90 days", {"days": 91, "to": "stella"}),
        (Misuse, "ends after now", {"days": 0, "to": "stella"}),
        (Conflict, "already; end that", {}),
        (NotFound, "no active person", {"to": "nobody"}),
    ):
        with pytest.raises(kind, match=said):
            lend(world, **changes)
    assert ledger.head() == head


def test_a_delegate_cannot_pass_it_on(world: Any, stella: Actor) -> None:
    lend(world)
    with pytest.raises(Refused, match="a role of one's own"):
        parties.delegate(
            by=sam(world, 1),
            organisation=world.lab,
            role=Role.GOVERNANCE,
            to="stella",
            until=world.start + 2 * DAY,
            at=world.start + DAY,
        )


def test_what_a_delegate_does_is_their_own_act_on_the_record(world: Any) -> None:
    from seatrial.review.cases import api as cases

    lend(world)
    review = cases.draft(
        by=sam(world, 1),
        developer=world.lab,
        body=world.body,
        title="By delegation",
        model="m",
        partner_release=world.start + 20 * DAY,
        public_release=world.start + 30 * DAY,
        at=world.start + DAY,
    )
    (entry,) = ledger.entries(world.governance, log=world.lab, review=review)
    assert entry.openings["actor"]["value"] == "sam"
