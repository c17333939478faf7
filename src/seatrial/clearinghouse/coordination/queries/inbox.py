"""A maintainer's inbox, and what a reporter sees of the case that was made of a report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from seatrial.clearinghouse.coordination.core.case import letters, standing, told
from seatrial.clearinghouse.coordination.core.standing import IN_FORCE
from seatrial.clearinghouse.coordination.models import CaseRow, MilestoneRow, PartyRow, SubjectRow
from seatrial.clearinghouse.coordination.types import (
    CaseEnd,
    EmbargoState,
    Inbox,
    InboxLine,
    InvitationToCase,
    MilestoneKind,
    PartyRole,
    Progress,
    ReportStatus,
)
from seatrial.kernel.errors import Forbidden
from seatrial.parties.types import Actor

from .cases import embargo_view, moves_of, place
from .loading import ACTS, Loaded, label_of, loaded, may_see, no_such_case
from .outside import capacity_of


def inboxes(asking: Actor, now: datetime) -> tuple[Inbox, ...]:
    """The inbox of each organisation the asker speaks for, by id."""
    homes = sorted({home for home, role in asking.roles if role in ACTS})
    return tuple(inbox(asking, home, now) for home in homes)


def inbox(asking: Actor, organisation: str, now: datetime) -> Inbox:
    """Invitations first, then the cases that wait for a word, oldest first. Raises ``Forbidden`` (``role-missing``)."""
    if not any(asking.has(role, organisation) for role in ACTS):
        raise Forbidden("role-missing", f"Only people who act for {organisation[:60]} read its inbox.")
    mine = PartyRow.objects.filter(organisation=organisation, declined_at=None, case__closed_at=None)
    mine = mine.exclude(role=PartyRole.COORDINATOR)
    waiting = mine.filter(released_at=None).count()
    rows = CaseRow.objects.filter(id__in=mine.filter(released_at__isnull=False).values("case_id"))
    rows = rows.order_by("priority", "opened_at", "id").prefetch_related("parties")
    invitations, lines = [], []
    for found in (loaded(row, row.parties.all()) for row in rows):
        own = next(one for one in found.parties if one.organisation_id == organisation)
        if own.id in told(found.case, now) and asking.may_read(label_of(found, now)):
            lines.append(_line(found, own, now))
        elif own.id not in told(found.case, now) and own.status != ReportStatus.CLOSED:
            invitations.append(_invitation(asking, found, own, now))
    lines.sort(key=lambda one: not one.waited_for)
    return Inbox(organisation, tuple(invitations), tuple(lines), waiting, capacity_of(organisation))


def progress(report: str, now: datetime) -> Progress:
    """For whoever holds the report's receipt code or reported it; the caller has checked that.

    Raises ``NotFound`` (``no-such-case``) while no case has been made of it.
    """
    found = progresses([report], now).get(report)
    if found is None:
        raise no_such_case(report)
    return found


def progresses(reports: Collection[str], now: datetime) -> dict[str, Progress]:
    """The same of many reports at once, by report; those without a case are left out. The caller has checked each."""
    subjects = SubjectRow.objects.filter(subject__in=reports).select_related("case").prefetch_related("case__parties")
    cases = {one.subject: one.case for one in subjects}
    first: dict[str, dict[MilestoneKind, datetime]] = defaultdict(dict)
    reached = MilestoneRow.objects.filter(case__in={case.id for case in cases.values()}).order_by("at", "id")
    for case, kind, at in reached.values_list("case_id", "kind", "at"):
        first[case].setdefault(MilestoneKind(kind), at)
    return {report: _progress(report, case, first[case.id], now) for report, case in cases.items()}


def cases_of(reports: Collection[str]) -> dict[str, str]:
    """The case that was made of each report, if one was: for the house itself, which names it to nobody."""
    return dict(SubjectRow.objects.filter(subject__in=reports).values_list("subject", "case_id"))


def _progress(report: str, case: CaseRow, reached: dict[MilestoneKind, datetime], now: datetime) -> Progress:
    found = loaded(case, case.parties.all())
    clock = embargo_view(found, now)
    waiting = sum(1 for one in found.parties if one.released_at is None and one.declined_at is None)
    ended = CaseEnd(case.closed_for) if case.closed_for else None
    waiting = 0 if ended else waiting
    return Progress(report, tuple(reached.items()), waiting, clock.state, clock.until, ended)


def case_about(asking: Actor, report: str, now: datetime) -> str:
    """The case that was made of a report, if the asker may see it; else nothing."""
    subject = SubjectRow.objects.filter(subject=report).select_related("case").first()
    if subject is None or not may_see(asking, loaded(subject.case, subject.case.parties.all()), now):
        return ""
    return str(subject.case_id)


_BEFORE_TOLD = ("join", "decline", "adhere", "tell")


def _invitation(asking: Actor, found: Loaded, own: PartyRow, now: datetime) -> InvitationToCase:
    clock = embargo_view(found, now)
    return InvitationToCase(
        party=own.id,
        role=PartyRole(own.role),
        product=found.row.product,
        invited_at=own.released_at or own.invited_at,
        embargo=clock.state,
        until=clock.until if clock.state in IN_FORCE else None,
        may=tuple(move for move in moves_of(asking, found, own, now) if move in _BEFORE_TOLD),
    )


def _line(found: Loaded, own: PartyRow, now: datetime) -> InboxLine:
    clock = embargo_view(found, now)
    return InboxLine(
        case=found.row.id,
        party=own.id,
        title=found.row.title,
        product=found.row.product,
        status=ReportStatus(own.status),
        letters=letters(found.case, own.id, now),
        embargo=clock.state,
        until=clock.until,
        waited_for=_waited_for(found, own, clock.state),
        told_at=own.told_at,
    )


def _waited_for(found: Loaded, own: PartyRow, state: EmbargoState) -> str:
    """The one thing that this party is asked for now, or nothing."""
    status, view = ReportStatus(own.status), standing(found.case, own.id)
    if place(own) != "joined" or status is ReportStatus.CLOSED:
        return ""
    if state in (EmbargoState.PROPOSED, EmbargoState.REVISE) and own.said is None:
        return "Answer the date that is proposed."
    if status is ReportStatus.RECEIVED:
        return "Say whether the report is valid."
    if status is ReportStatus.VALID:
        return "Say whether you take it on now or later."
    if view.is_vendor and status is ReportStatus.ACCEPTED and not view.ready:
        return "Say when a fix is ready."
    if view.is_vendor and view.ready and not view.deployed:
        return "Say when the fix is out."
    return ""
