"""What parties do with the report, and what becomes known: every event of the report's and the case's machines."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from seatrial.clearinghouse.coordination.core.case import happen
from seatrial.clearinghouse.coordination.core.tables import CASE, REPORT
from seatrial.clearinghouse.coordination.models import PartyRow
from seatrial.clearinghouse.coordination.queries.loading import Loaded
from seatrial.clearinghouse.coordination.types import MilestoneKind, PartyRole
from seatrial.kernel.errors import Misuse
from seatrial.kernel.text import checked
from seatrial.parties.types import Actor

from .keeping import (
    facts_of,
    keep,
    locked,
    narrow,
    reach,
    record,
    record_in,
    require_analyst,
    spoke,
    spoken_for,
    told_voice,
)

_FIXES = {"fix_ready": MilestoneKind.PATCH, "fix_deployed": MilestoneKind.RELEASED}
_WORLD = ("public", "exploit_public", "attacks")


@transaction.atomic
def move_report(*, by: Actor, party: str, event: str, at: datetime) -> None:
    """``party`` finds the report valid or invalid, takes it on, puts it off, or closes it.

    Raises ``Refused`` (``wrong-state``, ``not-joined``), ``Misuse`` (``no-such-event``).
    """
    found, own = spoken_for(by, party, at)
    if event not in REPORT.transitions or event == "receive":
        words = ", ".join(word for word in REPORT.transitions if word != "receive")
        raise Misuse("no-such-event", f"A party does one of {words} with a report, not {event[:40]!r}.")
    after, _ = happen(found.case, party, event, None, at)
    keep(found, after, at)
    spoke(own, at)
    record_in(found, REPORT.transitions[event].entry, by.person, at, party=party, event=event)


@transaction.atomic
def record_event(*, by: Actor, case: str, event: str, at: datetime, party: str = "", note: str = "") -> None:
    """A vendor's fix, or what the world knows: ``fix_ready``, ``fix_deployed``, ``public``, ``exploit_public``, …

    Publication, a public exploit and attacks end an embargo in force, and what waited for a maintainer's capacity is
    released. ``party`` is whom ``by`` speaks for; by default its own. Raises ``Refused`` with a guard's name,
    ``Misuse`` (``no-such-event``).
    """
    if event not in CASE.transitions:
        raise Misuse("no-such-event", f"There is no event {event[:40]!r}; there are {', '.join(CASE.transitions)}.")
    found = locked(by, case, at)
    own = told_voice(by, found, party, at)
    note = checked("The note", note, longest=5_000, optional=True)
    after, followed = happen(found.case, own.id, event, None, at)
    keep(found, after, at)
    spoke(own, at)
    if event in _FIXES:
        reach(found, _FIXES[event], at, own, note)
    if after.public and not found.case.public:
        reach(found, MilestoneKind.PUBLISHED, at, None, note)
    urgent = _release_all(found, at) if event in _WORLD else []
    facts = {"party": own.id, "note": note, "followed": facts_of(followed), "released": urgent}
    record_in(found, CASE.transitions[event].entry, by.person, at, **facts)


@transaction.atomic
def heard(*, by: Actor, party: str, at: datetime) -> None:
    """An outside party gave word by other means: its silence begins anew. Raises ``Forbidden`` (``not-yours``)."""
    require_analyst(by, to="note an outside party's word")
    found, own = spoken_for(by, party, at)
    spoke(own, at)
    record("coordination.heard", by.person, at, narrow(), found.row.id, party=party)


def _release_all(found: Loaded, at: datetime) -> list[str]:
    """What attackers or everybody know waits for no capacity."""
    waiting = [one for one in found.parties if one.released_at is None and one.declined_at is None]
    PartyRow.objects.filter(id__in=[one.id for one in waiting]).update(released_at=at)
    if any(one.role == PartyRole.VENDOR for one in waiting):
        reach(found, MilestoneKind.VENDOR_CONTACTED, at)
    return [one.id for one in waiting]
