"""What is said in a case, and the milestones that go up the reporter chain."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from seatrial.clearinghouse.coordination.core.case import told
from seatrial.clearinghouse.coordination.models import MessageRow, MilestoneRow, RelayRow
from seatrial.clearinghouse.coordination.queries.loading import label_of
from seatrial.clearinghouse.coordination.types import MilestoneKind, ReportStatus
from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Conflict, Misuse, NotFound, Refused
from seatrial.kernel.text import checked
from seatrial.parties.types import Actor

from .keeping import locked, narrow, reach, record, record_in, require_analyst, spoke, told_voice

LONGEST = 50_000


@transaction.atomic
def say(*, by: Actor, case: str, text: str, at: datetime, to: Sequence[str] | None = None, party: str = "") -> str:
    """Write to all parties told now, or to those of them named, kept as written. Returns the message's id.

    Its label names their organisations; a party that is told later does not read it. Raises ``Refused``
    (``not-closed``, ``not-told``), ``NotFound`` (``no-such-party``).
    """
    found = locked(by, case, at)
    own, words = told_voice(by, found, party, at), checked("The message", text, longest=LONGEST)
    if own.status == ReportStatus.CLOSED:
        raise Refused("not-closed", "This party has closed the report; it takes no further part.")
    named = None if to is None else list(dict.fromkeys(found.party(one).id for one in to))
    if named is not None and not set(named) <= told(found.case, at):
        raise Refused("not-told", "One of these parties has not been told of the case; nothing reaches it.")
    label = label_of(found, at, None if named is None else [*named, own.id])
    row = MessageRow(case=found.row, party=own, at=at, by_id=by.person, text=words, to=named, label=str(label))
    row.save(force_insert=True)
    spoke(own, at)
    pin = digest(words.encode())
    record("coordination.said", by.person, at, label, case, message=row.id, party=own.id, text=pin, to=named or "all")
    return row.id


@transaction.atomic
def reach_milestone(
    *, by: Actor, case: str, kind: MilestoneKind, at: datetime, party: str = "", note: str = ""
) -> None:
    """A milestone that no event of the case brings by itself. Raises ``Conflict`` (``milestone-already``)."""
    require_analyst(by, to="record a milestone")
    found = locked(by, case, at)
    own = found.party(party) if party else None
    note = checked("The note", note, longest=5_000, optional=True)
    if not reach(found, kind, at, own, note):
        raise Conflict("milestone-already", f"The milestone '{kind}' stands in this case already.")
    record_in(found, "coordination.milestone", by.person, at, milestone=kind, party=party, note=note)


@transaction.atomic
def mark_told(*, by: Actor, case: str, kind: MilestoneKind, party: str, at: datetime) -> None:
    """One of the reporter chain without an account was told of a milestone by other means.

    Raises ``NotFound`` (``no-such-relay``), ``Misuse`` (``told-already``).
    """
    require_analyst(by, to="note what a reporter was told")
    found = locked(by, case, at, even_closed=True)
    milestones = MilestoneRow.objects.filter(case=found.row, kind=kind)
    relays = RelayRow.objects.filter(milestone__in=milestones, party=found.party(party))
    if not relays.exists():
        raise NotFound("no-such-relay", f"The milestone '{kind}' does not go to that party.")
    if not relays.filter(told_at=None).update(told_at=at):
        raise Misuse("told-already", f"That party was told of the milestone '{kind}' already.")
    record("coordination.relayed", by.person, at, narrow(), case, milestone=kind, party=party)
