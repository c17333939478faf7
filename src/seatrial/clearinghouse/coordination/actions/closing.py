"""The end of a case, and its beginning anew: by its owner, or by any analyst once the owner is none any more."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from seatrial.clearinghouse.coordination.core.closing import LIFE, Close
from seatrial.clearinghouse.coordination.models import CaseRow
from seatrial.clearinghouse.coordination.queries.ends import keeps, life_of
from seatrial.clearinghouse.coordination.queries.loading import Loaded
from seatrial.clearinghouse.coordination.types import CaseEnd
from seatrial.kernel.errors import Forbidden
from seatrial.kernel.text import checked
from seatrial.parties.types import Actor

from .keeping import locked, record_in, require_analyst

_ENTRY = {event: row.entry for event, row in LIFE.transitions.items()}


@transaction.atomic
def close_case(*, by: Actor, case: str, reason: CaseEnd, why: str, at: datetime, duplicate_of: str = "") -> None:
    """The case leaves queues and inboxes, and nothing more is done in it. An embargo in force stays agreed.

    Raises ``Forbidden`` (``role-missing``, ``not-the-owner``), ``Refused`` (``wrong-state``, ``no-date-undecided``,
    ``duplicate-named``, ``end-shown``), ``Misuse`` if ``why`` says nothing.
    """
    found = _own(by, case, at, to="close a case")
    why = checked("The reason", why, longest=5_000)
    other = CaseRow.objects.filter(id=duplicate_of).exclude(id=case).first() if duplicate_of else None
    stands = other is not None and other.closed_for != CaseEnd.DUPLICATE
    LIFE.apply(life_of(found, at), "close", Close(reason, duplicate_of, stands), at)
    row = found.row
    row.closed_at, row.closed_for, row.closed_why = at, reason, why
    row.duplicate_of = other
    row.save(update_fields=["closed_at", "closed_for", "closed_why", "duplicate_of"])
    record_in(found, _ENTRY["close"], by.person, at, reason=reason, why=why, duplicate_of=duplicate_of)


@transaction.atomic
def reopen_case(*, by: Actor, case: str, why: str, at: datetime) -> None:
    """The case goes on where it was. Raises ``Refused`` (``wrong-state``), ``Forbidden`` and ``Misuse`` as above."""
    found = _own(by, case, at, to="open a case again")
    why = checked("The reason", why, longest=5_000)
    LIFE.apply(life_of(found, at), "reopen", None, at)
    row = found.row
    row.closed_at, row.closed_for, row.closed_why, row.duplicate_of = None, "", "", None
    row.save(update_fields=["closed_at", "closed_for", "closed_why", "duplicate_of"])
    record_in(found, _ENTRY["reopen"], by.person, at, why=why)


def _own(by: Actor, case: str, at: datetime, *, to: str) -> Loaded:
    require_analyst(by, to=to)
    found = locked(by, case, at, even_closed=True)
    if not keeps(by, found.row):
        raise Forbidden("not-the-owner", f"{found.row.owner.name} owns this case and closes it or opens it again.")
    return found
