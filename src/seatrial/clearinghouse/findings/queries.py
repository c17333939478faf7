"""Every read of reports. A receipt code opens its own report; everything else goes by label."""

from __future__ import annotations

from seatrial.kernel.digests import digest
from seatrial.kernel.errors import NotFound
from seatrial.kernel.labels import Label
from seatrial.parties.types import Actor

from .models import Report
from .types import ReportState, ReportView


def follow(code: str) -> ReportView:
    """The report a receipt code was given for. Raises ``NotFound`` (``no-such-report``)."""
    row = Report.objects.filter(code_digest=digest(code.strip().lower().encode())).first()
    if row is None:
        raise NotFound("no-such-report", "No report belongs to this receipt code; check it for a mistyped letter.")
    return view(row)


def report(asking: Actor, report_id: str) -> ReportView:
    """Raises ``NotFound`` (``no-such-report``), also for a report one may not read."""
    row = Report.objects.filter(id=report_id).first()
    if row is None or not asking.may_read(Label.parse(row.label)):
        raise NotFound("no-such-report", f"There is no report {report_id!r} that you may read.")
    return view(row)


def reports(asking: Actor, limit: int = 100) -> tuple[ReportView, ...]:
    """The reports the asker may read, newest first."""
    rows = Report.objects.order_by("-at", "-id")
    readable = (row for row in rows.iterator() if asking.may_read(Label.parse(row.label)))
    return tuple(view(row) for _, row in zip(range(limit), readable, strict=False))


def view(row: Report) -> ReportView:
    """The frozen form of a row; whoever calls has checked the label or the code."""
    return ReportView(
        id=row.id,
        title=row.title,
        description=row.description,
        product=row.product,
        version=row.version,
        finder=row.finder,
        proof=row.proof,
        state=ReportState(row.state),
        label=Label.parse(row.label),
        at=row.at,
    )
