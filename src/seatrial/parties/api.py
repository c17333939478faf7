"""The door to parties: organisations, people, roles, invitations, delegations, declarations, policies, signatures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from . import actions
from .actions import (
    accept_invitation,
    add_person,
    deactivate_person,
    declare,
    delegate,
    end_delegation,
    end_role,
    give_role,
    issue_token,
    register_recipient_key,
    remove_person,
    retire_recipient_key,
    verify,
    withdraw_invitation,
)
from .adapters.django_letters import DjangoLetters
from .adapters.file_keyring import FileKeyring
from .core import policyfile
from .core.delegation import LONGEST as LONGEST_DELEGATION
from .core.delegation import NEVER as NEVER_DELEGATED
from .core.invitation import letter
from .core.policyfile import parse as check_policy_document
from .core.policyfile import schema_text as policy_schema
from .core.rules import INSTANCE, ROLES, THIRTY_DAYS
from .core.signatures import holds as signature_holds
from .queries import (
    actor,
    actor_by_email,
    actor_by_token,
    actors,
    addressees,
    current_policy,
    declaration_of,
    declarations,
    declared_by,
    delegations,
    invitations,
    names,
    operator,
    organisation,
    organisations,
    people,
    person,
    policies,
    policies_naming,
    policy,
    policy_digest_of,
    policy_document,
    policy_key,
    recipient_holders,
    recipient_keys,
    recipients,
    recipients_in_force,
    welcome,
)
from .types import Actor, NewInvitation, OrganisationKind, OrganisationView, Policy, Role, Signature

__all__ = [
    "INSTANCE",
    "LONGEST_DELEGATION",
    "NEVER_DELEGATED",
    "ROLES",
    "THIRTY_DAYS",
    "accept_invitation",
    "actor",
    "actor_by_email",
    "actor_by_token",
    "actors",
    "add_person",
    "addressees",
    "check_policy_document",
    "create_organisation",
    "current_policy",
    "deactivate_person",
    "declaration_of",
    "declarations",
    "declare",
    "declared_by",
    "delegate",
    "delegations",
    "end_delegation",
    "end_role",
    "give_role",
    "invitations",
    "invite",
    "issue_token",
    "names",
    "operator",
    "organisation",
    "organisations",
    "people",
    "person",
    "policies",
    "policies_naming",
    "policy",
    "policy_digest_of",
    "policy_document",
    "policy_key",
    "policy_schema",
    "policy_signature_holds",
    "policy_statement",
    "publish_policy",
    "publish_policy_document",
    "recipient_holders",
    "recipient_keys",
    "recipients",
    "recipients_in_force",
    "register_recipient_key",
    "remove_person",
    "retire_recipient_key",
    "sign",
    "sign_envelope",
    "signature_holds",
    "verify",
    "welcome",
    "withdraw_invitation",
]


def create_organisation(
    *, by: Actor, name: str, kind: OrganisationKind, at: datetime, id: str | None = None
) -> OrganisationView:
    """See ``actions.create_organisation``; the key is kept in this instance's key folder."""
    return actions.create_organisation(by=by, name=name, kind=kind, at=at, id=id, keyring=_keyring())


def invite(
    *, by: Actor, organisation: str, email: str, name: str, roles: Iterable[Role], at: datetime
) -> NewInvitation:
    """See ``actions.invite``; the link is mailed too, once the invitation stands, if this instance can send mail."""
    made, secret = actions.invite(by=by, organisation=organisation, email=email, name=name, roles=roles, at=at)
    link = f"{settings.SEATRIAL.portal_url}/join/{secret}/"
    subject, text = letter(made, names().get(organisation, organisation), by.name, link)
    transaction.on_commit(lambda: DjangoLetters().send(to=made.email, subject=subject, text=text), robust=True)
    return NewInvitation(made.id, secret, link, made)


def publish_policy(
    *,
    by: Actor,
    body: str,
    version: str,
    max_window: timedelta,
    purposes: frozenset[str],
    terms: str,
    at: datetime,
    oversight: frozenset[str] = frozenset(),
    criteria: tuple[str, ...] = (),
    destruction: timedelta = timedelta(days=30),
) -> Policy:
    """See ``actions.publish_policy``."""
    return actions.publish_policy(
        by=by,
        body=body,
        version=version,
        max_window=max_window,
        purposes=purposes,
        terms=terms,
        at=at,
        keyring=_keyring(),
        oversight=oversight,
        criteria=criteria,
        destruction=destruction,
    )


def publish_policy_document(*, by: Actor, body: str, document: bytes, at: datetime) -> Policy:
    """See ``actions.publish_policy_document``."""
    return actions.publish_policy_document(by=by, body=body, document=document, at=at, keyring=_keyring())


def policy_signature_holds(policy: Policy) -> bool:
    """True if the body's signature covers exactly this policy; false if it was never signed."""
    return policy.signature is not None and verify(policy.signature, policy_statement(policy))


def policy_statement(policy: Policy) -> Mapping[str, Any]:
    """What the body's signature of a policy covers."""
    return policyfile.statement(policy.body, policy.version, policy.digest)


def sign(*, by: Actor, organisation: str, statement: Mapping[str, Any], at: datetime) -> Signature:
    """See ``actions.sign``."""
    return actions.sign(by=by, organisation=organisation, statement=statement, at=at, keyring=_keyring())


def sign_envelope(*, by: Actor, organisation: str, payload: bytes, payload_type: str) -> dict[str, Any]:
    """See ``actions.sign_envelope``."""
    return actions.sign_envelope(
        by=by, organisation=organisation, payload=payload, payload_type=payload_type, keyring=_keyring()
    )


def _keyring() -> FileKeyring:
    return FileKeyring(settings.SEATRIAL.keys / "organisations")
