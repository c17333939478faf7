"""Who exists and who may do what: organisations, people, their roles, their API tokens."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q

from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Conflict, Misuse, NotFound, Refused
from seatrial.kernel.labels import Label, Level
from seatrial.kernel.text import checked
from seatrial.parties.core.rules import INSTANCE, check_role
from seatrial.parties.models import Delegation, Membership, Organisation, Person, Token
from seatrial.parties.ports import Keyring
from seatrial.parties.queries import organisation as organisation_view
from seatrial.parties.queries import person as person_view
from seatrial.parties.types import Actor, OrganisationKind, OrganisationView, PersonView, Role

from .recording import COMMUNITY, record


@transaction.atomic
def create_organisation(
    *, by: Actor, name: str, kind: OrganisationKind, at: datetime, keyring: Keyring, id: str | None = None
) -> OrganisationView:
    """A new organisation with its signing key. Raises ``Conflict`` (``organisation-exists``)."""
    by.require(INSTANCE, Role.OPERATOR, to="create an organisation")
    name = checked("The organisation's name", name, longest=200, lines=False)
    if Organisation.objects.filter(name=name).exists() or Organisation.objects.filter(id=id).exists():
        raise Conflict("organisation-exists", f"There is an organisation {id or name!r} already; choose another name.")
    row = Organisation(name=name, kind=kind, created_at=at)
    if id is not None:
        row.id = id
    row.public_key = keyring.create(row.id)
    row.save(force_insert=True)
    record("organisation.created", by, at, COMMUNITY, organisation=row.id, name=name, public_key=row.public_key)
    return organisation_view(row.id)


@transaction.atomic
def add_person(
    *,
    by: Actor,
    name: str,
    email: str,
    password: str,
    at: datetime,
    level: Level = Level.CONTROLLED,
    compartments: frozenset[str] = frozenset(),
    id: str | None = None,
) -> PersonView:
    """A new person who can sign in. Raises ``Conflict`` (``person-exists``) or ``Misuse`` (``weak-password``)."""
    by.require(INSTANCE, Role.OPERATOR, to="add a person")
    name, email = checked("The person's name", name, longest=200, lines=False), address(email)
    if Person.objects.filter(email__iexact=email).exists():
        raise Conflict("person-exists", f"Somebody signs in with {email} already; use another address.")
    row = Person(name=name, email=email, level=level, compartments=sorted(compartments), created_at=at)
    if id is not None:
        row.id = id
    set_password(row, password)
    row.save(force_insert=True)
    record("person.added", by, at, Label.among(INSTANCE, row.id), person=row.id, level=level.word)
    return person_view(by, row.id)


@transaction.atomic
def give_role(*, by: Actor, person: str, organisation: str, role: Role, at: datetime) -> None:
    """``person`` holds ``role`` in ``organisation`` from now on; giving it twice changes nothing.

    The operator gives any; a steward gives roles to colleagues, never to themselves.
    """
    require_manager(by, organisation, to="give a role")
    check_role(organisation_view(organisation).kind, role)
    roles = person_view(by, person).roles
    if not by.has(Role.OPERATOR, INSTANCE):
        if person == by.person:
            raise Refused("own-role", "Nobody gives themselves a role; ask another people manager or the operator.")
        if organisation not in {home for home, _ in roles}:
            raise Refused(
                "no-colleague", f"{person} is not of {organisation}; invite them, so that joining is their choice."
            )
    _, new = Membership.objects.get_or_create(
        person_id=person, organisation_id=organisation, role=role, defaults={"given_at": at}
    )
    if new:
        label = Label.among(INSTANCE, organisation)
        record("role.given", by, at, label, person=person, organisation=organisation, role=role)


@transaction.atomic
def end_role(*, by: Actor, person: str, organisation: str, role: Role, at: datetime) -> None:
    """``person`` no longer holds ``role`` in ``organisation``, from this moment; what they delegated of it ends too.

    Raises ``NotFound`` (``no-such-role``), ``Refused`` (``last-steward``).
    """
    require_manager(by, organisation, to="end a role")
    held = Membership.objects.select_for_update().filter(organisation_id=organisation, person_id=person)
    roles = set(held.values_list("role", flat=True))
    if role not in roles:
        raise NotFound("no-such-role", f"{person} does not hold the role {role} in {organisation}.")
    _leave_a_steward(by, organisation, person, {role})
    held.filter(role=role).delete()
    which = Q(delegator=person, role=role)
    if roles == {role}:
        which |= Q(delegate=person)
    ended = _end_delegations(Q(organisation=organisation) & which, at)
    _close_if_nowhere(person, at)
    label = Label.among(INSTANCE, organisation)
    record("role.ended", by, at, label, person=person, organisation=organisation, role=role, delegations=ended)


@transaction.atomic
def remove_person(*, by: Actor, person: str, organisation: str, at: datetime) -> None:
    """``person`` leaves ``organisation`` at once: every role, and every delegation from and to them there.

    With no organisation left they can no longer sign in: sessions, tokens and access keys are dead in this moment.
    Raises ``NotFound`` (``no-such-role``), ``Refused`` (``last-steward``).
    """
    if by.person != person:  # anybody may leave
        require_manager(by, organisation, to="remove a person")
    held = Membership.objects.select_for_update().filter(organisation_id=organisation, person_id=person)
    roles = sorted(held.values_list("role", flat=True))
    if not roles:
        raise NotFound("no-such-role", f"{person} has no role in {organisation}.")
    _leave_a_steward(by, organisation, person, {Role(role) for role in roles})
    held.delete()
    ended = _end_delegations(Q(organisation=organisation) & (Q(delegator=person) | Q(delegate=person)), at)
    _close_if_nowhere(person, at)
    label = Label.among(INSTANCE, organisation)
    record("person.removed", by, at, label, person=person, organisation=organisation, roles=roles, delegations=ended)


@transaction.atomic
def deactivate_person(*, by: Actor, person: str, at: datetime) -> None:
    """Ends a person's part in the whole instance at once. Operator only; a new invitation can bring them back."""
    by.require(INSTANCE, Role.OPERATOR, to="deactivate a person")
    homes = sorted({home for home, _ in person_view(by, person).roles})
    Membership.objects.filter(person_id=person).delete()
    ended = _end_delegations(Q(delegator=person) | Q(delegate=person), at)
    _close_if_nowhere(person, at)
    label = Label.among(INSTANCE, *homes)
    record("person.deactivated", by, at, label, person=person, organisations=homes, delegations=ended)


@transaction.atomic
def issue_token(*, by: Actor, at: datetime) -> str:
    """A personal API token for ``by``; this is the only time it can be read."""
    if not by.person or not Person.objects.filter(id=by.person).exists():
        raise Misuse("no-such-person", "Only a person who can sign in can have an API token.")
    secret = "sta-" + secrets.token_urlsafe(32)
    row = Token.objects.create(person_id=by.person, digest=digest(secret.encode()), created_at=at)
    record("token.issued", by, at, Label.among(INSTANCE, by.person), token=row.id)
    return secret


def address(email: str) -> str:
    """The e-mail address as it is kept. Raises ``Misuse`` (``bad-email``)."""
    kept = email.strip().lower()
    try:
        validate_email(kept)
    except ValidationError as error:
        raise Misuse("bad-email", f"{email!r} is not an e-mail address; write e.g. lena@lab.example.") from error
    return kept


def set_password(row: Person, password: str) -> None:
    """Puts ``password`` on ``row``, unsaved. Raises ``Misuse`` (``weak-password``)."""
    try:
        validate_password(password, row)
    except ValidationError as error:
        raise Misuse("weak-password", f"This password cannot be used: {' '.join(error.messages)}") from error
    row.set_password(password)


def require_manager(by: Actor, organisation: str, *, to: str) -> None:
    """Raises ``Forbidden`` (``role-missing``) unless ``by`` manages the people of ``organisation`` or the instance."""
    if not by.has(Role.OPERATOR, INSTANCE):
        by.require(organisation, Role.STEWARD, to=to)


def _leave_a_steward(by: Actor, organisation: str, person: str, roles: set[Role]) -> None:
    """An organisation does not lose its last people manager by its own hand: nobody could invite the next."""
    if Role.STEWARD not in roles or by.has(Role.OPERATOR, INSTANCE):
        return
    stewards = Membership.objects.select_for_update().filter(organisation_id=organisation, role=Role.STEWARD)
    if set(stewards.values_list("person_id", flat=True)) <= {person}:
        raise Refused(
            "last-steward", f"{organisation} would have no people manager left; give the role to somebody else first."
        )


def _end_delegations(which: Q, at: datetime) -> list[str]:
    """Ends what still runs of them; the ids."""
    running = Delegation.objects.select_for_update().filter(which, ended_at=None, until__gt=at)
    ended = sorted(running.values_list("id", flat=True))
    Delegation.objects.filter(id__in=ended).update(ended_at=at)
    return ended


def _close_if_nowhere(person: str, at: datetime) -> None:
    """Who belongs to no organisation any more cannot sign in and has no live token."""
    if not Membership.objects.filter(person_id=person).exists():
        Person.objects.filter(id=person).update(is_active=False)
        Token.objects.filter(person_id=person, revoked_at=None).update(revoked_at=at)
