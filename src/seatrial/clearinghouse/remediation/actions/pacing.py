"""The days an operator gives itself."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from seatrial.clearinghouse.remediation.core.dates import check_pace, due
from seatrial.clearinghouse.remediation.core.sectors import check_sector
from seatrial.clearinghouse.remediation.models import ExposureRow, PaceRow
from seatrial.clearinghouse.remediation.queries.loading import ANSWERS, said_of
from seatrial.clearinghouse.remediation.types import PaceView
from seatrial.kernel.labels import Label
from seatrial.ledger import api as ledger
from seatrial.parties import api as parties
from seatrial.parties.types import Actor


@transaction.atomic
def state_pace(*, by: Actor, pace: PaceView, at: datetime) -> None:
    """It holds for what is open, too, unless an answer gave a date of its own.

    Raises ``Misuse`` (``bad-pace``, ``bad-sector``), ``Forbidden`` (``role-missing``).
    """
    by.require(pace.organisation, *ANSWERS, to="set its dates")
    parties.organisation(pace.organisation)
    check_pace(pace)
    check_sector(pace.sector)
    values = {
        "act": pace.act,
        "attend": pace.attend,
        "track_more": pace.track_more,
        "track": pace.track,
        "remind": pace.remind,
        "sector": pace.sector,
    }
    PaceRow.objects.update_or_create(
        organisation_id=pace.organisation, defaults={**values, "stated_at": at, "stated_by": by.person}
    )
    changed = []
    for row in ExposureRow.objects.select_for_update().filter(organisation=pace.organisation, over="", until=None):
        row.due = due(pace, row.urgency, row.since, said_of(row))
        changed.append(row)
    ExposureRow.objects.bulk_update(changed, ["due"], batch_size=500)
    label = Label.among(pace.organisation)
    ledger.append(log=pace.organisation, kind="remediation.paced", actor=by.person, facts=values, label=label, at=at)
