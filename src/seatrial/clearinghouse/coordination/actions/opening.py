"""Opening a case from what was reported or found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from seatrial.clearinghouse.coordination.core.case import Case, answer, negotiate
from seatrial.clearinghouse.coordination.core.provenance import first_date, hops, longer_date, wish
from seatrial.clearinghouse.coordination.core.standing import NewTerms
from seatrial.clearinghouse.coordination.core.terms import written
from seatrial.clearinghouse.coordination.models import CaseRow, PartyRow, SubjectRow
from seatrial.clearinghouse.coordination.queries.loading import Loaded, loaded
from seatrial.clearinghouse.coordination.queries.outside import terms_in_force
from seatrial.clearinghouse.coordination.types import MilestoneKind, PartyRole, ReportStatus
from seatrial.clearinghouse.findings import api as findings
from seatrial.clearinghouse.findings.api import CLEARINGHOUSE
from seatrial.clearinghouse.findings.types import ReportView
from seatrial.clearinghouse.triage import api as triage
from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Conflict, Misuse
from seatrial.kernel.text import checked
from seatrial.parties import api as parties
from seatrial.parties.types import Actor

from .embargo import decide
from .keeping import keep, reach, record_in, require_analyst

MOST_SUBJECTS = 200


@transaction.atomic
def open_case(
    *,
    by: Actor,
    subjects: Sequence[str],
    title: str,
    summary: str,
    product: str,
    at: datetime,
    priority: int = 100,
) -> str:
    """A case about these reports, findings or clusters, owned by ``by``. Returns its id.

    Whoever reported is in it from the start, and the reporter chain behind them. Agreed is the shorter of the usual
    embargo and what the reports ask for; a longer wish stands as a proposed revision (``core.provenance``). Raises
    ``Conflict`` (``case-open``) if one of the subjects has a case, ``Misuse``, ``NotFound`` (``no-such-report``,
    ``no-such-cluster``).
    """
    require_analyst(by, to="open a case")
    named = list(dict.fromkeys(one.strip() for one in subjects if one.strip()))
    if not 1 <= len(named) <= MOST_SUBJECTS or any(len(one) > 60 for one in named):
        raise Misuse("bad-subjects", f"A case is about 1 to {MOST_SUBJECTS} reports, findings or clusters, by id.")
    if not 0 <= priority <= 1_000_000:
        raise Misuse("bad-priority", "A priority is a whole number from 0, which goes first, to 1,000,000.")
    named = _with_reports(by, named)
    taken = SubjectRow.objects.filter(subject__in=named).values_list("subject", "case_id").first()
    if taken is not None:
        raise Conflict("case-open", f"{taken[0]} is the subject of the case {taken[1]} already.")
    reported = [findings.report(by, one) for one in named if one.startswith("report-")]
    terms = terms_in_force()
    row = CaseRow(
        title=checked("The case's title", title, longest=200, lines=False),
        summary=checked("The case's summary", summary, longest=50_000),
        product=checked("The product", product, longest=200, lines=False),
        priority=priority,
        owner_id=by.person,
        terms=written(terms),
        opened_at=at,
    )
    row.save(force_insert=True)
    SubjectRow.objects.bulk_create(SubjectRow(case=row, subject=one) for one in named)
    house = _party(row, PartyRole.COORDINATOR, parties.organisation(CLEARINGHOUSE).name, at, organisation=CLEARINGHOUSE)
    wishes = reporters(row, reported, at)
    found = loaded(row, row.parties.select_related("contact"))
    until = first_date(at + terms.usual, wishes.values(), at)
    keep(found, _agreed(found, house.id, until, wishes, at), at, why="What the report asks for.")
    reach(found, MilestoneKind.RECEIVED, min((one.at for one in reported), default=at))
    reach(found, MilestoneKind.VALIDATED, at)
    said = {"summary": digest(row.summary.encode()), "terms": terms.version, "until": until}
    record_in(found, "coordination.opened", by.person, at, subjects=named, owner=by.person, **said)
    return row.id


def _with_reports(by: Actor, named: Sequence[str]) -> list[str]:
    """These, clusters by the name they have now, and every report of theirs."""
    found: list[str] = []
    for one in named:
        if one.startswith("cluster-"):
            view = triage.cluster(by, one)
            found += [view.id, *(line.report for line in view.reports)]
        else:
            found.append(one)
    return list(dict.fromkeys(found))


def _agreed(found: Loaded, house: str, until: datetime, wishes: Mapping[str, datetime | None], at: datetime) -> Case:
    """The case once the default is proposed and everybody who asked for nothing to the contrary has accepted it."""
    case = negotiate(found.case, house, "propose", NewTerms(until), at)
    for party, asked in wishes.items():
        if asked is None or asked > at:
            case = answer(case, party, True, at)
    case, decided = decide(case, house, found.terms, at)
    longer = longer_date(until, wishes.values(), case.embargo.bound)
    if decided is None or longer is None:
        return case
    asks = next(party for party, asked in wishes.items() if asked is not None and asked >= longer)
    return negotiate(case, asks, "propose", NewTerms(longer), at)


def reporters(row: CaseRow, reported: Sequence[ReportView], at: datetime) -> dict[str, datetime | None]:
    """A party for each organisation that reported and each finder without an account, with the date it wished.

    Behind each stand those who passed the report on: they know of it, have no account here, and are told by somebody.
    Who is in the case already gets no second party, and none is made twice.
    """
    seen, wishes = {CLEARINGHOUSE}, dict[str, datetime | None]()
    for here in row.parties.all():
        seen.add(here.organisation_id or here.name)
    for one in reported:
        name = reporter_name(one)
        if (one.organisation or name) in seen:
            continue
        seen.add(one.organisation or name)
        made = _party(row, PartyRole.REPORTER, name[:200], at, organisation=one.organisation or None, report=one.id)
        wishes[made.id] = wish(one.document)
        for place, hop in enumerate(hops(one.document, name), 1):
            if hop not in seen:
                seen.add(hop)
                _party(
                    row, PartyRole.REPORTER, hop[:200], at, organisation=None, report=one.id, place=place, joins=False
                )
    return wishes


def reporter_name(report: ReportView) -> str:
    """As whom a report's reporter stands in a case."""
    if report.organisation:
        return parties.organisation(report.organisation).name
    return report.finder or "Anonymous reporter"


def _party(
    row: CaseRow,
    role: PartyRole,
    name: str,
    at: datetime,
    *,
    organisation: str | None,
    report: str = "",
    place: int = 0,
    joins: bool = True,
) -> PartyRow:
    """A party that knows already, by bringing, passing on or opening it."""
    return PartyRow.objects.create(
        case=row,
        role=role,
        name=name,
        organisation_id=organisation,
        report=report,
        status=ReportStatus.ACCEPTED,
        place=place,
        invited_at=at,
        released_at=at,
        joined_at=at if joins else None,
        told_at=at,
    )
