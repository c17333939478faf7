"""Suites are registered: kept by their digest, which is on the ledger before anything is run."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction

from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import Refused
from seatrial.kernel.labels import Label, Level
from seatrial.ledger import api as ledger
from seatrial.parties.types import Actor, Role
from seatrial.review.benchmarks.actions.rows import beyond
from seatrial.review.benchmarks.core.manifest import read_suite, suite_bytes
from seatrial.review.benchmarks.models import SuiteRow
from seatrial.review.benchmarks.ports import Shelf
from seatrial.review.benchmarks.types import Suite


@transaction.atomic
def register_suite(*, by: Actor, suite: Suite, at: datetime, shelf: Shelf) -> Digest:
    """Keep a suite and put its digest on the ledger; registering it again changes nothing.

    Raises ``Forbidden`` (``role-missing``), ``Misuse`` (``suite-digest-mismatch``) and ``Refused``
    (``level-too-high``) for an item beyond what this instance may hold.
    """
    owner = _evaluator_of(by)
    data = suite_bytes(suite)
    read_suite(data, suite.digest)
    label = beyond(Label.among(owner), suite)
    if label.level > _system_high():
        raise Refused(
            "level-too-high",
            f"The suite holds items labelled {label.level.word}, but this instance may hold "
            f"{settings.SEATRIAL.system_high} at most; register it on an instance of that level.",
        )
    if SuiteRow.objects.filter(id=suite.digest).exists():
        return suite.digest
    shelf.put(suite.digest, data)
    SuiteRow.objects.create(
        id=suite.digest,
        name=suite.name,
        version=suite.version,
        index={item.id: [item.family, item.human_minutes] for item in suite.items},
        owner=owner,
        label=str(label),
        registered_by=by.person,
        registered_at=at,
    )
    ledger.append(
        kind="benchmarks.suite-registered",
        actor=by.person,
        facts={"suite": suite.digest, "name": suite.name, "version": suite.version, "items": len(suite.items)},
        label=label,
        at=at,
    )
    return suite.digest


def _evaluator_of(by: Actor) -> str:
    homes = sorted(organisation for organisation, role in by.roles if role is Role.EVALUATOR)
    if not homes:
        by.require("a review body", Role.EVALUATOR, to="register a suite")
    return homes[0]


def _system_high() -> Level:
    return Level[settings.SEATRIAL.system_high.upper().replace("-", "_")]
