"""Threshold specifications are committed: kept under their digest as they are, superseded, never edited."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction

from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import Conflict, Misuse, NotFound, Refused
from seatrial.kernel.labels import Level
from seatrial.ledger import api as ledger
from seatrial.parties.types import Actor, Role
from seatrial.review.benchmarks.core.specification import (
    Specification,
    document_of,
    read_specification,
    specification_bytes,
)
from seatrial.review.benchmarks.models import ThresholdSpecification


@transaction.atomic
def commit_specification(*, by: Actor, data: bytes, at: datetime) -> Digest:
    """Commit the specification in the file ``data``; its digest. Committing it again changes nothing.

    Raises ``Forbidden`` (``role-missing``); ``Misuse`` (``bad-threshold``, ``threshold-edited``, ``bad-label``, …);
    ``NotFound`` (``no-such-threshold``) and ``Conflict`` (``threshold-superseded``) for the version it names;
    ``Conflict`` (``threshold-exists``) if it names none and there is one of its name; ``Refused``
    (``level-too-high``).
    """
    found = read_specification(data)
    owner = _authority_of(by)
    if ThresholdSpecification.objects.filter(id=found.digest).exists():
        return found.digest
    _check_label(found, owner)
    before = _before(found, owner, by)
    ThresholdSpecification.objects.create(
        id=found.digest,
        name=found.name,
        content=specification_bytes(found).decode(),
        owner=owner,
        label=str(found.label),
        supersedes=before,
        committed_by=by.person,
        committed_at=at,
    )
    ledger.append(
        kind="benchmarks.threshold-committed",
        actor=by.person,
        facts={"threshold": found.digest, "owner": owner, "specification": document_of(found)},
        label=found.label,
        at=at,
    )
    return found.digest


def _before(found: Specification, owner: str, by: Actor) -> ThresholdSpecification | None:
    """The locked row of the version that ``found`` takes the place of."""
    rows = ThresholdSpecification.objects.select_for_update(of=("self",)).filter(owner=owner)
    if found.supersedes is None:
        last = rows.filter(name=found.name, successor__isnull=True).first()
        if last is not None:
            raise Conflict(
                "threshold-exists",
                f"A threshold named {found.name!r} is committed already and is never edited. To change it, commit a "
                f"version that supersedes {last.id}.",
            )
        return None
    before = rows.filter(id=found.supersedes).first()
    if before is None:
        raise NotFound(
            "no-such-threshold",
            f"The version {found.supersedes} that this one supersedes was not committed by {owner}; commit it first.",
        )
    if before.name != found.name:
        raise Misuse(
            "bad-threshold",
            f"A later version keeps its name: {before.name!r}, not {found.name!r}. A threshold of another name "
            "supersedes nothing.",
        )
    after = rows.filter(supersedes=before).first()
    if after is not None:
        raise Conflict(
            "threshold-superseded",
            f"The version {before.id} was superseded by {after.id} already; supersede that one.",
        )
    return before


def _authority_of(by: Actor) -> str:
    homes = sorted(organisation for organisation, role in by.roles if role is Role.AUTHORITY)
    if not homes:
        by.require("a review body", Role.AUTHORITY, to="commit a threshold")
    return homes[0]


def _check_label(found: Specification, owner: str) -> None:
    if found.label.audience is not None and owner not in found.label.audience:
        raise Misuse(
            "bad-label", f"The label {found.label} leaves out {owner}, who commits it; add it to the audience."
        )
    if found.label.level > Level[settings.SEATRIAL.system_high.upper().replace("-", "_")]:
        raise Refused(
            "level-too-high",
            f"The threshold is labelled {found.label.level.word}, but this instance may hold "
            f"{settings.SEATRIAL.system_high} at most; commit it on an instance of that level.",
        )
