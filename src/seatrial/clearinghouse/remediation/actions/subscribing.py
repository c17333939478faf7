"""An operator's dates at a secret address, for calendars that cannot sign in."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction

from seatrial.clearinghouse.remediation.models import CalendarRow
from seatrial.clearinghouse.remediation.queries.loading import ANSWERS
from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Conflict
from seatrial.kernel.labels import Label
from seatrial.ledger import api as ledger
from seatrial.parties import api as parties
from seatrial.parties.types import Actor


@transaction.atomic
def issue_calendar(*, by: Actor, organisation: str, at: datetime) -> str:
    """The secret part of a new address; this is the only time it can be read. An earlier one ends.

    Whoever has the address reads systems, advisories and dates of what is open. Raises ``Forbidden``
    (``role-missing``).
    """
    by.require(organisation, *ANSWERS, to="issue its calendar address")
    parties.organisation(organisation)
    CalendarRow.objects.filter(organisation=organisation, ended_at__isnull=True).update(ended_at=at)
    secret = secrets.token_urlsafe(32)
    CalendarRow.objects.create(
        organisation_id=organisation, digest=digest(secret.encode()), issued_by=by.person, issued_at=at
    )
    _record("remediation.calendar.issued", by, organisation, at)
    return secret


@transaction.atomic
def end_calendar(*, by: Actor, organisation: str, at: datetime) -> None:
    """End the address at once. Raises ``Conflict`` (``no-calendar``), ``Forbidden`` (``role-missing``)."""
    by.require(organisation, *ANSWERS, to="end its calendar address")
    if not CalendarRow.objects.filter(organisation=organisation, ended_at__isnull=True).update(ended_at=at):
        raise Conflict("no-calendar", "There is no calendar address to end.")
    _record("remediation.calendar.ended", by, organisation, at)


def _record(kind: str, by: Actor, organisation: str, at: datetime) -> None:
    label = Label.among(organisation)
    ledger.append(log=organisation, kind=kind, actor=by.person, facts={}, label=label, at=at)
