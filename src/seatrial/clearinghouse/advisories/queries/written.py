"""Advisories as those see them who write them: analysts of the clearinghouse."""

from __future__ import annotations

from datetime import datetime

from seatrial.clearinghouse.advisories.core.checks import check
from seatrial.clearinghouse.advisories.core.content import read
from seatrial.clearinghouse.advisories.core.lifecycle import MACHINE, Doing, Life
from seatrial.clearinghouse.advisories.models import Advisory
from seatrial.clearinghouse.advisories.types import AdvisoryLine, AdvisoryState, AdvisoryView, RevisionView, Tlp
from seatrial.clearinghouse.coordination import api as coordination
from seatrial.clearinghouse.coordination.types import EmbargoState
from seatrial.clearinghouse.findings.api import CLEARINGHOUSE
from seatrial.kernel.labels import Label
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, Role

from .published import no_such_advisory

OWN = Label.among(CLEARINGHOUSE)


def is_analyst(asking: Actor) -> bool:
    """Whether the asker writes advisories for the clearinghouse."""
    return asking.has(Role.ANALYST, CLEARINGHOUSE)


def advisories(asking: Actor, limit: int = 200, *, case: str = "") -> tuple[AdvisoryLine, ...]:
    """Every advisory, or those of a case, the one touched last first; nothing for whoever is no analyst."""
    if not is_analyst(asking):
        return ()
    rows = Advisory.objects.filter(**{"case": case} if case else {}).order_by("-edited_at", "id")[: max(0, limit)]
    return tuple(
        AdvisoryLine(
            id=row.id,
            tracking=row.tracking,
            title=row.content.get("title", ""),
            state=AdvisoryState(row.state),
            tlp=Tlp(row.content.get("tlp", Tlp.CLEAR)),
            revision=row.revision,
            updated_at=row.edited_at,
        )
        for row in rows
    )


def advisory(asking: Actor, advisory_id: str, now: datetime) -> AdvisoryView:
    """By its id or its tracking id. Raises ``NotFound`` (``no-such-advisory``), also for whoever is no analyst."""
    return view(asking, row_of(asking, advisory_id), now)


def row_of(asking: Actor, advisory_id: str) -> Advisory:
    """The row of an advisory that the asker may write. Raises ``NotFound`` (``no-such-advisory``)."""
    field = "id" if advisory_id.startswith("advisory-") else "tracking"
    row = Advisory.objects.filter(**{field: advisory_id}).first() if is_analyst(asking) else None
    if row is None:
        raise no_such_advisory(advisory_id)
    return row


def life(asking: Actor, row: Advisory, now: datetime) -> Life:
    """What the rules need of a row."""
    embargo = coordination.case(asking, row.case_id, now).embargo.state
    return Life(
        state=AdvisoryState(row.state),
        revision=row.revision,
        submitted_by=row.submitted_by,
        gaps=len(check(read(row.content))),
        embargoed=embargo in (EmbargoState.ACTIVE, EmbargoState.REVISE),
    )


def view(asking: Actor, row: Advisory, now: datetime) -> AdvisoryView:
    """The frozen form of a row; whoever calls has checked that the asker is an analyst."""
    content, standing = read(row.content), life(asking, row, now)
    doing = Doing(asking.person, "because")
    may = tuple(event for event in MACHINE.transitions if MACHINE.refusal(standing, event, doing, now) is None)
    names = parties.names(_people(row))
    return AdvisoryView(
        id=row.id,
        tracking=row.tracking,
        case=row.case_id,
        state=standing.state,
        version=row.version,
        content=content,
        gaps=check(content),
        summary=row.summary,
        submitted_by=row.submitted_by,
        returned_why=row.returned_why,
        revision=row.revision,
        created_at=row.created_at,
        edited_at=row.edited_at,
        released_at=row.released_at,
        withdrawn_why=row.withdrawn_why,
        revisions=tuple(
            RevisionView(
                one.number,
                one.summary,
                one.at,
                names.get(one.written_by, one.written_by),
                names.get(one.published_by, one.published_by),
                one.digest,
            )
            for one in row.revisions.order_by("number")
        ),
        may=may,
        label=OWN,
    )


def _people(row: Advisory) -> set[str]:
    pairs = row.revisions.values_list("written_by", "published_by")
    return {person for pair in pairs for person in pair}
