"""An invitation: open for fourteen days, ended once, by being accepted or withdrawn or by time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from seatrial.kernel.errors import Misuse
from seatrial.kernel.lifecycle import Machine, Transition
from seatrial.parties.core.rules import check_role
from seatrial.parties.types import InvitationState, InvitationView, OrganisationKind, Role

OPEN_FOR = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Invitation:
    """When an invitation ends, and how it ended if it did."""

    expires_at: datetime
    accepted_at: datetime | None = None
    withdrawn_at: datetime | None = None


def state(invitation: Invitation, now: datetime) -> InvitationState:
    """Where it stands; time alone makes one expire."""
    if invitation.accepted_at is not None:
        return InvitationState.ACCEPTED
    if invitation.withdrawn_at is not None:
        return InvitationState.WITHDRAWN
    return InvitationState.INVITED if now < invitation.expires_at else InvitationState.EXPIRED


def accepted(invitation: Invitation, _details: object, now: datetime) -> Invitation:
    return replace(invitation, accepted_at=now)


def withdrawn(invitation: Invitation, _details: object, now: datetime) -> Invitation:
    return replace(invitation, withdrawn_at=now)


_OPEN = frozenset({InvitationState.INVITED.value})

MACHINE: Machine[Invitation] = Machine.of(
    state,
    (
        Transition("accept", "invited", _OPEN, "invitation.accepted", effects=(accepted,)),
        Transition("withdraw", "steward", _OPEN, "invitation.withdrawn", effects=(withdrawn,)),
    ),
)


def check_roles(kind: OrganisationKind, roles: Iterable[Role]) -> None:
    """Raises ``Misuse`` (``invitation-roles``, ``role-does-not-fit``) unless some roles are named and all fit."""
    named = set(roles)
    if not named:
        raise Misuse("invitation-roles", "An invitation names at least one role; without one there is nothing to join.")
    for role in sorted(named):
        check_role(kind, role)


def letter(invitation: InvitationView, organisation: str, inviter: str, link: str) -> tuple[str, str]:
    """Subject and text of the mail that carries the link."""
    until = f"{invitation.expires_at.day} {invitation.expires_at:%B %Y, %H:%M} UTC"
    text = (
        f"Dear {invitation.name},\n\n"
        f"{inviter} invites you to act for {organisation} in Seatrial, as {', '.join(sorted(invitation.roles))}.\n\n"
        f"Open this link to join; it works once, until {until}:\n\n{link}\n\n"
        "If you did not expect this, do nothing: without the link nobody joins.\n"
    )
    return f"An invitation to {organisation}", text
