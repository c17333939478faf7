"""What the end of a case rests on, and who may end it."""

from __future__ import annotations

from datetime import datetime

from seatrial.clearinghouse.coordination.core.closing import CLOSED, LIFE, Close, Life, life_state
from seatrial.clearinghouse.coordination.models import CaseRow
from seatrial.clearinghouse.coordination.types import CaseEnd, Ended
from seatrial.clearinghouse.findings import api as findings
from seatrial.clearinghouse.findings.types import ReportState
from seatrial.kernel.errors import NotFound
from seatrial.parties import api as parties
from seatrial.parties.types import Actor

from .loading import Loaded, is_analyst, silence


def life_of(found: Loaded, now: datetime) -> Life:
    """A case as the machine of its end sees it."""
    named = found.row.subjects.filter(subject__startswith="report-").values_list("subject", flat=True)
    states = [one.state for one in findings.stated(named).values()]
    waited = ((one.id, silence(found.row, one)) for one in found.parties)
    return Life(
        case=found.case,
        ended=CaseEnd(found.row.closed_for) if found.row.closed_for else None,
        reported=len(states),
        withdrawn=sum(1 for state in states if state is ReportState.WITHDRAWN),
        silent=tuple((party, since) for party, since in waited if since is not None),
        patience=max(rung.after for rung in found.terms.rungs),
    )


def keeps(asking: Actor, row: CaseRow) -> bool:
    """Whether the asker closes a case: its owner, or any analyst once the owner handles cases no more."""
    if not is_analyst(asking):
        return False
    if asking.person == row.owner_id:
        return True
    try:
        return not is_analyst(parties.actor(row.owner_id))
    except NotFound:
        return True


def end_moves(asking: Actor, found: Loaded, now: datetime) -> tuple[str, ...]:
    """``close`` if one of the reasons would do now, ``reopen`` once it is closed."""
    if not keeps(asking, found.row):
        return ()
    life = life_of(found, now)
    if life_state(life, now) == CLOSED:
        return ("reopen",)
    ways = (Close(reason, *(("another", True) if reason is CaseEnd.DUPLICATE else ())) for reason in CaseEnd)
    return ("close",) if any(LIFE.refusal(life, "close", way, now) is None for way in ways) else ()


def ended(row: CaseRow, *, whole: bool) -> Ended | None:
    """How a case ended; ``whole`` with the words, for those who handle it."""
    if row.closed_at is None:
        return None
    other = row.duplicate_of_id or ""
    return Ended(CaseEnd(row.closed_for), row.closed_at, row.closed_why if whole else "", other if whole else "")
