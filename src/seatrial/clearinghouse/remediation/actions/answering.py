"""An operator's word on exposures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from seatrial.clearinghouse.remediation.core.answers import AT_ONCE, check, over_after
from seatrial.clearinghouse.remediation.core.dates import due
from seatrial.clearinghouse.remediation.models import AnswerRow, ExposureRow
from seatrial.clearinghouse.remediation.queries.loading import ANSWERS, own_pace
from seatrial.clearinghouse.remediation.types import Over, Said
from seatrial.kernel.digests import digest_of
from seatrial.kernel.errors import Misuse, NotFound
from seatrial.kernel.labels import Label
from seatrial.ledger import api as ledger
from seatrial.parties.types import Actor


@transaction.atomic
def answer(*, by: Actor, exposures: Sequence[str], said: Said, at: datetime) -> int:
    """The same word on all of ``exposures``, which are one operator's, or on none; how many.

    One entry in the operator's own log: what was said by its digest, never its words. Raises ``Misuse``, ``NotFound``
    (``no-such-exposure``), ``Forbidden`` (``role-missing``).
    """
    said = check(said, at)
    wanted = list(dict.fromkeys(exposures))
    if not 1 <= len(wanted) <= AT_ONCE:
        raise Misuse("bad-answer", f"Answer 1 to {AT_ONCE:,} exposures at once, not {len(wanted):,}.")
    rows = list(
        ExposureRow.objects.select_for_update().filter(id__in=wanted, organisation__in=by.organisations).order_by("id")
    )
    if missing := set(wanted) - {row.id for row in rows}:
        raise NotFound("no-such-exposure", f"There is no exposure {min(missing)[:60]!r} of yours.")
    homes = {row.organisation_id for row in rows}
    if len(homes) > 1:
        raise Misuse("bad-answer", "Answer for one organisation at a time.")
    [home] = homes
    by.require(home, *ANSWERS, to="answer for its systems")
    pace = own_pace(home)
    for row in rows:
        over = over_after(Over(row.over) if row.over else None, said)
        if over is None or not row.over:
            row.over_at = at if over is not None else None
        row.over, row.status, row.until = over or "", said.status, said.until
        row.due = None if over is not None else due(pace, row.urgency, row.since, said)
        row.save(update_fields=["over", "over_at", "status", "until", "due"])
    AnswerRow.objects.bulk_create(
        AnswerRow(
            exposure=row,
            status=said.status,
            justification=said.justification or "",
            note=said.note,
            action=said.action,
            until=said.until,
            at=at,
            by=by.person,
        )
        for row in rows
    )
    facts = {
        "exposures": [row.id for row in rows],
        "status": said.status,
        "said": digest_of({"note": said.note, "action": said.action, "until": said.until, "why": said.justification}),
    }
    ledger.append(log=home, kind="remediation.answered", actor=by.person, facts=facts, label=Label.among(home), at=at)
    return len(rows)
