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
    VENDOR = "vendor"  # makes or maintains software
    OPERATOR = "operator"  # runs systems that others depend on


class Role(enum.StrEnum):
    """What a person may do for an organisation."""

    GOVERNANCE = "governance"  # developer: plans, offers, closes
    SECURITY = "security"  # developer: sees every use, withdraws
    SIGNATORY = "signatory"  # signs for the organisation: consents, determinations
    INTAKE = "intake"  # body: acknowledges, asks, routes
    EVALUATOR = "evaluator"  # body: calls the model, runs campaigns
    AUTHORITY = "authority"  # body: decides and records reasons
    ANALYST = "analyst"  # clearinghouse
    MAINTAINER = "maintainer"  # vendor: hears of vulnerabilities in its software, and answers
    DEFENDER = "defender"  # operator: keeps inventories, and says what became of its systems
    INSPECTOR = "inspector"  # oversight: reads, changes nothing
    COUNSEL = "counsel"  # advises; does only what a colleague delegates
    STEWARD = "steward"  # people manager: invites, gives and ends roles in their own organisation
    OPERATOR = "operator"  # runs the instance


@dataclass(frozen=True, slots=True)
class Actor(Reader):
    """A person who asks or acts. Every query and every action takes one.

    ``roles`` are all that count now; those of them that a colleague delegated also stand in ``delegated``.
    """

    name: str = ""
    roles: frozenset[tuple[str, Role]] = field(default_factory=frozenset)
    delegated: frozenset[tuple[str, Role]] = field(default_factory=frozenset)

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
class RecipientKeyView:
    """A person's public key (P-384, PEM) that files are sealed for; ``id`` is the digest of its DER encoding.

    One of a person is in force; the others were retired and are named by what was sealed for them before.
    """

    id: Digest
    person: str
    pem: str
    registered_at: datetime
    retired_at: datetime | None


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


class InvitationState(enum.StrEnum):
    INVITED = "invited"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class InvitationView:
    """An invitation as those who may manage people see it. The link's secret is not in it: it is shown once."""

    id: str
    organisation: str
    email: str
    name: str
    roles: frozenset[Role]
    invited_by: str
    invited_at: datetime
    expires_at: datetime
    state: InvitationState


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """``secret`` ends the link; this is the only time either can be read. ``id`` is the invitation's."""

    id: str
    secret: str
    link: str
    invitation: InvitationView


@dataclass(frozen=True, slots=True)
class Welcome:
    """What the holder of an open invitation's link reads. ``known`` is true if they can sign in already."""

    organisation: str
    organisation_name: str
    email: str
    name: str
    roles: frozenset[Role]
    expires_at: datetime
    known: bool


@dataclass(frozen=True, slots=True)
class DelegationView:
    """``delegator``'s role, for ``delegate`` too, in [since, until). ``in_force`` is judged at the moment asked for."""

    id: str
    organisation: str
    role: Role
    delegator: str
    delegate: str
    since: datetime
    until: datetime
    ended_at: datetime | None
    in_force: bool


class InterestKind(enum.StrEnum):
    """What ties a person to a developer."""

    EMPLOYMENT = "employment"
    EQUITY = "equity"
    FAMILY = "family"
    RESEARCH_FUNDING = "research-funding"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Interest:
    """One interest in a developer, in the declaring person's own words."""

    kind: InterestKind
    text: str


@dataclass(frozen=True, slots=True)
class DeclarationView:
    """What a person of a body or a partner declares about one developer; no interests means "none".

    It informs that developer. Nothing else reads it (V2).
    """

    id: str
    person: str
    person_name: str
    organisation: str
    developer: str
    interests: tuple[Interest, ...]
    declared_at: datetime
    valid_until: datetime
