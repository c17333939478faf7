"""Invitations: made by a people manager, accepted once by whoever has the link, or withdrawn."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction

from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Conflict, Misuse, NotFound, Refused
from seatrial.kernel.labels import Label, Level
from seatrial.kernel.text import checked
from seatrial.parties.core.invitation import MACHINE, OPEN_FOR, check_roles
from seatrial.parties.core.rules import INSTANCE
from seatrial.parties.models import Invitation, Membership, Person
from seatrial.parties.queries import invitation_over, invitation_view, lifecycle_of
from seatrial.parties.queries import organisation as organisation_view
from seatrial.parties.types import ANYONE, Actor, InvitationView, Role

from .people import address, require_manager, set_password
from .recording import record


@transaction.atomic
def invite(
    *, by: Actor, organisation: str, email: str, name: str, roles: Iterable[Role], at: datetime
) -> tuple[InvitationView, str]:
    """An invitation and the secret of its link, which can be read this once.

    By a steward of that organisation, or the operator. Raises ``Conflict`` (``invitation-open``) while another one
    to the same address is open.
    """
    require_manager(by, organisation, to="invite people")
    named = frozenset(roles)
    check_roles(organisation_view(organisation).kind, named)
    name, email = checked("The person's name", name, longest=200, lines=False), address(email)
    same = Invitation.objects.select_for_update().filter(organisation_id=organisation, email=email)
    if same.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=at).exists():
        raise Conflict("invitation-open", f"An invitation to {email} is open already; withdraw it to send another.")
    secret = secrets.token_urlsafe(32)
    row = Invitation.objects.create(
        organisation_id=organisation,
        email=email,
        name=name,
        roles=sorted(named),
        invited_by=by.person,
        invited_at=at,
        expires_at=at + OPEN_FOR,
        digest=digest(secret.encode()),
    )
    label = Label.among(INSTANCE, organisation)
    facts = {"invitation": row.id, "organisation": organisation, "roles": row.roles, "expires_at": row.expires_at}
    record("invitation.made", by, at, label, **facts)
    return invitation_view(row, at), secret


@transaction.atomic
def accept_invitation(*, by: Actor = ANYONE, secret: str, at: datetime, name: str = "", password: str = "") -> str:
    """Join: the invited person is created with ``password``, or, if they exist, must be ``by``. Returns their id.

    Somebody who belonged to no organisation any more comes back, with a new password. Raises ``NotFound``
    (``invitation-over``) for a link that is no longer open, ``Refused`` (``sign-in-as``) for the wrong person.
    """
    row = Invitation.objects.select_for_update().filter(digest=digest(secret.encode())).first()
    if row is None or MACHINE.refusal(lifecycle_of(row), "accept", None, at) is not None:
        raise invitation_over()
    person = Person.objects.select_for_update().filter(email__iexact=row.email).first()
    if person is not None and person.is_active:
        _must_be(by, person)
    elif by.person:
        raise Refused("sign-in-as", f"This invitation is for {row.email}; sign out first, then open the link again.")
    else:
        person = _arrived(person, row, name or row.name, password, at)
    # The third guard, beside the row lock and the machine: only one acceptance finds it open.
    ended = MACHINE.apply(lifecycle_of(row), "accept", None, at).accepted_at
    still_open = Invitation.objects.filter(pk=row.pk, accepted_at=None, withdrawn_at=None)
    if not still_open.update(accepted_at=ended, accepted_by=person):
        raise invitation_over()
    for role in row.roles:
        Membership.objects.get_or_create(
            person=person, organisation_id=row.organisation_id, role=role, defaults={"given_at": at}
        )
    facts = {"invitation": row.id, "organisation": row.organisation_id, "roles": row.roles, "person": person.id}
    joined = Actor(person=person.id)
    record("invitation.accepted", joined, at, Label.among(INSTANCE, row.organisation_id), **facts)
    return person.id


@transaction.atomic
def withdraw_invitation(*, by: Actor, invitation: str, at: datetime) -> None:
    """Its link opens nothing from now on.

    Raises ``NotFound`` (``no-such-invitation``), ``Refused`` (``wrong-state``).
    """
    row = Invitation.objects.select_for_update().filter(id=invitation).first()
    if row is None or not (by.has(Role.OPERATOR, INSTANCE) or by.has(Role.STEWARD, row.organisation_id)):
        raise NotFound("no-such-invitation", f"There is no invitation {invitation!r} that you may withdraw.")
    row.withdrawn_at = MACHINE.apply(lifecycle_of(row), "withdraw", None, at).withdrawn_at
    row.save(update_fields=["withdrawn_at"])
    label = Label.among(INSTANCE, row.organisation_id)
    record("invitation.withdrawn", by, at, label, invitation=row.id, organisation=row.organisation_id)


def _must_be(by: Actor, person: Person) -> None:
    if by.person != person.id:
        raise Refused(
            "sign-in-as", f"Somebody signs in with {person.email} already; sign in as them, then open the link again."
        )


def _arrived(person: Person | None, row: Invitation, name: str, password: str, at: datetime) -> Person:
    """The invited person, made now or come back, with this password."""
    name = checked("Your name", name, longest=200, lines=False)
    if not password:
        raise Misuse("weak-password", "Choose a password to join with.")
    if person is None:
        person = Person(name=name, email=row.email, level=Level.CONTROLLED, compartments=[], created_at=at)
    person.name, person.is_active = name, True
    set_password(person, password)
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError as error:  # the same address joined another organisation in this very moment
        raise Conflict(
            "person-exists", f"Somebody signs in with {row.email} since a moment; sign in as them."
        ) from error
    return person
