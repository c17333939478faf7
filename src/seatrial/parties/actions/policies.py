"""Publishing a body's terms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from seatrial.kernel.canonical import canonical, plain
from seatrial.kernel.digests import digest_of
from seatrial.kernel.errors import Conflict, Misuse
from seatrial.kernel.labels import OPEN
from seatrial.parties.core import policyfile
from seatrial.parties.core.rules import check_policy
from seatrial.parties.models import Organisation, PolicyVersion
from seatrial.parties.ports import Keyring
from seatrial.parties.queries import policy as policy_view
from seatrial.parties.types import Actor, Binds, OrganisationKind, Policy, Role, Term

from .recording import record
from .signing import sign


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
    record("policy.published", by, at, OPEN, body=body, version=version, policy=pinned)
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
