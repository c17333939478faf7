"""Reminding an operator of its own dates, if it wants that."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from seatrial.clearinghouse.remediation.actions.following import INSTANCE_ITSELF
from seatrial.clearinghouse.remediation.models import ExposureRow, Reminded
from seatrial.kernel.labels import Label
from seatrial.ledger import api as ledger


@transaction.atomic
def remind(*, organisation: str, exposures: list[str], at: datetime) -> int:
    """One entry in the operator's own log, of which its people are told, for those not reminded of yet; how many."""
    rows = list(ExposureRow.objects.select_for_update().filter(id__in=exposures, organisation=organisation, over=""))
    done = set(Reminded.objects.filter(exposure__in=rows).values_list("exposure_id", "due"))
    new = [(row, row.due) for row in rows if row.due is not None and (row.id, row.due) not in done]
    Reminded.objects.bulk_create(Reminded(exposure=row, due=due, at=at) for row, due in new)
    if new:
        facts = {"count": len(new), "first": min(due for _, due in new)}
        label = Label.among(organisation)
        kind = "remediation.due"
        ledger.append(log=organisation, kind=kind, actor=INSTANCE_ITSELF, facts=facts, label=label, at=at)
    return len(new)
