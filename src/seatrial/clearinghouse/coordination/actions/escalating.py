"""The steps that follow a vendor's silence, each taken once in a silence and recorded once."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from seatrial.clearinghouse.coordination.core.escalation import due
from seatrial.clearinghouse.coordination.models import EscalationRow, PartyRow
from seatrial.clearinghouse.coordination.queries.loading import silence
from seatrial.clearinghouse.coordination.types import Step

from .keeping import INSTANCE_ITSELF, locked_by_rule, narrow, record


@transaction.atomic
def take_step(*, party: str, at: datetime) -> Step | None:
    """The first step that is due for ``party`` and not taken; ``None`` if there is none. Idempotent.

    ``next-contact`` goes on to the next address of an outside vendor; the other two ask people, and do nothing alone.
    """
    found = locked_by_rule(PartyRow.objects.values_list("case_id", flat=True).get(id=party))
    own = found.party(party)
    since = silence(found.row, own)
    if since is None:
        return None
    taken = [Step(step) for step in own.escalations.filter(since=since).values_list("step", flat=True)]
    steps = due(found.terms.rungs, since, taken, at)
    if not steps:
        return None
    step = steps[0][0].step
    EscalationRow.objects.create(party=own, step=step, since=since, at=at)
    if step is Step.NEXT_CONTACT and own.contact is not None and own.address + 1 < len(own.contact.addresses):
        PartyRow.objects.filter(id=own.id).update(address=own.address + 1)
    facts = {"party": party, "step": step, "silent_since": since}
    record("coordination.escalated", INSTANCE_ITSELF, at, narrow(), found.row.id, **facts)
    return step
