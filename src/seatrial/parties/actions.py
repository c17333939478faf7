"""Every write of parties: who exists, who may do what, which terms a body publishes, who signs."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from seatrial.kernel.canonical import canonical, plain
from seatrial.kernel.digests import digest, digest_of
from seatrial.kernel.errors import Conflict, Misuse
from seatrial.kernel.labels import OPEN, Label, Level, Tlp
from seatrial.ledger import api as ledger

from .core import policyfile
from .core.rules import INSTANCE, check_policy, check_role, signed_bytes
from .models import Membership, Organisation, Person, PolicyVersion, Token
from .ports import Keyring
from .queries import organisation as organisation_view
from .queries import person as person_view
from .queries import policy as policy_view
from .types import Actor, Binds, OrganisationKind, OrganisationView, PersonView, Policy, Role, Signature, Term

COMMUNITY = Label(tlp=Tlp.GREEN)  # every known person may read it


@transaction.atomic
def create_organisation(
    *, by: Actor, name: str, kind: OrganisationKind, at: datetime, keyring: Keyring, id: str | None = None
) -> OrganisationView:
    """A new organisation with its signing key. Raises ``Conflict`` (``organisation-exists``)."""
    by.require(INSTANCE, Role.OPERATOR, to="create an organisation")
    if Organisation.objects.filter(name=name).exists() or Organisation.objects.filter(id=id).exists():
        raise Conflict("organisation-exists", f"There is an organisation {id or name!r} already; choose another name.")
    row = Organisation(name=name, kind=kind, created_at=at)
    if id is not None:
        row.id = id
    row.public_key = keyring.create(row.id)
    row.save(force_insert=True)
    _record("organisation.created", by, at, COMMUNITY, organisation=row.id, name=name, public_key=row.public_key)
    return organisation_view(row.id)


@transaction.atomic
def add_person(
    *,
    by: Actor,
    name: str,
    email: str,
    password: str,
    at: datetime,
    level: Level = Level.CONTROLLED,
    compartments: frozenset[str] = frozenset(),
    id: str | None = None,
) -> PersonView:
    """A new person who can sign in. Raises ``Conflict`` (``person-exists``) or ``Misuse`` (``weak-password``)."""
    by.require(INSTANCE, Role.OPERATOR, to="add a person")
    if Person.objects.filter(email__iexact=email).exists():
        raise Conflict("person-exists", f"Somebody signs in with {email} already; use another address.")
    row = Person(name=name, email=email.lower(), level=level, compartments=sorted(compartments), created_at=at)
    if id is not None:
        row.id = id
    try:
        validate_password(password, row)
    except ValidationError as error:
        raise Misuse("weak-password", f"This password cannot be used: {' '.join(error.messages)}") from error
    row.set_password(password)
    row.save(force_insert=True)
    _record("person.added", by, at, Label.among(INSTANCE, row.id), person=row.id, level=level.word)
    return person_view(by, row.id)


@transaction.atomic
def give_role(*, by: Actor, person: str, organisation: str, role: Role, at: datetime) -> None:
    """``person`` holds ``role`` in ``organisation`` from now on; giving it twice changes nothing."""
    by.require(INSTANCE, Role.OPERATOR, to="give a role")
    check_role(organisation_view(organisation).kind, role)
    person_view(by, person)
    _, new = Membership.objects.get_or_create(
        person_id=person, organisation_id=organisation, role=role, defaults={"given_at": at}
    )
    if new:
        label = Label.among(INSTANCE, organisation)
        _record("role.given", by, at, label, person=person, organisation=organisation, role=role)


def publish_policy(
    *,
    by: Actor,
    body: str,
    version: str,
    max_window: timedelta,
    purposes: frozenset[str],
    terms: str,
    at: datetime,
    keyring: Keyring,
    oversight: frozenset[str] = frozenset(),
    criteria: tuple[str, ...] = (),
    destruction: timedelta = timedelta(days=30),
) -> Policy:
    """Publish a policy of one term, in force from today: ``publish_policy_document`` with the file built from parts."""
    check_policy(max_window, purposes, terms)
    document = policyfile.build(
        body=body,
        version=version,
        max_window=max_window,
        purposes={purpose: purpose.replace("-", " ").capitalize() + "." for purpose in purposes},
        terms=(Term("1", terms.strip(), Binds.BOTH),),
        valid_from=at,
        oversight=oversight,
        criteria=criteria,
        destruction=destruction,
    )
    return publish_policy_document(by=by, body=body, document=document, at=at, keyring=keyring)


@transaction.atomic
def publish_policy_document(*, by: Actor, body: str, document: bytes, at: datetime, keyring: Keyring) -> Policy:
    """A new version of the body's terms from a policy file, signed with the body's key.

    Reviews in flight keep the version they were signed under (V17). Takes the roles authority (to publish) and
    signatory (to sign). Raises ``Misuse`` (``policy-file``) naming line and field, ``Conflict`` (``policy-exists``).
    """
    by.require(body, Role.AUTHORITY, to="publish a policy")
    said = policyfile.parse(document, organisation=body)
    version, terms = said["version"], policyfile.terms_of(said)
    _check_oversight(said.get("oversight", ()))
    if PolicyVersion.objects.filter(body_id=body, version=version).exists():
        raise Conflict("policy-exists", f"Version {version} is published already; a published version never changes.")
    pinned = digest_of(said)
    statement = policyfile.statement(body, version, pinned)
    signature = sign(by=by, organisation=body, statement=statement, at=at, keyring=keyring)
    try:
        with transaction.atomic():
            PolicyVersion.objects.create(
                body_id=body,
                version=version,
                max_window_seconds=round(said["longest_window_days"] * 86400),
                purposes=sorted(purpose.id for purpose in policyfile.purposes_of(said)),
                terms=policyfile.prose(terms),
                published_at=at,
                valid_from=policyfile.first_moment(said),
                document=canonical(said).decode(),
                digest=pinned,
                signature=plain(signature),
            )
    except IntegrityError as error:  # the same version, published by somebody else in this moment
        raise Conflict("policy-exists", f"Version {version} was published meanwhile; it never changes.") from error
    _record("policy.published", by, at, OPEN, body=body, version=version, policy=pinned)
    return policy_view(body, version)


def _check_oversight(named: Sequence[str]) -> None:
    known = set(Organisation.objects.filter(kind=OrganisationKind.OVERSIGHT, id__in=named).values_list("id", flat=True))
    strange = sorted(set(named) - known)
    if strange:
        raise Misuse(
            "policy-oversight",
            f"The policy names {', '.join(strange)} for oversight, which is no oversight organisation here; "
            "the operator creates it first, or take it out.",
        )


@transaction.atomic
def issue_token(*, by: Actor, at: datetime) -> str:
    """A personal API token for ``by``; this is the only time it can be read."""
    if not by.person or not Person.objects.filter(id=by.person).exists():
        raise Misuse("no-such-person", "Only a person who can sign in can have an API token.")
    secret = "sta-" + secrets.token_urlsafe(32)
    row = Token.objects.create(person_id=by.person, digest=digest(secret.encode()), created_at=at)
    _record("token.issued", by, at, Label.among(INSTANCE, by.person), token=row.id)
    return secret


def sign(*, by: Actor, organisation: str, statement: Mapping[str, Any], at: datetime, keyring: Keyring) -> Signature:
    """``organisation``'s signature over ``statement``, given by its signatory.

    The caller stores it in the transaction that it belongs to; nothing is written here.
    """
    by.require(organisation, Role.SIGNATORY, to="sign")
    return Signature(
        organisation=organisation,
        person=by.person,
        at=at,
        statement=digest_of(dict(statement)),
        public_key=organisation_view(organisation).public_key,
        value=keyring.sign(organisation, signed_bytes(organisation, by.person, at, statement)),
    )


def verify(signature: Signature, statement: Mapping[str, Any]) -> bool:
    """True if ``signature`` covers exactly ``statement`` and was made with its organisation's key."""
    try:
        known = organisation_view(signature.organisation).public_key
        if known != signature.public_key or signature.statement != digest_of(dict(statement)):
            return False
        data = signed_bytes(signature.organisation, signature.person, signature.at, statement)
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(known)).verify(bytes.fromhex(signature.value), data)
    except (InvalidSignature, ValueError):
        return False
    return True


def _record(kind: str, by: Actor, at: datetime, label: Label, **facts: Any) -> None:
    ledger.append(kind=kind, actor=by.person, facts=facts, label=label, at=at)
