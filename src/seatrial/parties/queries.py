"""Every read of parties.

``actor…`` answer for the house itself (who is at the door); the others take who asks. An address or a
clearance is shown to colleagues only; names and roles to every known person.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from seatrial.kernel.clock import parse_time
from seatrial.kernel.digests import Digest, digest
from seatrial.kernel.errors import Misuse, NotFound
from seatrial.kernel.labels import Level
from seatrial.kernel.recipients import RecipientKey, recipient_key

from .core.delegation import Lent, in_force
from .core.invitation import Invitation as Lifecycle
from .core.invitation import state
from .core.policyfile import FORMAT, purposes_of, terms_of
from .core.rules import INSTANCE
from .models import (
    Declaration,
    Delegation,
    Invitation,
    Membership,
    Organisation,
    Person,
    PolicyVersion,
    RecipientKeyRow,
    Token,
)
from .types import (
    Actor,
    Addressee,
    Binds,
    DeclarationView,
    DelegationView,
    Interest,
    InterestKind,
    InvitationState,
    InvitationView,
    OrganisationKind,
    OrganisationView,
    PersonView,
    Policy,
    Purpose,
    RecipientKeyView,
    Role,
    Signature,
    Term,
    Welcome,
)


def operator() -> Actor:
    """Whoever runs the instance's own command line: may set up parties, belongs to none of them."""
    return Actor(
        person="operator",
        organisations=frozenset({INSTANCE}),
        level=Level.CONTROLLED,
        name="Instance operator",
        roles=frozenset({(INSTANCE, Role.OPERATOR)}),
    )


def actor(person: str, at: datetime | None = None) -> Actor:
    """The active person of that id, with their own roles and, ``at`` a moment, those delegated to them then.

    Raises ``NotFound`` (``no-such-person``).
    """
    return _actor(_people().filter(id=person).first(), person, at)


def addressees(people: Iterable[str] | None = None) -> tuple[Addressee, ...]:
    """The active people (or those of them named), by id, for those who write to them. Two queries, however many."""
    rows = _people().order_by("id")
    if people is not None:
        rows = rows.filter(id__in=list(people))
    return tuple(Addressee(_actor(row, row.id), row.email) for row in rows)


def actor_by_email(email: str, at: datetime | None = None) -> Actor:
    """The active person who signs in with ``email``; see ``actor``."""
    return _actor(_people().filter(email__iexact=email).first(), email, at)


def actor_by_token(secret: str, at: datetime | None = None) -> Actor:
    """Whose personal API token this is; see ``actor``. Raises ``Misuse`` (``unknown-token``)."""
    row = Token.objects.filter(digest=digest(secret.encode()), revoked_at=None, person__is_active=True).first()
    if row is None:
        raise Misuse(
            "unknown-token", "This API token is not known or was revoked; make a new one with 'seatrial token'."
        )
    return actor(row.person_id, at)


def actors(people: Iterable[str]) -> dict[str, Actor]:
    """The active people of those ids, in two queries."""
    return {row.id: _actor(row, row.id) for row in _people().filter(id__in=set(people))}


def organisation(organisation_id: str) -> OrganisationView:
    """Raises ``NotFound`` (``no-such-organisation``)."""
    row = Organisation.objects.filter(id=organisation_id).first()
    if row is None:
        raise NotFound(
            "no-such-organisation",
            f"There is no organisation {organisation_id!r}; list them with 'seatrial party list'.",
        )
    return _organisation(row)


def organisations(asking: Actor, kind: OrganisationKind | None = None) -> tuple[OrganisationView, ...]:
    """All organisations, by name; nothing to a stranger."""
    if not asking.person:
        return ()
    rows = Organisation.objects.order_by("name")
    return tuple(_organisation(row) for row in (rows.filter(kind=kind) if kind else rows))


def people(asking: Actor, organisation_id: str) -> tuple[PersonView, ...]:
    """The active people of an organisation, by name; nothing to a stranger."""
    if not asking.person:
        return ()
    rows = _people().filter(memberships__organisation_id=organisation_id).distinct().order_by("name")
    return tuple(_person(row, asking) for row in rows)


def person(asking: Actor, person_id: str) -> PersonView:
    """Raises ``NotFound`` (``no-such-person``)."""
    row = _people().filter(id=person_id).first() if asking.person else None
    if row is None:
        raise NotFound("no-such-person", f"There is no active person {person_id!r}.")
    return _person(row, asking)


def names(ids: Iterable[str] | None = None) -> dict[str, str]:
    """Id to name of every person and organisation (or of those of them in ``ids``), for showing a history in words."""
    found: dict[str, str] = {INSTANCE: "Instance", "operator": "Instance operator"}
    organisations, people = Organisation.objects.values_list("id", "name"), Person.objects.values_list("id", "name")
    if ids is not None:
        wanted = sorted(set(ids))
        organisations, people = organisations.filter(id__in=wanted), people.filter(id__in=wanted)
    found.update(organisations)
    found.update(people)
    return found


def current_policy(body: str, at: datetime | None = None) -> Policy:
    """The body's latest policy that is in force ``at`` that moment; without one, the latest published.

    Raises ``NotFound`` (``no-policy``).
    """
    rows = PolicyVersion.objects.filter(body_id=body)
    if at is not None:
        rows = rows.filter(valid_from__lte=at)
    row = rows.order_by("-published_at", "-id").first()
    if row is None:
        raise NotFound("no-policy", f"{body} has no policy in force; its authority publishes one first.")
    return _policy(row)


def policies(body: str | None = None) -> tuple[Policy, ...]:
    """Every published policy, of all bodies or of one, newest first. A policy is public."""
    rows = PolicyVersion.objects.order_by("-published_at", "-id")
    return tuple(_policy(row) for row in (rows.filter(body_id=body) if body else rows))


def policy_document(body: str, version: str) -> str:
    """The canonical JSON that the policy's digest is the digest of. Raises ``NotFound`` (``no-policy``)."""
    return _policy_row(body, version).document


def policy_digest_of(body: str, version: str) -> Digest:
    """What pins that policy version. Raises ``NotFound`` (``no-policy``)."""
    return Digest(_policy_row(body, version).digest)


def policy(body: str, version: str) -> Policy:
    """Raises ``NotFound`` (``no-policy``)."""
    return _policy(_policy_row(body, version))


def policies_naming(oversight: Iterable[str]) -> list[int]:
    """The rows of the policy versions under which any of these organisations may inspect."""
    naming = set(oversight)
    rows = PolicyVersion.objects.values_list("pk", "document")
    return [pk for pk, document in rows if naming & set(json.loads(document).get("oversight", ()))]


def policy_key(body: str, version: str) -> int:
    """The row that a foreign key to this policy version holds. Raises ``NotFound`` (``no-policy``)."""
    return int(_policy_row(body, version).pk)


def _policy_row(body: str, version: str) -> PolicyVersion:
    row = PolicyVersion.objects.filter(body_id=body, version=version).first()
    if row is None:
        raise NotFound("no-policy", f"{body} has published no policy of version {version!r}.")
    return row


def invitations(asking: Actor, organisation_id: str, at: datetime) -> tuple[InvitationView, ...]:
    """The invitations into an organisation, newest first: to its stewards and the operator; to others nothing."""
    if not (asking.has(Role.STEWARD, organisation_id) or asking.has(Role.OPERATOR, INSTANCE)):
        return ()
    rows = Invitation.objects.filter(organisation_id=organisation_id).order_by("-invited_at", "-id")
    return tuple(invitation_view(row, at) for row in rows)


def welcome(secret: str, at: datetime) -> Welcome:
    """What the link of an open invitation says. Raises ``NotFound`` (``invitation-over``) for any other link."""
    row = Invitation.objects.select_related("organisation").filter(digest=digest(secret.encode())).first()
    if row is None or state(lifecycle_of(row), at) is not InvitationState.INVITED:
        raise invitation_over()
    return Welcome(
        organisation=row.organisation_id,
        organisation_name=row.organisation.name,
        email=row.email,
        name=row.name,
        roles=frozenset(Role(role) for role in row.roles),
        expires_at=row.expires_at,
        known=Person.objects.filter(email__iexact=row.email, is_active=True).exists(),
    )


def invitation_over() -> NotFound:
    """The one answer to a link that was used, withdrawn, has expired or never was."""
    return NotFound(
        "invitation-over",
        "This invitation is not open: it was used, was withdrawn, or its time is over. "
        "Whoever invited you can send another.",
    )


def delegations(asking: Actor, organisation_id: str, at: datetime) -> tuple[DelegationView, ...]:
    """The delegations in an organisation, newest first: to its people and the operator; to others nothing."""
    if organisation_id not in asking.organisations and not asking.has(Role.OPERATOR, INSTANCE):
        return ()
    rows = _delegations().filter(organisation_id=organisation_id).order_by("-since", "-id")
    return tuple(delegation_view(row, in_force=_counts(row, at)) for row in rows)


def declarations(asking: Actor, developer: str, at: datetime) -> tuple[DeclarationView, ...]:
    """Each person's latest declaration about ``developer`` that is valid ``at`` that moment, by name.

    To the developer's people all of them, to others those of people of their own organisations.
    """
    if not asking.person:
        return ()
    rows = Declaration.objects.filter(developer_id=developer, declared_at__lte=at)
    if developer not in asking.organisations:
        rows = rows.filter(organisation_id__in=asking.organisations)
    latest: dict[str, Declaration] = {}
    for row in rows.select_related("person").order_by("declared_at", "id"):
        latest[row.person_id] = row
    standing = [row for row in latest.values() if row.valid_until > at and row.person.is_active]
    return tuple(declaration_view(row, row.person.name) for row in sorted(standing, key=lambda row: row.person.name))


def declaration_of(asking: Actor, person_id: str, developer: str, at: datetime) -> DeclarationView | None:
    """What that person declared about ``developer``, as far as ``asking`` may read it; ``None`` for nothing valid."""
    return next((made for made in declarations(asking, developer, at) if made.person == person_id), None)


def declared_by(asking: Actor, at: datetime) -> tuple[DeclarationView, ...]:
    """What ``asking`` declared themselves and is valid, the latest for each developer."""
    latest: dict[str, Declaration] = {}
    for row in Declaration.objects.filter(person_id=asking.person, declared_at__lte=at).order_by("declared_at", "id"):
        latest[row.developer_id] = row
    return tuple(declaration_view(row, asking.name) for row in latest.values() if row.valid_until > at)


def recipient_keys(asking: Actor, person_id: str) -> tuple[RecipientKeyView, ...]:
    """That person's keys, the newest first: every known person may read them. Raises ``NotFound``."""
    person(asking, person_id)
    rows = RecipientKeyRow.objects.filter(person_id=person_id).order_by("-registered_at", "id")
    return tuple(recipient_key_view(row) for row in rows)


def recipient_holders(keys: Iterable[str]) -> dict[str, str]:
    """Whose the keys of these ids are, by key: those in force, and those that were retired."""
    return dict(RecipientKeyRow.objects.filter(id__in=set(keys)).values_list("id", "person_id"))


def recipients(people: Iterable[str]) -> dict[str, RecipientKeyView]:
    """The key in force of each of these people who is active and has one, for whoever seals something for them."""
    rows = RecipientKeyRow.objects.filter(person_id__in=set(people), person__is_active=True, retired_at=None)
    return {row.person_id: recipient_key_view(row) for row in rows}


def recipients_in_force(keys: Iterable[str]) -> dict[Digest, RecipientKey]:
    """Of the keys of these ids those that are registered, not retired, and of an active person."""
    rows = RecipientKeyRow.objects.filter(id__in=set(keys), person__is_active=True, retired_at=None)
    return {Digest(row.id): recipient_key(row.pem) for row in rows}


def recipient_key_view(row: RecipientKeyRow) -> RecipientKeyView:
    """The frozen form."""
    return RecipientKeyView(Digest(row.id), row.person_id, row.pem, row.registered_at, row.retired_at)


def _people() -> QuerySet[Person]:
    return Person.objects.filter(is_active=True).prefetch_related("memberships")


def _own_roles(row: Person) -> frozenset[tuple[str, Role]]:
    return frozenset((membership.organisation_id, Role(membership.role)) for membership in row.memberships.all())


def _actor(row: Person | None, asked: str, at: datetime | None = None) -> Actor:
    if row is None:
        raise NotFound("no-such-person", f"There is no active person {asked!r}.")
    roles = _own_roles(row)
    lent = frozenset() if at is None else _lent_to(row.id, at) - roles
    return Actor(
        person=row.id,
        organisations=frozenset(organisation_id for organisation_id, _ in roles),
        level=Level(row.level),
        compartments=frozenset(row.compartments),
        name=row.name,
        roles=roles | lent,
        delegated=lent,
    )


def _lent_to(person_id: str, at: datetime) -> frozenset[tuple[str, Role]]:
    rows = _delegations().filter(delegate_id=person_id, since__lte=at, until__gt=at)
    return frozenset((row.organisation_id, Role(row.role)) for row in rows if _counts(row, at))


def _delegations() -> QuerySet[Delegation]:
    """With what the rule needs to know of both people, in the same query."""
    giver = Membership.objects.filter(
        organisation_id=OuterRef("organisation_id"), person_id=OuterRef("delegator_id"), person__is_active=True
    )
    receiver = Membership.objects.filter(
        organisation_id=OuterRef("organisation_id"), person_id=OuterRef("delegate_id"), person__is_active=True
    )
    return Delegation.objects.annotate(
        giver_holds=Exists(giver.filter(role=OuterRef("role"))), receiver_belongs=Exists(receiver)
    )


def _counts(row: Any, at: datetime) -> bool:
    lent = Lent(row.organisation_id, Role(row.role), row.since, row.until, row.ended_at)
    giver = frozenset({(lent.organisation, lent.role)} if row.giver_holds else ())
    receiver = frozenset({lent.organisation} if row.receiver_belongs else ())
    return in_force(lent, at, giver=giver, receiver=receiver)


def _person(row: Person, asking: Actor) -> PersonView:
    roles = _own_roles(row)
    colleague = row.id == asking.person or bool({home for home, _ in roles} & asking.organisations)
    return PersonView(
        id=row.id,
        name=row.name,
        email=row.email if colleague else "",
        level=Level(row.level) if colleague else Level.OPEN,
        compartments=frozenset(row.compartments) if colleague else frozenset(),
        roles=roles,
    )


def lifecycle_of(row: Invitation) -> Lifecycle:
    """The row as its lifecycle sees it."""
    return Lifecycle(row.expires_at, row.accepted_at, row.withdrawn_at)


def invitation_view(row: Invitation, at: datetime) -> InvitationView:
    """The row as a view; whoever calls has judged who asks."""
    return InvitationView(
        id=row.id,
        organisation=row.organisation_id,
        email=row.email,
        name=row.name,
        roles=frozenset(Role(role) for role in row.roles),
        invited_by=row.invited_by,
        invited_at=row.invited_at,
        expires_at=row.expires_at,
        state=state(lifecycle_of(row), at),
    )


def delegation_view(row: Delegation, *, in_force: bool) -> DelegationView:
    """The row as a view; whoever calls has judged who asks."""
    return DelegationView(
        id=row.id,
        organisation=row.organisation_id,
        role=Role(row.role),
        delegator=row.delegator_id,
        delegate=row.delegate_id,
        since=row.since,
        until=row.until,
        ended_at=row.ended_at,
        in_force=in_force,
    )


def declaration_view(row: Declaration, name: str) -> DeclarationView:
    """The row as a view; whoever calls has judged who asks."""
    return DeclarationView(
        id=row.id,
        person=row.person_id,
        person_name=name,
        organisation=row.organisation_id,
        developer=row.developer_id,
        interests=tuple(Interest(InterestKind(said["kind"]), said["text"]) for said in row.interests),
        declared_at=row.declared_at,
        valid_until=row.valid_until,
    )


def _organisation(row: Organisation) -> OrganisationView:
    return OrganisationView(row.id, row.name, OrganisationKind(row.kind), row.public_key)


def _policy(row: PolicyVersion) -> Policy:
    document = json.loads(row.document)
    whole = document.get("format") == FORMAT  # a version from before the format says less
    return Policy(
        body=row.body_id,
        version=row.version,
        max_window=timedelta(seconds=row.max_window_seconds),
        purposes=frozenset(row.purposes),
        terms=row.terms,
        published_at=row.published_at,
        digest=Digest(row.digest),
        valid_from=row.valid_from,
        numbered=terms_of(document) if whole else (Term("1", row.terms, Binds.BOTH),),
        described=purposes_of(document) if whole else tuple(Purpose(key, key) for key in row.purposes),
        oversight=frozenset(document.get("oversight", ())),
        criteria=tuple(document.get("partner_criteria", ())),
        destruction=timedelta(days=document.get("destruction_days", 30)),
        signature=None if row.signature is None else _signature(row.signature),
    )


def _signature(kept: dict[str, str]) -> Signature:
    return Signature(**{**kept, "at": parse_time(kept["at"]), "statement": Digest(kept["statement"])})  # type: ignore[arg-type]
