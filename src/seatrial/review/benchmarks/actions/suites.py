"""Suites are registered: kept by their digest, which is on the ledger before anything is run."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction

from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import Misuse, Refused
from seatrial.kernel.labels import Label, Level
from seatrial.ledger import api as ledger
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, Role
from seatrial.review.benchmarks.actions.rows import beyond
from seatrial.review.benchmarks.core.manifest import manifest_bytes, read_suite, suite_bytes
from seatrial.review.benchmarks.core.sealing import SealedSuite, read_sealed, sealed_bytes
from seatrial.review.benchmarks.models import SuiteRow
from seatrial.review.benchmarks.ports import Shelf
from seatrial.review.benchmarks.types import Manifest, Suite


@transaction.atomic
def register_suite(*, by: Actor, suite: Suite, at: datetime, shelf: Shelf) -> Digest:
    """Keep an open suite and put its digest on the ledger; registering it again changes nothing.

    Raises ``Forbidden`` (``role-missing``), ``Misuse`` (``suite-digest-mismatch``) and ``Refused``
    (``level-too-high``) for an item beyond what this instance may hold.
    """
    owner = _evaluator_of(by)
    data = suite_bytes(suite)
    read_suite(data, suite.digest)
    return _register(by, owner, suite.manifest, data, at, shelf, custodians=None)


@transaction.atomic
def register_sealed_suite(*, by: Actor, sealed: SealedSuite, at: datetime, shelf: Shelf) -> Digest:
    """Keep a sealed suite; its content stays closed until two custodians release their halves for a campaign.

    Raises what ``register_suite`` does, and ``Misuse`` (``unknown-custodian``) unless every key it was sealed for is
    in force here and belongs to a person of its own.
    """
    owner = _evaluator_of(by)
    data = sealed_bytes(sealed)
    read_sealed(data, sealed.digest)
    known = parties.recipients_in_force(sealed.custodians)
    missing = [key for key in sealed.custodians if key not in known]
    if missing:
        raise Misuse(
            "unknown-custodian",
            f"The suite is sealed for {', '.join(missing)}, which is no key in force of anybody here; "
            "let its holder register it ('seatrial key register'), or seal the suite again.",
        )
    holders = parties.recipient_holders(sealed.custodians)
    if len(set(holders.values())) != len(sealed.custodians):
        raise Misuse("unknown-custodian", "Two of the suite's keys belong to one person; seal it for different people.")
    return _register(by, owner, sealed.manifest, data, at, shelf, custodians=sealed.custodians)


def _register(
    by: Actor,
    owner: str,
    manifest: Manifest,
    data: bytes,
    at: datetime,
    shelf: Shelf,
    *,
    custodians: tuple[Digest, ...] | None,
) -> Digest:
    label = beyond(Label.among(owner), manifest)
    if label.level > _system_high():
        raise Refused(
            "level-too-high",
            f"The suite holds items labelled {label.level.word}, but this instance may hold "
            f"{settings.SEATRIAL.system_high} at most; register it on an instance of that level.",
        )
    if SuiteRow.objects.filter(id=manifest.digest).exists():
        return manifest.digest
    shelf.put(manifest.digest, data)
    SuiteRow.objects.create(
        id=manifest.digest,
        name=manifest.name,
        version=manifest.version,
        index={item.id: [item.family, item.human_minutes] for item in manifest.items},
        manifest=manifest_bytes(manifest).decode(),
        sealed=custodians is not None,
        owner=owner,
        label=str(label),
        registered_by=by.person,
        registered_at=at,
    )
    ledger.append(
        kind="benchmarks.suite-registered",
        actor=by.person,
        facts={
            "suite": manifest.digest,
            "name": manifest.name,
            "version": manifest.version,
            "items": len(manifest.items),
            "custodians": None if custodians is None else list(custodians),
        },
        label=label,
        at=at,
    )
    return manifest.digest


def _evaluator_of(by: Actor) -> str:
    homes = sorted(organisation for organisation, role in by.roles if role is Role.EVALUATOR)
    if not homes:
        by.require("a review body", Role.EVALUATOR, to="register a suite")
    return homes[0]


def _system_high() -> Level:
    return Level[settings.SEATRIAL.system_high.upper().replace("-", "_")]
