"""An operator's exposures: which systems, how bad, what to do, by when."""

from __future__ import annotations

from django.db.models import F, Q

from seatrial.clearinghouse.remediation.queries.loading import homes, own, own_pace, view
from seatrial.clearinghouse.remediation.types import ExposureView, PaceView
from seatrial.kernel.errors import Misuse, NotFound
from seatrial.parties.types import Actor

MOST = 5000


def exposures(
    asking: Actor,
    *,
    over: bool = False,
    advisory: str = "",
    search: str = "",
    organisation: str = "",
    limit: int = 100,
    offset: int = 0,
) -> tuple[ExposureView, ...]:
    """Those of the asker's organisations: the nearest date first, then the most urgent, then the oldest."""
    if not 0 < limit <= MOST or offset < 0:
        raise Misuse("bad-limit", f"Ask for 1 to {MOST:,} at once, from 0 on.")
    rows = own(asking).exclude(over="") if over else own(asking).filter(over="")
    if organisation:
        rows = rows.filter(organisation=organisation)
    if advisory:
        rows = rows.filter(advisory=advisory)
    if search:
        rows = rows.filter(Q(system__icontains=search) | Q(component__icontains=search) | Q(title__icontains=search))
    rows = rows.order_by(F("due").asc(nulls_last=True), "rank", "since", "system", "component", "id")
    return tuple(view(row) for row in rows[offset : offset + limit])


def exposure(asking: Actor, exposure_id: str) -> ExposureView:
    """One with its answers, newest first. Raises ``NotFound`` (``no-such-exposure``)."""
    row = own(asking).filter(id=exposure_id).first()
    if row is None:
        raise NotFound("no-such-exposure", f"There is no exposure {exposure_id[:60]!r} of yours.")
    return view(row, row.answers.order_by("-at", "-id"))


def pace(asking: Actor, organisation: str) -> PaceView:
    """What an operator set for itself, if anything. Raises ``NotFound`` (``no-such-organisation``)."""
    if organisation not in homes(asking):
        raise NotFound("no-such-organisation", f"There is no operator {organisation[:60]!r} that you answer for.")
    return own_pace(organisation) or PaceView(organisation)
