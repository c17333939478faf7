"""What rules ask for now, for the house itself: who waits, whose answer is late, who is silent."""

from __future__ import annotations

from datetime import datetime

from seatrial.clearinghouse.coordination.core.case import outcome
from seatrial.clearinghouse.coordination.core.escalation import due
from seatrial.clearinghouse.coordination.core.terms import read
from seatrial.clearinghouse.coordination.models import CaseRow, PartyRow
from seatrial.clearinghouse.coordination.types import PartyRole, ReportStatus

from .loading import loaded, silence


def waiting_organisations() -> tuple[str, ...]:
    """Those for which something waits, by id."""
    rows = PartyRow.objects.filter(released_at=None, declined_at=None, organisation__isnull=False, case__closed_at=None)
    return tuple(rows.order_by("organisation_id").values_list("organisation_id", flat=True).distinct())


def proposals_due(now: datetime) -> tuple[str, ...]:
    """Cases in which the answers decide a proposal by now."""
    rows = CaseRow.objects.filter(proposed_until__gt=now, closed_at=None).order_by("id").prefetch_related("parties")
    found = (loaded(row, row.parties.all()) for row in rows)
    return tuple(one.row.id for one in found if outcome(one.case, now, one.terms.answer_within) is not None)


def silent_parties(now: datetime) -> tuple[str, ...]:
    """Vendors whose silence has reached a step of their case's rule that nobody has taken."""
    rows = PartyRow.objects.filter(role=PartyRole.VENDOR, released_at__isnull=False, declined_at=None, deployed_at=None)
    rows = (
        rows.filter(case__closed_at=None)
        .exclude(status=ReportStatus.CLOSED)
        .select_related("case")
        .prefetch_related("escalations")
    )
    found = []
    for row in rows.order_by("id"):
        since = silence(row.case, row)
        taken = [step.step for step in row.escalations.all() if step.since == since]
        if since and due(read(row.case.terms).rungs, since, taken, now):  # type: ignore[arg-type]
            found.append(row.id)
    return tuple(found)
