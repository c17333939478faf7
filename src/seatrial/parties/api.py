"""The door to parties: organisations, people, roles, policies, signatures, tokens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from . import actions
from .actions import add_person, give_role, issue_token, verify
from .adapters.file_keyring import FileKeyring
from .core import policyfile
from .core.policyfile import schema_text as policy_schema
from .core.rules import INSTANCE, THIRTY_DAYS
from .queries import (
    actor,
    actor_by_email,
    actor_by_token,
    addressees,
    current_policy,
    names,
    operator,
    organisation,
    organisations,
    people,
    person,
    policies,
    policy,
    policy_digest_of,
    policy_document,
    policy_key,
)
from .types import Actor, OrganisationKind, OrganisationView, Policy, Signature

__all__ = [
    "INSTANCE",
    "THIRTY_DAYS",
    "actor",
    "actor_by_email",
    "actor_by_token",
    "add_person",
    "addressees",
    "create_organisation",
    "current_policy",
    "give_role",
    "issue_token",
    "names",
    "operator",
    "organisation",
    "organisations",
    "people",
    "person",
    "policies",
    "policy",
    "policy_digest_of",
    "policy_document",
    "policy_key",
    "policy_schema",
    "policy_signature_holds",
    "publish_policy",
    "publish_policy_document",
    "sign",
    "verify",
]


def create_organisation(
    *, by: Actor, name: str, kind: OrganisationKind, at: datetime, id: str | None = None
) -> OrganisationView:
    """See ``actions.create_organisation``; the key is kept in this instance's key folder."""
    return actions.create_organisation(by=by, name=name, kind=kind, at=at, id=id, keyring=_keyring())


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
    statement = policyfile.statement(policy.body, policy.version, policy.digest)
    return policy.signature is not None and verify(policy.signature, statement)


def sign(*, by: Actor, organisation: str, statement: Mapping[str, Any], at: datetime) -> Signature:
    """See ``actions.sign``."""
    return actions.sign(by=by, organisation=organisation, statement=statement, at=at, keyring=_keyring())


def _keyring() -> FileKeyring:
    return FileKeyring(settings.SEATRIAL.keys / "organisations")
