"""Organisations, people, invitations, delegations, declarations and policies over HTTP. One call a route."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema, Status

from seatrial.kernel.canonical import plain
from seatrial.kernel.clock import aware, now
from seatrial.parties import api as parties
from seatrial.parties.types import (
    ANYONE,
    Actor,
    DeclarationView,
    DelegationView,
    Interest,
    InterestKind,
    InvitationView,
    NewInvitation,
    OrganisationView,
    PersonView,
    Policy,
    RecipientKeyView,
    Role,
    Welcome,
)

from .asking import Asking, actor_of
from .once import shown_once
from .schemas import schema_of

organisations = Router(tags=["organisations"])
people = Router(tags=["organisations"])
invitations = Router(tags=["joining"])
delegations = Router(tags=["joining"])
declarations = Router(tags=["declarations"])
policies = Router(tags=["policies"])


class InvitationIn(Schema):
    email: str
    name: str
    roles: list[Role]


class LinkIn(Schema):
    secret: str


class JoinIn(LinkIn):
    name: str = ""
    password: str = ""


class JoinedOut(Schema):
    person: str


class RecipientKeyIn(Schema):
    public_key: str


class RoleIn(Schema):
    role: Role


class DelegationIn(Schema):
    role: Role
    to: str
    until: datetime


class InterestIn(Schema):
    kind: InterestKind
    text: str


class DeclarationIn(Schema):
    organisation: str
    developer: str
    interests: list[InterestIn]


@organisations.get("", response=list[schema_of(OrganisationView)])  # type: ignore[misc]
def list_organisations(request: HttpRequest) -> Any:
    """All organisations of this instance."""
    return plain(parties.organisations(actor_of(request)))


@organisations.get("/{organisation}", response=schema_of(OrganisationView))
def show_organisation(request: HttpRequest, organisation: str) -> Any:
    """One organisation, with its public key."""
    return plain(parties.organisation(organisation))


@organisations.get("/{organisation}/people", response=list[schema_of(PersonView)])  # type: ignore[misc]
def list_people(request: HttpRequest, organisation: str) -> Any:
    """Its people; addresses are shown to colleagues only."""
    return plain(parties.people(actor_of(request), organisation))


@organisations.post("/{organisation}/people/{person}/roles", response=schema_of(PersonView))
def give_role(request: HttpRequest, organisation: str, person: str, body: RoleIn) -> Any:
    """Give a colleague a role (people manager)."""
    actor = actor_of(request)
    parties.give_role(by=actor, person=person, organisation=organisation, role=body.role, at=now())
    return plain(parties.person(actor, person))


@organisations.delete("/{organisation}/people/{person}/roles/{role}", response={204: None})
def end_role(request: HttpRequest, organisation: str, person: str, role: Role) -> Any:
    """End a role at once (people manager)."""
    parties.end_role(by=actor_of(request), person=person, organisation=organisation, role=role, at=now())
    return Status(204, None)


@organisations.delete("/{organisation}/people/{person}", response={204: None})
def remove_person(request: HttpRequest, organisation: str, person: str) -> Any:
    """Remove a person from the organisation at once (people manager), or leave it oneself."""
    parties.remove_person(by=actor_of(request), person=person, organisation=organisation, at=now())
    return Status(204, None)


@organisations.get("/{organisation}/invitations", response=list[schema_of(InvitationView)])  # type: ignore[misc]
def list_invitations(request: HttpRequest, organisation: str) -> Any:
    """The invitations into an organisation (people manager)."""
    return plain(parties.invitations(actor_of(request), organisation, now()))


@organisations.post("/{organisation}/invitations", response={201: schema_of(NewInvitation)})
@shown_once("id")
def invite(request: HttpRequest, organisation: str, body: InvitationIn) -> Any:
    """Invite a person (people manager). The link is in this answer and in the mail, and nowhere else."""
    made = parties.invite(
        by=actor_of(request),
        organisation=organisation,
        email=body.email,
        name=body.name,
        roles=body.roles,
        at=now(),
    )
    return Status(201, plain(made))


@organisations.get("/{organisation}/delegations", response=list[schema_of(DelegationView)])  # type: ignore[misc]
def list_delegations(request: HttpRequest, organisation: str) -> Any:
    """Who lends whom which role, to the organisation's own people."""
    return plain(parties.delegations(actor_of(request), organisation, now()))


@organisations.post("/{organisation}/delegations", response={201: schema_of(DelegationView)})
def delegate(request: HttpRequest, organisation: str, body: DelegationIn) -> Any:
    """Lend one of your roles to a colleague for at most 90 days."""
    made = parties.delegate(
        by=actor_of(request), organisation=organisation, role=body.role, to=body.to, until=aware(body.until), at=now()
    )
    return Status(201, plain(made))


@people.get("/me", response=schema_of(PersonView))
def me(request: HttpRequest) -> Any:
    """Yourself: your own roles, without those lent to you."""
    actor = actor_of(request)
    return plain(parties.person(actor, actor.person))


@people.post("/me/recipient-keys", response={201: schema_of(RecipientKeyView)})
def register_recipient_key(request: HttpRequest, body: RecipientKeyIn) -> Any:
    """Register the public key (PEM, P-384) that files are sealed for you with; the one before is retired."""
    made = parties.register_recipient_key(by=actor_of(request), pem=body.public_key, at=now())
    return Status(201, plain(made))


@people.post("/me/recipient-keys/{key}/retire", response=schema_of(RecipientKeyView))
def retire_recipient_key(request: HttpRequest, key: str) -> Any:
    """Nothing is sealed for this key of yours any more; what was, you still open."""
    return plain(parties.retire_recipient_key(by=actor_of(request), key=key, at=now()))


@people.get("/{person}/recipient-keys", response=list[schema_of(RecipientKeyView)])  # type: ignore[misc]
def list_recipient_keys(request: HttpRequest, person: str) -> Any:
    """The public keys that files are sealed for this person with, newest first; one is in force."""
    return plain(parties.recipient_keys(actor_of(request), person))


@people.get("/{person}", response=schema_of(PersonView))
def show_person(request: HttpRequest, person: str) -> Any:
    """One person; their address is shown to colleagues only."""
    return plain(parties.person(actor_of(request), person))


@invitations.post("/read", response=schema_of(Welcome), auth=None)
def read_invitation(request: HttpRequest, body: LinkIn) -> Any:
    """What an open invitation says, to whoever has the secret of its link."""
    return plain(parties.welcome(body.secret, now()))


@invitations.post("/accept", response=JoinedOut, auth=None)
def accept_invitation(request: HttpRequest, body: JoinIn) -> Any:
    """Join: new people choose a password, people who can sign in already do so first."""
    person = parties.accept_invitation(
        by=_whoever(request), secret=body.secret, name=body.name, password=body.password, at=now()
    )
    return {"person": person}


@invitations.post("/{invitation}/withdraw", response={204: None})
def withdraw_invitation(request: HttpRequest, invitation: str) -> Any:
    """Withdraw an invitation (people manager)."""
    parties.withdraw_invitation(by=actor_of(request), invitation=invitation, at=now())
    return Status(204, None)


@delegations.post("/{delegation}/end", response={204: None})
def end_delegation(request: HttpRequest, delegation: str) -> Any:
    """End a delegation now: whoever gave it, whoever has it, or the people manager."""
    parties.end_delegation(by=actor_of(request), delegation=delegation, at=now())
    return Status(204, None)


@declarations.get("", response=list[schema_of(DeclarationView)])  # type: ignore[misc]
def list_declarations(request: HttpRequest, developer: str) -> Any:
    """What evaluators declare about a developer: all of it to that developer, to others their own organisation's."""
    return plain(parties.declarations(actor_of(request), developer, now()))


@declarations.post("", response={201: schema_of(DeclarationView)})
def declare(request: HttpRequest, body: DeclarationIn) -> Any:
    """Declare your interests in a developer, or none. It informs that developer; nothing depends on it."""
    made = parties.declare(
        by=actor_of(request),
        organisation=body.organisation,
        developer=body.developer,
        interests=[Interest(interest.kind, interest.text) for interest in body.interests],
        at=now(),
    )
    return Status(201, plain(made))


@policies.get("", response=list[schema_of(Policy)], auth=None)  # type: ignore[misc]
def list_policies(request: HttpRequest, body: str | None = None) -> Any:
    """Every published policy, newest first. Policies are public."""
    return plain(parties.policies(body))


@policies.get("/schema", response={200: None}, auth=None)
def schema(request: HttpRequest) -> Any:
    """The JSON Schema (draft 2020-12) of a policy file."""
    return HttpResponse(parties.policy_schema(), content_type="application/schema+json")


@policies.post("/{body}", response={201: schema_of(Policy)})
def publish(request: HttpRequest, body: str) -> Any:
    """Publish a policy: the body is the policy file. Reviews in flight keep the version they were signed under."""
    made = parties.publish_policy_document(by=actor_of(request), body=body, document=request.body, at=now())
    return Status(201, plain(made))


@policies.get("/{body}/{version}", response=schema_of(Policy), auth=None)
def show_policy(request: HttpRequest, body: str, version: str) -> Any:
    """One policy with its digest and its signature."""
    return plain(parties.policy(body, version))


@policies.get("/{body}/{version}/document", response={200: None}, auth=None)
def document(request: HttpRequest, body: str, version: str) -> Any:
    """The policy file itself, as the canonical JSON that its digest is the digest of."""
    return HttpResponse(parties.policy_document(body, version), content_type="application/json")


def _whoever(request: HttpRequest) -> Actor:
    """The person who asks, or anyone: an invitation is for people who have no account yet, too."""
    known = request.user.is_authenticated or "Authorization" in request.headers
    return Asking()(request) if known else ANYONE
