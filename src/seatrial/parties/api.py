"""The door to parties: organisations, people, roles, policies, signatures, tokens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings

from . import actions
from .actions import add_person, give_role, issue_token, publish_policy, verify
from .adapters.file_keyring import FileKeyring
from .core.rules import INSTANCE, THIRTY_DAYS
from .queries import (
    actor,
    actor_by_email,
    actor_by_token,
    current_policy,
    names,
    operator,
    organisation,
    organisations,
    people,
    person,
    policy,
    policy_key,
)
from .types import Actor, OrganisationKind, OrganisationView, Signature

__all__ = [
    "INSTANCE",
    "THIRTY_DAYS",
    "actor",
    "actor_by_email",
    "actor_by_token",
    "add_person",
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
    "policy",
    "policy_key",
    "publish_policy",
    "sign",
    "verify",
]


def create_organisation(
    *, by: Actor, name: str, kind: OrganisationKind, at: datetime, id: str | None = None
) -> OrganisationView:
    """See ``actions.create_organisation``; the key is kept in this instance's key folder."""
    return actions.create_organisation(by=by, name=name, kind=kind, at=at, id=id, keyring=_keyring())


def sign(*, by: Actor, organisation: str, statement: Mapping[str, Any], at: datetime) -> Signature:
    """See ``actions.sign``."""
    return actions.sign(by=by, organisation=organisation, statement=statement, at=at, keyring=_keyring())


def _keyring() -> FileKeyring:
    return FileKeyring(settings.SEATRIAL.keys / "organisations")
