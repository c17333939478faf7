"""Roles end and people leave at once: their sessions and tokens are dead in that moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from seatrial.kernel.errors import Forbidden, Misuse, NotFound, Refused
from seatrial.kernel.labels import Label
from seatrial.ledger import api as ledger
from seatrial.parties import api as parties
from seatrial.parties.types import ANYONE, Actor, Role


def signed_in(person: str) -> Client:
    client = Client()
    client.force_login(get_user_model().objects.get(pk=person))
    return client


def test_a_steward_gives_and_ends_roles_of_colleagues(world: Any, stella: Actor, one_entry: Callable[..., Any]) -> None:
    common = {"by": stella, "person": "gwen", "organisation": world.lab, "role": Role.SECURITY, "at": world.start}
    assert one_entry(lambda: parties.give_role(**common)).kind == "role.given"
    assert (world.lab, Role.SECURITY) in parties.actor("gwen").roles
    entry = one_entry(lambda: parties.end_role(**common))
    assert (entry.kind, Label.parse(entry.label)) == ("role.ended", Label.among("instance", world.lab))
    assert parties.actor("gwen").roles == {(world.lab, Role.GOVERNANCE)}
    with pytest.raises(NotFound, match="does not hold"):
        parties.end_role(**common)


def test_a_steward_gives_nothing_to_strangers_or_to_themselves(world: Any, stella: Actor) -> None:
    def give(person: str, organisation: str, role: Role) -> None:
        parties.give_role(by=stella, person=person, organisation=organisation, role=role, at=world.start)

    head = ledger.head()
    with pytest.raises(Refused, match="invite them"):
        give("eva", world.lab, Role.COUNSEL)
    with pytest.raises(Refused, match="Nobody gives themselves"):
        give("stella", world.lab, Role.SIGNATORY)
    with pytest.raises(Forbidden):
        give("eva", world.body, Role.AUTHORITY)
    assert ledger.head() == head


def test_only_a_manager_ends_roles_and_removes_people(world: Any, stella: Actor, boris: Actor) -> None:
    for by in (world.signatory, boris, world.authority, ANYONE):
        with pytest.raises(Forbidden):
            parties.end_role(by=by, person="gwen", organisation=world.lab, role=Role.GOVERNANCE, at=world.start)
        with pytest.raises(Forbidden):
            parties.remove_person(by=by, person="gwen", organisation=world.lab, at=world.start)
        with pytest.raises(Forbidden):
            parties.deactivate_person(by=by, person="gwen", at=world.start)


def test_an_organisation_does_not_lose_its_last_steward_by_its_own_hand(world: Any, stella: Actor) -> None:
    common = {"person": "stella", "organisation": world.lab, "at": world.start}
    with pytest.raises(Refused, match="no people manager left"):
        parties.remove_person(by=stella, **common)
    with pytest.raises(Refused, match="no people manager left"):
        parties.end_role(by=stella, role=Role.STEWARD, **common)
    parties.give_role(by=stella, person="gwen", organisation=world.lab, role=Role.STEWARD, at=world.start)
    parties.remove_person(by=stella, **common)
    with pytest.raises(NotFound):
        parties.actor("stella")


def test_a_removed_persons_session_and_token_die_at_once(
    world: Any, stella: Actor, one_entry: Callable[..., Any]
) -> None:
    client = signed_in("gwen")
    token = parties.issue_token(by=world.governance, at=world.start)
    headers = {"authorization": f"Bearer {token}"}
    assert client.get("/reviews/").status_code == 200
    assert Client().get("/api/v1/reviews", headers=headers).status_code == 200
    entry = one_entry(lambda: parties.remove_person(by=stella, person="gwen", organisation=world.lab, at=world.start))
    assert (entry.kind, Label.parse(entry.label)) == ("person.removed", Label.among("instance", world.lab))
    answer = client.get("/reviews/")
    assert (answer.status_code, answer.url.split("?")[0]) == (302, "/accounts/login/")
    assert client.get("/").status_code == 200
    assert Client().get("/api/v1/reviews", headers=headers).status_code == 401
    client.post("/accounts/login/", {"login": "gwen@lab-north.example", "password": "gwen rows a long boat"})
    assert client.get("/reviews/").status_code == 302, "they cannot sign in again either"
    with pytest.raises(Misuse):
        parties.actor_by_token(token)


def test_a_person_of_two_organisations_keeps_the_other(world: Any, stella: Actor) -> None:
    parties.give_role(by=world.operator, person="eva", organisation=world.lab, role=Role.COUNSEL, at=world.start)
    client = signed_in("eva")
    parties.remove_person(by=stella, person="eva", organisation=world.lab, at=world.start)
    assert parties.actor("eva").organisations == {world.body}
    assert client.get("/reviews/").status_code == 200


def test_whoever_left_comes_back_by_invitation_with_a_new_password(world: Any, stella: Actor) -> None:
    old = signed_in("gwen")
    parties.remove_person(by=stella, person="gwen", organisation=world.lab, at=world.start)
    new = parties.invite(
        by=stella,
        organisation=world.lab,
        email="gwen@lab-north.example",
        name="Gwen G.",
        roles=[Role.SECURITY],
        at=world.start,
    )
    assert parties.accept_invitation(secret=new.secret, password="another boat, much longer", at=world.start) == "gwen"
    assert parties.actor("gwen").roles == {(world.lab, Role.SECURITY)}
    assert old.get("/reviews/").status_code == 302, "the session from before stays dead"


def test_the_operator_deactivates_a_person_everywhere(world: Any, one_entry: Callable[..., Any]) -> None:
    entry = one_entry(lambda: parties.deactivate_person(by=world.operator, person="gwen", at=world.start))
    assert Label.parse(entry.label) == Label.among("instance", world.lab)
    with pytest.raises(NotFound):
        parties.actor("gwen")
    with pytest.raises(NotFound):
        parties.deactivate_person(by=world.operator, person="gwen", at=world.start)


def test_anybody_may_leave(world: Any, stella: Actor) -> None:
    parties.remove_person(by=world.security, person="sam", organisation=world.lab, at=world.start + timedelta(days=1))
    with pytest.raises(NotFound):
        parties.actor("sam")
