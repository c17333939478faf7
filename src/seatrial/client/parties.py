"""Organisations and their people: joining, roles, delegations, declarations, and the policies bodies publish."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from seatrial.parties.types import (
    DeclarationView,
    DelegationView,
    InvitationView,
    NewInvitation,
    OrganisationView,
    PersonView,
    Policy,
    RecipientKeyView,
    Role,
)

from .calling import Caller, at


@dataclass(frozen=True, slots=True)
class Parties:
    """A people manager manages their own organisation's people; everybody sees names and roles."""

    _caller: Caller

    def me(self) -> PersonView:
        """Whose token this is."""
        return self._caller.get(PersonView, "/people/me")

    def person(self, person: str) -> PersonView:
        """One person; their address is shown to colleagues only."""
        return self._caller.get(PersonView, at("people", person))

    def recipient_keys(self, person: str) -> tuple[RecipientKeyView, ...]:
        """The public keys that files are sealed for a person with, newest first; one is in force."""
        return self._caller.get_all(RecipientKeyView, at("people", person, "recipient-keys"))

    def register_recipient_key(self, public_key: str) -> RecipientKeyView:
        """Register your public key (PEM, P-384); the one before is retired. The private half stays with you."""
        return self._caller.change(RecipientKeyView, "POST", "/people/me/recipient-keys", {"public_key": public_key})

    def retire_recipient_key(self, key: str) -> RecipientKeyView:
        """Nothing is sealed for this key of yours any more; what was, you still open."""
        return self._caller.change(RecipientKeyView, "POST", at("people", "me", "recipient-keys", key, "retire"))

    def organisations(self) -> tuple[OrganisationView, ...]:
        """All organisations of the instance."""
        return self._caller.get_all(OrganisationView, "/organisations")

    def people(self, organisation: str) -> tuple[PersonView, ...]:
        """An organisation's people."""
        return self._caller.get_all(PersonView, at("organisations", organisation, "people"))

    def give_role(self, organisation: str, person: str, role: Role) -> PersonView:
        """Give a colleague a role (people manager)."""
        path = at("organisations", organisation, "people", person, "roles")
        return self._caller.change(PersonView, "POST", path, {"role": role})

    def end_role(self, organisation: str, person: str, role: Role) -> None:
        """End a role at once (people manager)."""
        self._caller.change_silently("DELETE", at("organisations", organisation, "people", person, "roles", role))

    def remove(self, organisation: str, person: str) -> None:
        """Remove a person from the organisation at once (people manager), or leave it yourself."""
        self._caller.change_silently("DELETE", at("organisations", organisation, "people", person))

    def invite(self, organisation: str, *, email: str, name: str, roles: Collection[Role]) -> NewInvitation:
        """Invite a person (people manager). The link is shown this once, and mailed if the instance sends mail."""
        said = {"email": email, "name": name, "roles": list(roles)}
        return self._caller.change(NewInvitation, "POST", at("organisations", organisation, "invitations"), said)

    def invitations(self, organisation: str) -> tuple[InvitationView, ...]:
        """The invitations into an organisation (people manager)."""
        return self._caller.get_all(InvitationView, at("organisations", organisation, "invitations"))

    def withdraw_invitation(self, invitation: str) -> None:
        """Withdraw an invitation; its link opens nothing from now on."""
        self._caller.change_silently("POST", at("invitations", invitation, "withdraw"))

    def delegate(self, organisation: str, *, role: Role, to: str, until: datetime) -> DelegationView:
        """Lend one of your roles to a colleague for at most 90 days."""
        said = {"role": role, "to": to, "until": until}
        return self._caller.change(DelegationView, "POST", at("organisations", organisation, "delegations"), said)

    def delegations(self, organisation: str) -> tuple[DelegationView, ...]:
        """Who lends whom which role."""
        return self._caller.get_all(DelegationView, at("organisations", organisation, "delegations"))

    def end_delegation(self, delegation: str) -> None:
        """End a delegation now."""
        self._caller.change_silently("POST", at("delegations", delegation, "end"))

    def declarations(self, developer: str) -> tuple[DeclarationView, ...]:
        """What evaluators declare about their interests in a developer."""
        return self._caller.get_all(DeclarationView, "/declarations", developer=developer)

    def policies(self, body: str | None = None) -> tuple[Policy, ...]:
        """Every published policy, newest first."""
        return self._caller.get_all(Policy, "/policies", body=body)

    def policy(self, body: str, version: str) -> Policy:
        """One policy with its digest and its signature."""
        return self._caller.get(Policy, at("policies", body, version))

    def policy_document(self, body: str, version: str) -> bytes:
        """The policy file itself: the canonical JSON that its digest is the digest of."""
        return self._caller.get_bytes(at("policies", body, version, "document"))
