"""Who takes part: organisations, people, roles, and the policy versions they agree on. Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import Forbidden
from seatrial.kernel.labels import Level, Reader


class OrganisationKind(enum.StrEnum):
    DEVELOPER = "developer"
    BODY = "body"  # conducts reviews
    CLEARINGHOUSE = "clearinghouse"
    PARTNER = "partner"
    OVERSIGHT = "oversight"


class Role(enum.StrEnum):
    """What a person may do for an organisation."""

    GOVERNANCE = "governance"  # developer: plans, offers, closes
    SECURITY = "security"  # developer: sees every use, withdraws
    SIGNATORY = "signatory"  # signs for the organisation: consents, determinations
    INTAKE = "intake"  # body: acknowledges, asks, routes
    EVALUATOR = "evaluator"  # body: calls the model, runs campaigns
    AUTHORITY = "authority"  # body: decides and records reasons
    ANALYST = "analyst"  # clearinghouse
    INSPECTOR = "inspector"  # oversight: reads, changes nothing
    OPERATOR = "operator"  # runs the instance


@dataclass(frozen=True, slots=True)
class Actor(Reader):
    """A person who asks or acts. Every query and every action takes one."""

    name: str = ""
    roles: frozenset[tuple[str, Role]] = field(default_factory=frozenset)

    def has(self, role: Role, organisation: str) -> bool:
        """True if this person holds ``role`` in ``organisation``."""
        return (organisation, role) in self.roles

    def require(self, organisation: str, *roles: Role, to: str) -> None:
        """Raises ``Forbidden`` (``role-missing``) unless one of ``roles`` is held; ``to`` ends "may not …"."""
        if not any(self.has(role, organisation) for role in roles):
            needed = " or ".join(role.value for role in roles)
            raise Forbidden(
                "role-missing", f"{self.name or 'You'} may not {to}: that takes the role {needed} in {organisation}."
            )


ANYONE = Actor()  # the public: no name, no organisation


@dataclass(frozen=True, slots=True)
class Addressee:
    """An active person and the address they are written to; never shown, never handed to another person."""

    actor: Actor
    email: str


@dataclass(frozen=True, slots=True)
class OrganisationView:
    id: str
    name: str
    kind: OrganisationKind
    public_key: str  # hex of the raw Ed25519 key


@dataclass(frozen=True, slots=True)
class PersonView:
    id: str
    name: str
    email: str
    level: Level
    compartments: frozenset[str]
    roles: frozenset[tuple[str, Role]]


@dataclass(frozen=True, slots=True)
class Signature:
    """An organisation's Ed25519 signature over a statement, given by one of its signatories."""

    organisation: str
    person: str
    at: datetime
    statement: Digest
    public_key: str  # hex
    value: str  # hex


class Binds(enum.StrEnum):
    """Whom a term of a policy obliges."""

    BODY = "body"
    DEVELOPER = "developer"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Term:
    """One numbered term of a policy."""

    id: str
    text: str
    binds: Binds


@dataclass(frozen=True, slots=True)
class Purpose:
    """What access may be used for; a consent names the ``id``."""

    id: str
    description: str


@dataclass(frozen=True, slots=True)
class Policy:
    """The terms a review runs under, frozen when the developer signs (V17).

    ``max_window`` binds the body, never the developer. ``digest`` pins the whole document;
    ``signature`` is the body's over it, ``None`` for a version from before policies were signed.
    """

    body: str
    version: str
    max_window: timedelta
    purposes: frozenset[str]
    terms: str  # prose both sides read: the numbered terms, a line each
    published_at: datetime
    digest: Digest
    valid_from: datetime
    numbered: tuple[Term, ...] = ()
    described: tuple[Purpose, ...] = ()
    oversight: frozenset[str] = frozenset()  # organisations that may inspect reviews under this policy
    criteria: tuple[str, ...] = ()  # what a trusted partner should meet, one sentence each
    destruction: timedelta = timedelta(days=30)  # from the end of access until what was handed over is destroyed
    signature: Signature | None = None
