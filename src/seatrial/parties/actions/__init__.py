"""Every write of parties: who exists, who joins, who may do what and for how long, what a body publishes, who signs."""

from .declaring import declare
from .delegating import delegate, end_delegation
from .joining import accept_invitation, invite, withdraw_invitation
from .people import (
    add_person,
    create_organisation,
    deactivate_person,
    end_role,
    give_role,
    issue_token,
    remove_person,
)
from .policies import publish_policy, publish_policy_document
from .recipients import register_recipient_key, retire_recipient_key
from .signing import sign, sign_envelope, verify

__all__ = [
    "accept_invitation",
    "add_person",
    "create_organisation",
    "deactivate_person",
    "declare",
    "delegate",
    "end_delegation",
    "end_role",
    "give_role",
    "invite",
    "issue_token",
    "publish_policy",
    "publish_policy_document",
    "register_recipient_key",
    "remove_person",
    "retire_recipient_key",
    "sign",
    "sign_envelope",
    "verify",
    "withdraw_invitation",
]
