"""Every write of delivery: what was signed elsewhere is taken in, and what the instance signs is kept fresh.

Each is one transaction with one ledger entry; the rows of one role are written in a row, so that two who sign the next
version at once are told from each other by the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from tuf.api.metadata import Metadata, Targets

from seatrial.clearinghouse.coordination import api as coordination
from seatrial.clearinghouse.coordination.types import EmbargoState
from seatrial.clearinghouse.findings.api import CLEARINGHOUSE
from seatrial.clearinghouse.triage import api as triage
from seatrial.clearinghouse.triage.types import CheckedPatch
from seatrial.kernel.errors import Conflict, Refused
from seatrial.kernel.labels import OPEN
from seatrial.ledger import api as ledger
from seatrial.parties.types import Actor, Role

from .core import accepting
from .core.attestation import attested
from .core.ceremony import sign_targets, signer
from .models import MetadataRow, TargetRow
from .ports import OnlineKey
from .queries import content_of, in_force, sha256_of, versions
from .types import CHECKS, ROOT, SNAPSHOT, TARGETS, TIMESTAMP

INSTANCE_ITSELF = "instance"
PUBLISHES = (Role.MAINTAINER, Role.SECURITY)


@transaction.atomic
def accept_root(*, by: Actor, data: bytes, key: OnlineKey, at: datetime, targets: bytes | None = None) -> int:
    """The next root; its version. ``targets``: the next top targets role with it, where the one in force is not enough.

    Raises as ``core.accepting.check_root`` and ``check_targets``, ``Forbidden`` (``role-missing``), ``Refused``:
    ``other-online-key`` if it does not name this instance's, ``targets-not-signed`` if after it no client could go on.
    """
    by.require(CLEARINGHOUSE, Role.ANALYST, to="take in a root")
    said = accepting.check_root(data, content_of(ROOT), at)
    if signer(key.pem()).public_key.keyid not in said.signed.roles[TIMESTAMP].keyids:
        raise Refused("other-online-key", "This root names another online key; see 'seatrial delivery online-key'.")
    before = content_of(TARGETS)
    if targets is not None:
        accepting.check_targets(targets, data, before, at)
    elif before is not None and not accepting.still_signed(TARGETS, before, data):
        raise Refused(
            "targets-not-signed", "Under this root the targets in force are not signed; take in the next ones with it."
        )
    _keep(ROOT, data, by.person, at)
    if targets is not None:
        _keep(TARGETS, targets, by.person, at)
    if targets is not None or before is not None:
        _publish(key, at)
    _record("delivery.root", by.person, at, version=said.signed.version, sha256=sha256_of(data))
    return said.signed.version


@transaction.atomic
def accept_targets(*, by: Actor, data: bytes, key: OnlineKey, at: datetime) -> int:
    """The next top targets role: who may sign what. Raises as above, ``Refused`` (``no-root``)."""
    by.require(CLEARINGHOUSE, Role.ANALYST, to="take in who may sign")
    root = content_of(ROOT)
    if root is None:
        raise Refused("no-root", "There is no root yet; take that in first.")
    said = accepting.check_targets(data, root, content_of(TARGETS), at)
    _keep(TARGETS, data, by.person, at)
    _publish(key, at)
    vendors = accepting.delegated(data)
    _record("delivery.delegated", by.person, at, version=said.signed.version, roles=list(vendors))
    return said.signed.version


@transaction.atomic
def accept_vendor(
    *, by: Actor, role: str, data: bytes, files: Mapping[str, bytes], key: OnlineKey, at: datetime
) -> int:
    """A vendor's own role with its new files by path; its version. Checks that machines made of them are attached.

    Raises as ``core.accepting.check_vendor``, ``Refused`` (``embargo-in-force``) for a patch of a case whose parties
    agreed to publish nothing yet, ``Forbidden`` (``role-missing``).
    """
    by.require(role, *PUBLISHES, to="publish patches")
    targets = content_of(TARGETS)
    if targets is None:
        raise Refused("no-root", "There is no root yet; its holders hold the ceremony first.")
    said = accepting.check_vendor(role, data, targets, content_of(role), files, at)
    _keep(role, data, by.person, at)
    found = {path: sha256_of(content) for path, content in files.items()}
    for path, content in files.items():
        TargetRow.objects.get_or_create(path=path, sha256=found[path], defaults={"content": content, "at": at})
    checks = triage.checked_patches([f"sha256:{one}" for one in found.values()])
    _nothing_agreed([one.report for one in checks], at)
    attached = _attach({f"sha256:{one}": path for path, one in found.items()}, checks, key, at)
    _publish(key, at)
    _record("delivery.published", by.person, at, role=role, version=said.signed.version, files=found, checks=attached)
    return said.signed.version


@transaction.atomic
def refresh(*, key: OnlineKey, at: datetime) -> int:
    """Sign anew what the instance signs and what has used up half of its life; how many. Leaves no entry."""
    stamped, whole = in_force(TIMESTAMP), in_force(SNAPSHOT)
    if stamped is None or whole is None:
        return 0
    checks = in_force(CHECKS)
    if checks is not None and checks.expires - at < accepting.SNAPSHOT_LIVES / 2:
        _sign_checks({}, key, at)
        return 1 + _publish(key, at)
    if whole.expires - at < accepting.SNAPSHOT_LIVES / 2:
        return _publish(key, at)
    if stamped.expires - at < accepting.TIMESTAMP_LIVES / 2:
        pen = signer(key.pem())
        data = accepting.stamp(whole.version, bytes(whole.content), pen, version=stamped.version + 1, now=at)
        _keep(TIMESTAMP, data, INSTANCE_ITSELF, at)
        return 1
    return 0


def _nothing_agreed(reports: list[str], at: datetime) -> None:
    bound = (EmbargoState.ACTIVE, EmbargoState.REVISE)
    until = [one.until for one in coordination.progresses(reports, at).values() if one.embargo in bound and one.until]
    if until:
        raise Refused(
            "embargo-in-force",
            f"The parties of this patch's case agreed to publish nothing before {max(until):%Y-%m-%d}.",
        )


def _attach(paths: Mapping[str, str], checks: tuple[CheckedPatch, ...], key: OnlineKey, at: datetime) -> list[str]:
    """Statements of what machines found, each a target of the instance's own role."""
    pen, made = signer(key.pem()), dict[str, bytes]()
    for one in checks:
        sha256, name = one.digest.removeprefix("sha256:"), paths[one.digest]
        made[f"{sha256}.json"] = attested(sha256, name, one.verdict, one.checks, one.checked_at, pen)
    if made:
        _sign_checks(made, key, at)
        for name, content in made.items():
            TargetRow.objects.get_or_create(
                path=f"{CHECKS}/{name}", sha256=sha256_of(content), defaults={"content": content, "at": at}
            )
    return sorted(made)


def _sign_checks(files: Mapping[str, bytes], key: OnlineKey, at: datetime) -> None:
    expires = (at + accepting.SNAPSHOT_LIVES).replace(microsecond=0)
    data = sign_targets(CHECKS, key.pem(), files, previous=content_of(CHECKS), expires=expires)
    _keep(CHECKS, data, INSTANCE_ITSELF, at)


def _publish(key: OnlineKey, at: datetime) -> int:
    """Snapshot and timestamp over what is in force now.

    A role that was taken back is listed still, for a snapshot that forgets one is refused by clients; they do not look
    for it, since nothing delegates to it.
    """
    targets, checks = content_of(TARGETS) or b"", content_of(CHECKS)
    if checks is None or not accepting.still_signed(CHECKS, checks, targets):
        _sign_checks({}, key, at)
    held = versions()
    wanted = [role for role in held if role not in (ROOT, SNAPSHOT, TIMESTAMP)]
    numbers = {"snapshot": held.get(SNAPSHOT, 0) + 1, "timestamp": held.get(TIMESTAMP, 0) + 1}
    pen = signer(key.pem())
    whole, stamped = accepting.online({role: held[role] for role in wanted}, pen, now=at, **numbers)
    _keep(SNAPSHOT, whole, INSTANCE_ITSELF, at)
    _keep(TIMESTAMP, stamped, INSTANCE_ITSELF, at)
    return 2


def _keep(role: str, data: bytes, by: str, at: datetime) -> None:
    said: Metadata[Targets] = Metadata.from_bytes(data)
    row = MetadataRow(role=role, version=said.signed.version, content=data, sha256=sha256_of(data), at=at, by=by)
    row.expires = said.signed.expires
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(
            "wrong-version", f"Version {row.version} of {role} was signed by somebody else just now."
        ) from error


def _record(kind: str, by: str, at: datetime, **facts: object) -> None:
    ledger.append(kind=kind, actor=by, facts=facts, label=OPEN, at=at)
