"""Every write of reports: taking one in, acknowledging it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from seatrial.kernel.digests import digest, digest_of
from seatrial.kernel.errors import Conflict, Forbidden
from seatrial.ledger import api as ledger
from seatrial.parties.types import Actor, Role

from .core.intake import CLEARINGHOUSE, check, label_of, new_code
from .models import Report
from .queries import report as report_view
from .types import NewReport, Receipt, ReportState, ReportView


@transaction.atomic
def submit(*, report: NewReport, at: datetime, source: str) -> Receipt:
    """Take a report in from anyone; ``source`` says by which way it came (``api``, ``page``, ``cli``).

    The receipt's code is shown this once. Raises ``Misuse`` (``report-invalid``).
    """
    check(report)
    code, label, content = new_code(), label_of(report), digest_of(asdict(report))
    fields = {name: value.strip() for name, value in asdict(report).items() if name != "tlp"}
    row = Report.objects.create(
        **fields,
        code_digest=digest(code.encode()),
        content_digest=content,
        source=source,
        state=ReportState.RECEIVED,
        label=str(label),
        at=at,
    )
    entry = ledger.append(
        kind="report.received",
        actor="anyone",
        facts={"report": row.id, "content": content, "label": str(label)},
        label=label,
        at=at,
    )
    return Receipt(code=code, report=row.id, label=label, at=at, log=entry.log, index=entry.index)


@transaction.atomic
def acknowledge(*, by: Actor, report: str, at: datetime) -> ReportView:
    """An analyst has seen it. Raises ``Conflict`` (``already-acknowledged``)."""
    known = report_view(by, report)
    if not any(role is Role.ANALYST for _, role in by.roles) or CLEARINGHOUSE not in by.organisations:
        raise Forbidden("role-missing", "Only an analyst of the clearinghouse acknowledges reports.")
    changed = Report.objects.filter(id=report, state=ReportState.RECEIVED).update(state=ReportState.ACKNOWLEDGED)
    if not changed:
        raise Conflict("already-acknowledged", f"The report {report} was acknowledged already.")
    ledger.append(kind="report.acknowledged", actor=by.person, facts={"report": report}, label=known.label, at=at)
    return report_view(by, report)
