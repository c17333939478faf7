"""Opening a case from what was reported or found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from seatrial.clearinghouse.coordination.core.case import negotiate
from seatrial.clearinghouse.coordination.core.standing import NewTerms
from seatrial.clearinghouse.coordination.core.terms import written
from seatrial.clearinghouse.coordination.models import CaseRow, PartyRow, SubjectRow
from seatrial.clearinghouse.coordination.queries.loading import loaded
from seatrial.clearinghouse.coordination.queries.outside import terms_in_force
from seatrial.clearinghouse.coordination.types import MilestoneKind, PartyRole, ReportStatus
from seatrial.clearinghouse.findings import api as findings
from seatrial.clearinghouse.findings.api import CLEARINGHOUSE
from seatrial.clearinghouse.findings.types import ReportView
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

    Whoever reported is in it from the start; the embargo that the terms in force call usual stands proposed. Raises
    ``Conflict`` (``case-open``) if one of the subjects has a case, ``Misuse``, ``NotFound`` (``no-such-report``).
    """
    require_analyst(by, to="open a case")
    named = list(dict.fromkeys(one.strip() for one in subjects if one.strip()))
    if not 1 <= len(named) <= MOST_SUBJECTS or any(len(one) > 60 for one in named):
        raise Misuse("bad-subjects", f"A case is about 1 to {MOST_SUBJECTS} reports, findings or clusters, by id.")
    if not 0 <= priority <= 1_000_000:
        raise Misuse("bad-priority", "A priority is a whole number from 0, which goes first, to 1,000,000.")
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
    _reporters(row, reported, at)
    found = loaded(row, row.parties.select_related("contact"))
    case = negotiate(found.case, house.id, "propose", NewTerms(at + terms.usual), at)
    keep(found, decide(case, house.id, terms, at)[0], at, why="The usual embargo of the terms of disclosure.")
    reach(found, MilestoneKind.RECEIVED, min((one.at for one in reported), default=at))
    reach(found, MilestoneKind.VALIDATED, at)
    said = {"summary": digest(row.summary.encode()), "terms": terms.version, "until": at + terms.usual}
    record_in(found, "coordination.opened", by.person, at, subjects=named, owner=by.person, **said)
    return row.id


def _reporters(row: CaseRow, reported: Sequence[ReportView], at: datetime) -> None:
    """One party for each organisation that reported, one for each report without an account."""
    homes: set[str] = {CLEARINGHOUSE}
    for one in reported:
        if one.organisation and one.organisation in homes:
            continue
        homes.add(one.organisation)
        name = parties.organisation(one.organisation).name if one.organisation else one.finder or "Anonymous reporter"
        _party(row, PartyRole.REPORTER, name[:200], at, organisation=one.organisation or None, report=one.id)


def _party(
    row: CaseRow, role: PartyRole, name: str, at: datetime, *, organisation: str | None, report: str = ""
) -> PartyRow:
    """A party that knows already: it is in the case, and has accepted the report by bringing or opening it."""
    return PartyRow.objects.create(
        case=row,
        role=role,
        name=name,
        organisation_id=organisation,
        report=report,
        status=ReportStatus.ACCEPTED,
        invited_at=at,
        released_at=at,
        joined_at=at,
        told_at=at,
    )
