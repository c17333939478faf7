"""A case follows its cluster: a report that joins it later comes into the case, and leaves it if that is taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import ProtectedError

from seatrial.clearinghouse.coordination.core.case import Case, adhere, answer, negotiate, standing
from seatrial.clearinghouse.coordination.core.provenance import hops, in_time
from seatrial.clearinghouse.coordination.core.standing import NewTerms, embargo_state, in_force
from seatrial.clearinghouse.coordination.core.tables import EMBARGO
from seatrial.clearinghouse.coordination.models import MilestoneRow, PartyRow, RelayRow, SubjectRow
from seatrial.clearinghouse.coordination.queries.clusters import moved
from seatrial.clearinghouse.coordination.queries.loading import Loaded, loaded
from seatrial.clearinghouse.coordination.types import EmbargoState, ReportStatus
from seatrial.clearinghouse.findings import api as findings
from seatrial.clearinghouse.findings.types import ReportView

from .keeping import INSTANCE_ITSELF, follows, keep, locked_by_rule, record_in
from .opening import reporter_name, reporters

GONE = "Its report is not of this case's flaw any more."


@transaction.atomic
def follow_cluster(*, case: str, at: datetime) -> int:
    """Bring a case up to its cluster as it is now; how many reports came or left. Idempotent.

    Whoever brought a report that came takes part from then on, with the chain behind them, and milestones reached so
    far go to them. As at the opening, one whose report asks for no other date is bound by the embargo in force; a
    date that it does ask for stands proposed if none does. Whoever came with a report that left again leaves with it.
    """
    found = locked_by_rule(case)
    came, left = moved([case]).get(case, ((), ())) if found.row.closed_at is None else ((), ())
    if not came and not left:
        return 0
    found.row.subjects.filter(subject__in=left).delete()
    SubjectRow.objects.bulk_create(SubjectRow(case=found.row, subject=one, followed_at=at) for one in came)
    staying = found.row.subjects.filter(subject__startswith="report-").values_list("subject", flat=True)
    views = sorted(findings.stated(staying).values(), key=lambda one: (one.at, one.id))
    gone = [_leaves(found, one, views, at) for one in found.parties if one.report in left]
    _back(found, [one for one in views if one.id in came], at)
    found = _again(found)
    known = {one.id for one in found.parties}
    wishes = reporters(found.row, views, at)
    found = _again(found)
    new = [one for one in found.parties if one.id not in known]
    keep(found, _as_they_wish(found, wishes, at), at, why="What the report asks for.")
    _relay(found, new, at)
    facts = {
        "came": list(came),
        "left": list(left),
        "parties": [one.id for one in new],
        "gone": [one for one in gone if one],
    }
    record_in(found, "coordination.followed", INSTANCE_ITSELF, at, **facts)
    return len(came) + len(left)


def _as_they_wish(found: Loaded, wishes: dict[str, datetime | None], at: datetime) -> Case:
    """The case once who came has said to dates what its report says."""
    case = found.case
    for party, asked in wishes.items():
        state, embargo = embargo_state(standing(case, party), at), case.embargo
        if state is EmbargoState.PROPOSED and embargo.proposal and in_time(asked, embargo.proposal.until, at):
            case = answer(case, party, True, at)
        if not in_force(standing(case, party), at) or embargo.active is None:
            continue
        if in_time(asked, embargo.active.until, at):
            case = adhere(case, party, at)
        if asked is None or asked <= at or asked == embargo.active.until or embargo.proposal is not None:
            continue
        wanted = NewTerms(min(asked, embargo.bound))
        if (
            wanted.until != embargo.active.until
            and EMBARGO.refusal(standing(case, party), "propose", wanted, at) is None
        ):
            case = negotiate(case, party, "propose", wanted, at)
    return case


def _relay(found: Loaded, new: Sequence[PartyRow], at: datetime) -> None:
    """What was reached so far goes to who came as well."""
    RelayRow.objects.bulk_create(
        RelayRow(milestone=milestone, party=one, told_at=at if follows(one) else None)
        for milestone in MilestoneRow.objects.filter(case=found.row).order_by("at", "id")
        for one in new
    )


def _leaves(found: Loaded, one: PartyRow, staying: Sequence[ReportView], at: datetime) -> str:
    """The id of a reporter's party that goes; one that brought another report too stays, and nothing is returned.

    One that has spoken stands in the matrix still, and is told nothing more.
    """
    for other in staying:
        if one.organisation_id == other.organisation if one.organisation_id else one.name in _names(other):
            PartyRow.objects.filter(id=one.id).update(report=other.id)
            return ""
    proposal = found.case.embargo.proposal
    try:
        if proposal is not None and proposal.by == one.id:
            raise ProtectedError("It has proposed a date.", set())
        with transaction.atomic():
            RelayRow.objects.filter(party=one).delete()
            PartyRow.objects.filter(id=one.id).delete()
    except ProtectedError:
        out = {"status": ReportStatus.START, "bound": False, "said": None, "joined_at": None, "told_at": None}
        PartyRow.objects.filter(id=one.id).update(**out, declined_at=at, declined_why=GONE, released_at=None)
    return one.id


def _back(found: Loaded, came: Sequence[ReportView], at: datetime) -> None:
    """Who had spoken and left comes back with another report; it accepts the embargo in force anew."""
    for one in came:
        left = PartyRow.objects.filter(case=found.row, declined_why=GONE)
        mine = left.filter(organisation=one.organisation) if one.organisation else left.filter(name__in=_names(one))
        here = {"status": ReportStatus.ACCEPTED, "joined_at": at, "released_at": at, "told_at": at}
        mine.update(**here, declined_at=None, declined_why="", report=one.id)


def _names(report: ReportView) -> tuple[str, ...]:
    """As whom its reporter and those who passed it on stand in a case if they have no account."""
    name = reporter_name(report)
    return name[:200], *(hop[:200] for hop in hops(report.document, name))


def _again(found: Loaded) -> Loaded:
    row = type(found.row).objects.get(id=found.row.id)
    return loaded(row, row.parties.select_related("contact"))
