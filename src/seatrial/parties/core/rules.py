"""Which role fits which organisation, what a policy may say, and what exactly is signed.

The hard limit of thirty days is the order's (EO 14409, section on voluntary access), not a policy's: a
body may publish a shorter window, never a longer one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from seatrial.kernel.canonical import canonical
from seatrial.kernel.digests import digest_of
from seatrial.kernel.errors import Misuse
from seatrial.parties.types import OrganisationKind, Role

THIRTY_DAYS = timedelta(days=30)

INSTANCE = "instance"  # the organisation id of the instance's own operators

ROLES: Mapping[OrganisationKind, frozenset[Role]] = {
    OrganisationKind.DEVELOPER: frozenset({Role.GOVERNANCE, Role.SECURITY, Role.SIGNATORY, Role.COUNSEL, Role.STEWARD}),
    OrganisationKind.BODY: frozenset(
        {Role.INTAKE, Role.EVALUATOR, Role.AUTHORITY, Role.SIGNATORY, Role.COUNSEL, Role.STEWARD}
    ),
    OrganisationKind.CLEARINGHOUSE: frozenset({Role.ANALYST, Role.SIGNATORY, Role.STEWARD}),
    OrganisationKind.PARTNER: frozenset({Role.EVALUATOR, Role.SIGNATORY, Role.COUNSEL, Role.STEWARD}),
    OrganisationKind.OVERSIGHT: frozenset({Role.INSPECTOR, Role.STEWARD}),
    OrganisationKind.VENDOR: frozenset({Role.MAINTAINER, Role.SIGNATORY, Role.STEWARD}),
    OrganisationKind.OPERATOR: frozenset({Role.DEFENDER, Role.SIGNATORY, Role.STEWARD}),
}


def check_role(kind: OrganisationKind, role: Role) -> None:
    """Raises ``Misuse`` (``role-does-not-fit``) if an organisation of ``kind`` has no such role."""
    if role not in ROLES[kind]:
        fitting = ", ".join(sorted(ROLES[kind]))
        raise Misuse("role-does-not-fit", f"A {kind} has no role {role}; it has {fitting}.")


def check_policy(max_window: timedelta, purposes: frozenset[str], terms: str) -> None:
    """Raises ``Misuse`` unless the window is at most thirty days and purposes and terms are said."""
    if not timedelta() < max_window <= THIRTY_DAYS:
        days = max_window.total_seconds() / 86400
        raise Misuse("policy-window", f"A policy's longest window is more than 0 and at most 30 days, not {days:g}.")
    if not purposes or not terms.strip():
        raise Misuse("policy-incomplete", "A policy must name at least one purpose and state its terms.")


def signed_bytes(organisation: str, person: str, at: datetime, statement: Mapping[str, Any]) -> bytes:
    """The bytes an organisation signs: a context line, who, when, and the statement's digest."""
    return b"seatrial/signature/v1\n" + canonical(
        {"organisation": organisation, "person": person, "at": at, "statement": digest_of(dict(statement))}
    )
