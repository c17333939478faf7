"""Letting out what waits for a maintainer's capacity."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from seatrial.clearinghouse.coordination.core.pacing import release
from seatrial.clearinghouse.coordination.models import CapacityRow, PartyRow
from seatrial.clearinghouse.coordination.queries.loading import loaded
from seatrial.clearinghouse.coordination.queries.outside import capacity_from
from seatrial.clearinghouse.coordination.types import MilestoneKind, PartyRole, ReportStatus, Waiting
from seatrial.ledger import api as ledger

from .keeping import INSTANCE_ITSELF, narrow, reach


@transaction.atomic
def release_waiting(*, organisation: str, at: datetime) -> tuple[str, ...]:
    """Invite ``organisation`` to what it has room for now; the parties' ids, in their order. Idempotent.

    All of one turn have one ledger entry, as they have one digest.
    """
    said = CapacityRow.objects.select_for_update().filter(organisation=organisation).first()
    mine = PartyRow.objects.filter(
        organisation=organisation, role=PartyRole.VENDOR, declined_at=None, case__closed_at=None
    )
    queue = list(mine.filter(released_at=None).select_related("case"))
    if said is None or not queue:
        return ()
    waiting = [Waiting(one.id, one.case.priority, one.invited_at) for one in queue]
    out = mine.filter(released_at__isnull=False)
    finished = Q(status=ReportStatus.CLOSED) | Q(deployed_at__isnull=False)
    # What was urgent went out past the capacity and counts in it, and so does what was declined.
    ever = PartyRow.objects.filter(organisation=organisation, role=PartyRole.VENDOR)
    history = [moment for moment in ever.values_list("released_at", flat=True) if moment is not None]
    chosen = release(waiting, capacity_from(said), out.exclude(finished).count(), history, at)
    for row in sorted((one for one in queue if one.id in chosen), key=lambda one: chosen.index(one.id)):
        row.released_at = at
        row.save(update_fields=["released_at"])
        reach(loaded(row.case, row.case.parties.all()), MilestoneKind.VENDOR_CONTACTED, at)
    if chosen:
        ledger.append(
            kind="coordination.released",
            actor=INSTANCE_ITSELF,
            facts={"organisation": organisation, "parties": list(chosen)},
            label=narrow(organisation),
            at=at,
        )
    return chosen
