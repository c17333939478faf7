"""Every read of parties.

``actor…`` answer for the house itself (who is at the door); the others take who asks. An address or a
clearance is shown to colleagues only; names and roles to every known person.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import QuerySet

from seatrial.kernel.clock import parse_time
from seatrial.kernel.digests import Digest, digest
from seatrial.kernel.errors import Misuse, NotFound
from seatrial.kernel.labels import Level

from .core.policyfile import FORMAT, purposes_of, terms_of
from .core.rules import INSTANCE
from .models import Organisation, Person, PolicyVersion, Token
from .types import (
    Actor,
    Addressee,
    Binds,
    OrganisationKind,
    OrganisationView,
    PersonView,
    Policy,
    Purpose,
    Role,
    Signature,
    Term,
)


def operator() -> Actor:
    """Whoever runs the instance's own command line: may set up parties, belongs to none of them."""
    return Actor(
        person="operator",
        organisations=frozenset({INSTANCE}),
        level=Level.CONTROLLED,
        name="Instance operator",
        roles=frozenset({(INSTANCE, Role.OPERATOR)}),
    )


def actor(person: str) -> Actor:
    """The active person of that id. Raises ``NotFound`` (``no-such-person``)."""
    return _actor(_people().filter(id=person).first(), person)


def addressees(people: Iterable[str] | None = None) -> tuple[Addressee, ...]:
    """The active people (or those of them named), by id, for those who write to them. Two queries, however many."""
    rows = _people().order_by("id")
    if people is not None:
        rows = rows.filter(id__in=list(people))
    return tuple(Addressee(_actor(row, row.id), row.email) for row in rows)


def actor_by_email(email: str) -> Actor:
    """The active person who signs in with ``email``. Raises ``NotFound`` (``no-such-person``)."""
    return _actor(_people().filter(email__iexact=email).first(), email)


def actor_by_token(secret: str) -> Actor:
    """Whose personal API token this is. Raises ``Misuse`` (``unknown-token``)."""
    row = Token.objects.filter(digest=digest(secret.encode()), revoked_at=None, person__is_active=True).first()
    if row is None:
        raise Misuse(
            "unknown-token", "This API token is not known or was revoked; make a new one with 'seatrial token'."
        )
    return actor(row.person_id)


def organisation(organisation_id: str) -> OrganisationView:
    """Raises ``NotFound`` (``no-such-organisation``)."""
    row = Organisation.objects.filter(id=organisation_id).first()
    if row is None:
        raise NotFound(
            "no-such-organisation",
            f"There is no organisation {organisation_id!r}; list them with 'seatrial party list'.",
        )
    return _organisation(row)


def organisations(asking: Actor, kind: OrganisationKind | None = None) -> tuple[OrganisationView, ...]:
    """All organisations, by name; nothing to a stranger."""
    if not asking.person:
        return ()
    rows = Organisation.objects.order_by("name")
    return tuple(_organisation(row) for row in (rows.filter(kind=kind) if kind else rows))


def people(asking: Actor, organisation_id: str) -> tuple[PersonView, ...]:
    """The active people of an organisation, by name; nothing to a stranger."""
    if not asking.person:
        return ()
    rows = _people().filter(memberships__organisation_id=organisation_id).distinct().order_by("name")
    return tuple(_person(row, asking) for row in rows)


def person(asking: Actor, person_id: str) -> PersonView:
    """Raises ``NotFound`` (``no-such-person``)."""
    row = _people().filter(id=person_id).first() if asking.person else None
    if row is None:
        raise NotFound("no-such-person", f"There is no active person {person_id!r}.")
    return _person(row, asking)


def names() -> dict[str, str]:
    """Id to name of every person and organisation, for showing a history in words."""
    found: dict[str, str] = {INSTANCE: "Instance", "operator": "Instance operator"}
    found.update(Organisation.objects.values_list("id", "name"))
    found.update(Person.objects.values_list("id", "name"))
    return found


def current_policy(body: str, at: datetime | None = None) -> Policy:
    """The body's latest policy that is in force ``at`` that moment; without one, the latest published.

    Raises ``NotFound`` (``no-policy``).
    """
    rows = PolicyVersion.objects.filter(body_id=body)
    if at is not None:
        rows = rows.filter(valid_from__lte=at)
    row = rows.order_by("-published_at", "-id").first()
    if row is None:
        raise NotFound("no-policy", f"{body} has no policy in force; its authority publishes one first.")
    return _policy(row)


def policies(body: str | None = None) -> tuple[Policy, ...]:
    """Every published policy, of all bodies or of one, newest first. A policy is public."""
    rows = PolicyVersion.objects.order_by("-published_at", "-id")
    return tuple(_policy(row) for row in (rows.filter(body_id=body) if body else rows))


def policy_document(body: str, version: str) -> str:
    """The canonical JSON that the policy's digest is the digest of. Raises ``NotFound`` (``no-policy``)."""
    return _policy_row(body, version).document


def policy_digest_of(body: str, version: str) -> Digest:
    """What pins that policy version. Raises ``NotFound`` (``no-policy``)."""
    return Digest(_policy_row(body, version).digest)


def policy(body: str, version: str) -> Policy:
    """Raises ``NotFound`` (``no-policy``)."""
    return _policy(_policy_row(body, version))


def policy_key(body: str, version: str) -> int:
    """The row that a foreign key to this policy version holds. Raises ``NotFound`` (``no-policy``)."""
    return int(_policy_row(body, version).pk)


def _policy_row(body: str, version: str) -> PolicyVersion:
    row = PolicyVersion.objects.filter(body_id=body, version=version).first()
    if row is None:
        raise NotFound("no-policy", f"{body} has published no policy of version {version!r}.")
    return row


def _people() -> QuerySet[Person]:
    return Person.objects.filter(is_active=True).prefetch_related("memberships")


def _actor(row: Person | None, asked: str) -> Actor:
    if row is None:
        raise NotFound("no-such-person", f"There is no active person {asked!r}.")
    roles = frozenset((membership.organisation_id, Role(membership.role)) for membership in row.memberships.all())
    return Actor(
        person=row.id,
        organisations=frozenset(organisation_id for organisation_id, _ in roles),
        level=Level(row.level),
        compartments=frozenset(row.compartments),
        name=row.name,
        roles=roles,
    )


def _person(row: Person, asking: Actor) -> PersonView:
    roles = frozenset((membership.organisation_id, Role(membership.role)) for membership in row.memberships.all())
    colleague = row.id == asking.person or bool({home for home, _ in roles} & asking.organisations)
    return PersonView(
        id=row.id,
        name=row.name,
        email=row.email if colleague else "",
        level=Level(row.level) if colleague else Level.OPEN,
        compartments=frozenset(row.compartments) if colleague else frozenset(),
        roles=roles,
    )


def _organisation(row: Organisation) -> OrganisationView:
    return OrganisationView(row.id, row.name, OrganisationKind(row.kind), row.public_key)


def _policy(row: PolicyVersion) -> Policy:
    document = json.loads(row.document)
    whole = document.get("format") == FORMAT  # a version from before the format says less
    return Policy(
        body=row.body_id,
        version=row.version,
        max_window=timedelta(seconds=row.max_window_seconds),
        purposes=frozenset(row.purposes),
        terms=row.terms,
        published_at=row.published_at,
        digest=Digest(row.digest),
        valid_from=row.valid_from,
        numbered=terms_of(document) if whole else (Term("1", row.terms, Binds.BOTH),),
        described=purposes_of(document) if whole else tuple(Purpose(key, key) for key in row.purposes),
        oversight=frozenset(document.get("oversight", ())),
        criteria=tuple(document.get("partner_criteria", ())),
        destruction=timedelta(days=document.get("destruction_days", 30)),
        signature=None if row.signature is None else _signature(row.signature),
    )


def _signature(kept: dict[str, str]) -> Signature:
    return Signature(**{**kept, "at": parse_time(kept["at"]), "statement": Digest(kept["statement"])})  # type: ignore[arg-type]
