"""Joining by invitation: one link, one use; the wrong person, moment or name is refused calmly."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection

from seatrial.kernel.errors import Conflict, Forbidden, Misuse, NotFound, Refused
from seatrial.kernel.labels import Label
from seatrial.ledger import api as ledger
from seatrial.parties import api as parties
from seatrial.parties.types import ANYONE, Actor, InvitationState, NewInvitation, Role

PASSWORD = "a boat long enough for nine"


def invite(by: Actor, world: Any, *, at: Any = None, **changes: Any) -> NewInvitation:
    said = {"organisation": world.lab, "email": "nia@new.example", "name": "Nia New", "roles": [Role.SECURITY]}
    return parties.invite(by=by, at=at or world.start, **{**said, **changes})


def test_an_invitation_makes_a_person_with_its_roles(
    world: Any, stella: Actor, one_entry: Callable[..., Any], django_capture_on_commit_callbacks: Any
) -> None:
    made: list[NewInvitation] = []
    with django_capture_on_commit_callbacks(execute=True):
        entry = one_entry(lambda: made.append(invite(stella, world)))
    assert (entry.kind, Label.parse(entry.label)) == ("invitation.made", Label.among("instance", world.lab))
    assert "nia" not in entry.data
    (new,) = made
    assert new.link.endswith(f"/join/{new.secret}/")
    (letter,) = mail.outbox
    assert letter.to == ["nia@new.example"]
    assert new.link in letter.body
    hello = parties.welcome(new.secret, world.start)
    assert (hello.organisation_name, hello.known, hello.roles) == ("North Lab", False, {Role.SECURITY})

    at = world.start + timedelta(days=1)
    entry = one_entry(lambda: parties.accept_invitation(secret=new.secret, password=PASSWORD, at=at))
    assert (entry.kind, Label.parse(entry.label)) == ("invitation.accepted", Label.among("instance", world.lab))
    nia = parties.actor_by_email("NIA@new.example")
    assert (nia.name, nia.roles) == ("Nia New", {(world.lab, Role.SECURITY)})
    assert parties.invitations(stella, world.lab, at)[0].state is InvitationState.ACCEPTED


def test_the_secret_is_kept_as_a_digest_only(world: Any, stella: Actor) -> None:
    from seatrial.parties.models import Invitation

    assert invite(stella, world).secret not in str(list(Invitation.objects.values()))


@pytest.mark.parametrize("name", ["عبد الرحمن", "山田 太郎", "👩‍🚀 Ada", "e\u0301ric", "Zoë O'Brien-Łukasz"])
def test_a_name_of_any_script_is_kept_exactly(world: Any, stella: Actor, name: str) -> None:
    new = invite(stella, world, name=name)
    parties.accept_invitation(secret=new.secret, password=PASSWORD, at=world.start)
    assert parties.actor_by_email("nia@new.example").name == name


def test_an_existing_person_joins_only_as_themselves(world: Any, stella: Actor, one_entry: Callable[..., Any]) -> None:
    new = invite(stella, world, email="EVA@body-one.example", roles=[Role.COUNSEL])
    assert parties.welcome(new.secret, world.start).known
    for somebody in (ANYONE, world.intake):
        with pytest.raises(Refused, match="sign in as them"):
            parties.accept_invitation(by=somebody, secret=new.secret, password=PASSWORD, at=world.start)
    one_entry(lambda: parties.accept_invitation(by=world.evaluator, secret=new.secret, at=world.start))
    both = parties.actor(world.evaluator.person)
    assert both.roles == {(world.body, Role.EVALUATOR), (world.lab, Role.COUNSEL)}


def test_somebody_signed_in_does_not_join_for_another(world: Any, stella: Actor) -> None:
    new = invite(stella, world)
    with pytest.raises(Refused, match="sign out first"):
        parties.accept_invitation(by=stella, secret=new.secret, password=PASSWORD, at=world.start)


def test_a_link_that_is_over_says_one_thing_whatever_ended_it(world: Any, stella: Actor) -> None:
    used, withdrawn, expired = (invite(stella, world, email=f"{key}@new.example") for key in ("a", "b", "c"))
    parties.accept_invitation(secret=used.secret, password=PASSWORD, at=world.start)
    parties.withdraw_invitation(by=stella, invitation=withdrawn.invitation.id, at=world.start)
    late = world.start + timedelta(days=14)
    said = set()
    for secret, at in (
        (used.secret, world.start),
        (withdrawn.secret, world.start),
        (expired.secret, late),
        ("never-was", late),
    ):
        for ask in (
            lambda s, at: parties.welcome(s, at),
            lambda s, at: parties.accept_invitation(secret=s, password=PASSWORD, at=at),
        ):
            head = ledger.head()
            with pytest.raises(NotFound) as caught:
                ask(secret, at)
            said.add((caught.value.code, caught.value.message))
            assert ledger.head() == head
    assert len(said) == 1
    states = {found.email[0]: found.state for found in parties.invitations(stella, world.lab, late)}
    assert states == {"a": "accepted", "b": "withdrawn", "c": "expired"}


def test_withdrawing_leaves_one_entry_and_happens_once(
    world: Any, stella: Actor, one_entry: Callable[..., Any]
) -> None:
    new = invite(stella, world)
    entry = one_entry(lambda: parties.withdraw_invitation(by=stella, invitation=new.invitation.id, at=world.start))
    assert entry.kind == "invitation.withdrawn"
    with pytest.raises(Refused, match="cannot happen while this is withdrawn"):
        parties.withdraw_invitation(by=stella, invitation=new.invitation.id, at=world.start)


def test_people_are_invited_by_their_own_steward_or_the_operator_alone(world: Any, stella: Actor, boris: Actor) -> None:
    for by in (world.governance, boris, world.authority, ANYONE):
        with pytest.raises(Forbidden):
            invite(by, world)
    new = invite(world.operator, world, roles=[Role.STEWARD])
    for by in (world.governance, boris):
        assert parties.invitations(by, world.lab, world.start) == ()
        with pytest.raises(NotFound):
            parties.withdraw_invitation(by=by, invitation=new.invitation.id, at=world.start)


def test_what_is_no_invitation_is_refused_and_leaves_nothing(world: Any, stella: Actor) -> None:
    head = ledger.head()
    for changes, said in (
        ({"email": "nobody"}, "is not an e-mail address"),
        ({"email": "a@b.example\nBcc: all@c.example"}, "is not an e-mail address"),
        ({"name": ""}, "1 to 200 characters"),
        ({"name": "Ada\u202ecod.exe"}, "visible characters"),
        ({"name": "Two\nLines"}, "one line"),
        ({"roles": []}, "at least one role"),
        ({"roles": [Role.INSPECTOR]}, "has no role inspector"),
    ):
        with pytest.raises(Misuse, match=said):
            invite(stella, world, **changes)
    assert ledger.head() == head
    assert not mail.outbox


def test_one_open_invitation_to_an_address(world: Any, stella: Actor) -> None:
    first = invite(stella, world)
    with pytest.raises(Conflict, match="open already"):
        invite(stella, world, email="NIA@new.example")
    parties.withdraw_invitation(by=stella, invitation=first.invitation.id, at=world.start)
    invite(stella, world)


def test_a_weak_password_leaves_the_link_open(world: Any, stella: Actor) -> None:
    new = invite(stella, world)
    for weak in ("", "short", "password1234"):
        with pytest.raises(Misuse):
            parties.accept_invitation(secret=new.secret, password=weak, at=world.start)
    assert parties.welcome(new.secret, world.start)
    with pytest.raises(NotFound):
        parties.actor_by_email("nia@new.example")


def test_a_mail_server_that_is_down_loses_no_invitation(
    world: Any, stella: Actor, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 9, 1
    with django_capture_on_commit_callbacks(execute=True):
        new = invite(stella, world)
    assert parties.welcome(new.secret, world.start)


def test_of_two_acceptances_at_once_one_counts(durable_world: Any) -> None:
    world = durable_world
    new = invite(world.operator, world)
    ready, ends = threading.Barrier(2), []

    def accept(name: str) -> None:
        try:
            ready.wait(10)
            parties.accept_invitation(secret=new.secret, name=name, password=PASSWORD, at=world.start)
            ends.append("joined")
        except (NotFound, Conflict, Refused) as over:
            ends.append(over.code)
        finally:
            connection.close()

    size = ledger.head()
    threads = [threading.Thread(target=accept, args=(name,)) for name in ("One", "Two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["invitation-over", "joined"]
    assert ledger.head() == size + 1
    assert len([found for found in parties.people(world.operator, world.lab) if "nia" in found.email]) <= 1
