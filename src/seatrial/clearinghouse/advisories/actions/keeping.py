"""What every action does: lock the advisory, apply the table, write what changed, leave one entry."""

from __future__ import annotations

from datetime import datetime

from seatrial.clearinghouse.advisories.core.lifecycle import MACHINE, Doing, Life
from seatrial.clearinghouse.advisories.models import Advisory, Counter
from seatrial.clearinghouse.advisories.queries.written import OWN, life, row_of
from seatrial.clearinghouse.findings.api import CLEARINGHOUSE
from seatrial.kernel.errors import Conflict
from seatrial.kernel.labels import Label
from seatrial.ledger import api as ledger
from seatrial.parties.types import Actor, Role


def require_analyst(by: Actor, *, to: str) -> None:
    """Raises ``Forbidden`` (``role-missing``)."""
    by.require(CLEARINGHOUSE, Role.ANALYST, to=to)


def locked(by: Actor, advisory: str) -> Advisory:
    """The advisory, locked until the transaction ends. Raises ``NotFound`` (``no-such-advisory``)."""
    return Advisory.objects.select_for_update().get(id=row_of(by, advisory).id)


def moved(row: Advisory, event: str, by: Actor, at: datetime, words: str = "") -> Life:
    """The row after ``event``, not saved. Raises ``Refused`` with the guard's name."""
    after = MACHINE.apply(life(by, row, at), event, Doing(by.person, words), at)
    row.state, row.revision, row.submitted_by = after.state, after.revision, after.submitted_by
    row.edited_at, row.edited_by = at, by.person
    return after


def check_version(row: Advisory, version: int) -> None:
    """Raises ``Conflict`` (``changed-meanwhile``) unless ``version`` is what stands."""
    if row.version != version:
        raise Conflict(
            "changed-meanwhile", "Somebody changed this advisory meanwhile; load it again, then make your change."
        )


def take(name: str, count: int = 1) -> int:
    """The first of ``count`` further numbers; nobody else takes any before this transaction has ended."""
    Counter.objects.get_or_create(name=name)
    counter = Counter.objects.select_for_update().get(name=name)
    first = counter.last + 1
    counter.last += count
    counter.save(update_fields=["last"])
    return first


def record(row: Advisory, event: str, by: Actor, at: datetime, label: Label = OWN, **facts: object) -> None:
    """The one ledger entry of an action."""
    kind = MACHINE.transitions[event].entry if event in MACHINE.transitions else f"advisories.{event}"
    facts = {"advisory": row.tracking, "case": row.case_id, **facts}
    ledger.append(kind=kind, actor=by.person, facts=facts, label=label, at=at)
