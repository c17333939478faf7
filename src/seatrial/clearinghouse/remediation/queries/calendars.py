"""An operator's dates for its calendars: whether they can be subscribed to, and what the address shows."""

from __future__ import annotations

from django.db.models import F

from seatrial.clearinghouse.remediation.models import CalendarRow, ExposureRow
from seatrial.clearinghouse.remediation.queries.loading import homes, view
from seatrial.clearinghouse.remediation.types import CalendarView, ExposureView
from seatrial.kernel.digests import digest
from seatrial.kernel.errors import NotFound
from seatrial.parties.types import Actor

from .exposures import MOST


def calendar_of(asking: Actor, organisation: str) -> CalendarView | None:
    """Whether an operator's dates have an address. Raises ``NotFound`` (``no-such-organisation``)."""
    if organisation not in homes(asking):
        raise NotFound("no-such-organisation", f"There is no operator {organisation[:60]!r} that you answer for.")
    row = CalendarRow.objects.filter(organisation=organisation, ended_at__isnull=True).first()
    return CalendarView(row.issued_by, row.issued_at) if row else None


def dated_at(secret: str) -> tuple[ExposureView, ...]:
    """What is open and has a date at the operator's with that secret address, the nearest first.

    Raises ``NotFound`` (``no-such-calendar``).
    """
    row = CalendarRow.objects.filter(digest=digest(secret.encode()), ended_at__isnull=True).first()
    if row is None:
        raise NotFound("no-such-calendar", "There is no calendar at this address, or it was withdrawn.")
    rows = ExposureRow.objects.filter(organisation=row.organisation_id, over="", due__isnull=False)
    return tuple(view(one) for one in rows.order_by(F("due").asc(), "rank", "id")[:MOST])
