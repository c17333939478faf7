"""A delegation lends a role for a time: never longer than ninety days, never more than its giver has just then.

1. It counts in [since, until) and until it is ended, whichever is earlier.
2. It counts only while the giver holds the role themselves; what was lent cannot be lent on.
3. It counts only while the receiver belongs to the organisation.
4. Signing, deciding and managing people are never lent: such a person is named, not stood in for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from seatrial.kernel.clock import iso
from seatrial.kernel.errors import Misuse, Refused
from seatrial.parties.types import Role

LONGEST = timedelta(days=90)

NEVER: Mapping[Role, str] = {
    Role.SIGNATORY: "whoever signs binds the organisation in their own name; name a second signatory instead",
    Role.AUTHORITY: "whoever determines answers for it in their own name; name a second authority instead",
    Role.STEWARD: "whoever manages people decides who acts for the organisation; name a second people manager instead",
    Role.COUNSEL: "it does nothing by itself that could be lent",
}


@dataclass(frozen=True, slots=True)
class Lent:
    """One delegation as the rules see it."""

    organisation: str
    role: Role
    since: datetime
    until: datetime
    ended_at: datetime | None = None


def in_force(
    lent: Lent,
    now: datetime,
    *,
    giver: frozenset[tuple[str, Role]],
    receiver: frozenset[str],
) -> bool:
    """Whether it counts ``now``: ``giver`` are the giver's own roles, ``receiver`` the receiver's organisations."""
    ends = lent.until if lent.ended_at is None else min(lent.until, lent.ended_at)
    held = (lent.organisation, lent.role) in giver and lent.organisation in receiver
    return held and lent.role not in NEVER and lent.since <= now < ends


def check(lent: Lent, *, giver: frozenset[tuple[str, Role]], receiver: frozenset[tuple[str, Role]]) -> None:
    """Raises ``Refused`` or ``Misuse`` unless the giver may lend this to the receiver from ``since`` on.

    ``giver`` and ``receiver`` are their own roles.
    """
    if lent.role in NEVER:
        raise Refused("never-delegated", f"The role {lent.role} is not delegated: {NEVER[lent.role]}.")
    if (lent.organisation, lent.role) not in giver:
        raise Refused(
            "not-yours-to-delegate",
            f"Only a role of one's own can be delegated; you do not hold {lent.role} in {lent.organisation} yourself.",
        )
    if lent.organisation not in {home for home, _ in receiver}:
        raise Refused(
            "no-colleague",
            f"A role is delegated to people of {lent.organisation} only; invite them first, as counsel for example.",
        )
    if (lent.organisation, lent.role) in receiver:
        raise Misuse("role-held", f"They hold the role {lent.role} in {lent.organisation} already.")
    if not lent.since < lent.until <= lent.since + LONGEST:
        raise Misuse(
            "delegation-term",
            f"A delegation ends after now and within {LONGEST.days} days, by {iso(lent.since + LONGEST)}; "
            f"not {iso(lent.until)}.",
        )
