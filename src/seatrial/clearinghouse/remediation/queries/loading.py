"""Rows as values, and who may see them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from seatrial.clearinghouse.findings.api import CLEARINGHOUSE
from seatrial.clearinghouse.remediation.core.undertakings import CLEARINGHOUSE as THE_CLEARINGHOUSE
from seatrial.clearinghouse.remediation.core.undertakings import OPERATOR
from seatrial.clearinghouse.remediation.models import AnswerRow, ExposureRow, PaceRow, UndertakingRow
from seatrial.clearinghouse.remediation.types import (
    AnswerView,
    ExposureView,
    Justification,
    Over,
    PaceView,
    Said,
    Status,
)
from seatrial.kernel.errors import NotFound
from seatrial.kernel.labels import Label
from seatrial.parties.types import Actor, Role

ANSWERS = (Role.DEFENDER,)  # who answers for an operator, and reads what is exposed there


def homes(asking: Actor) -> frozenset[str]:
    """The organisations whose exposures the asker reads: as a defender of theirs who is cleared for it."""
    return frozenset(home for home, role in asking.roles if role in ANSWERS and asking.may_read(Label.among(home)))


def own(asking: Actor) -> QuerySet[ExposureRow]:
    """The asker's exposures. An operator's are nobody else's to read."""
    return ExposureRow.objects.filter(organisation__in=homes(asking))


def view(row: ExposureRow, answers: Iterable[AnswerRow] = ()) -> ExposureView:
    return ExposureView(
        id=row.id,
        organisation=row.organisation_id,
        advisory=row.advisory,
        title=row.title,
        urgency=row.urgency,
        system=row.system,
        component=row.component,
        version=row.version,
        why=row.why,
        action=row.action,
        since=row.since,
        due=row.due,
        status=Status(row.status) if row.status else None,
        over=Over(row.over) if row.over else None,
        over_at=row.over_at,
        answers=tuple(AnswerView(_said(one), one.at, one.by) for one in answers),
    )


def said_of(row: ExposureRow) -> Said | None:
    """What counts of its answers, for its date."""
    return Said(Status(row.status), until=row.until) if row.status else None


def _said(row: AnswerRow) -> Said:
    reason = Justification(row.justification) if row.justification else None
    return Said(Status(row.status), reason, row.note, row.action, row.until)


def pace_of(row: PaceRow) -> PaceView:
    return PaceView(
        organisation=row.organisation_id,
        act=row.act,
        attend=row.attend,
        track_more=row.track_more,
        track=row.track,
        remind=row.remind,
        sector=row.sector,
    )


def own_pace(organisation: str) -> PaceView | None:
    row = PaceRow.objects.filter(organisation=organisation).first()
    return None if row is None else pace_of(row)


def side(asking: Actor, row: UndertakingRow) -> str:
    """For whom the asker speaks in an undertaking."""
    return OPERATOR if row.organisation_id in asking.organisations else THE_CLEARINGHOUSE


def visible_undertakings(asking: Actor) -> QuerySet[UndertakingRow]:
    if asking.has(Role.ANALYST, CLEARINGHOUSE):
        return UndertakingRow.objects.all()
    return UndertakingRow.objects.filter(organisation__in=homes(asking))


def undertaking_row(asking: Actor, undertaking: str, *, lock: bool = False) -> UndertakingRow:
    """Raises ``NotFound`` (``no-such-undertaking``)."""
    rows = visible_undertakings(asking)
    row = (rows.select_for_update() if lock else rows).filter(id=undertaking).first()
    if row is None:
        raise NotFound("no-such-undertaking", f"There is no agreement {undertaking[:60]!r} that you may see.")
    return row
