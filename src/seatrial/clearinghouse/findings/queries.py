"""Every read of reports. A receipt code opens its own report; everything else goes by label, or is one's own."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Q, QuerySet

from seatrial.kernel.digests import Digest, digest
from seatrial.kernel.errors import NotFound
from seatrial.kernel.labels import Label
from seatrial.parties.types import Actor

from .models import Report
from .types import AttachmentView, ReportLine, ReportState, ReportView


def follow(code: str) -> ReportView:
    """The report a receipt code was given for. Raises ``NotFound`` (``no-such-report``)."""
    return view(followed(code))


def followed(code: str) -> Report:
    """Raises ``NotFound`` (``no-such-report``)."""
    row = Report.objects.filter(code_digest=digest(code.strip().lower().encode())).first()
    if row is None:
        raise NotFound("no-such-report", "No report belongs to this receipt code; check it for a mistyped letter.")
    return row


def report(asking: Actor, report_id: str) -> ReportView:
    """Raises ``NotFound`` (``no-such-report``), also for a report one may not read."""
    return view(row_of(asking, report_id))


def row_of(asking: Actor, report_id: str) -> Report:
    """The row of a report that the asker may read. Raises ``NotFound`` (``no-such-report``)."""
    row = Report.objects.filter(id=report_id).first()
    if row is None or not (asking.may_read(Label.parse(row.label)) or is_own(asking, row)):
        raise no_such_report(report_id)
    return row


def stated(report_ids: Iterable[str]) -> dict[str, ReportView]:
    """Reports by id, whoever may read them: for rooms above, which look at the label before anything is shown."""
    rows = Report.objects.filter(id__in=list(report_ids)).prefetch_related("attachments")
    return {row.id: view(row) for row in rows}


def is_own(asking: Actor, row: Report) -> bool:
    """Whether the asker reported it."""
    return asking.person != "" and row.person == asking.person


def no_such_report(report_id: str) -> NotFound:
    """The one sentence for what is not there and what must not be seen to be there."""
    return NotFound("no-such-report", f"There is no report {report_id[:60]!r} that you may read.")


def reports(asking: Actor, limit: int = 100) -> tuple[ReportLine, ...]:
    """The reports the asker may read, newest first."""
    return tuple(map(_line, readable(asking).order_by("-at", "-id")[: max(0, limit)]))


def mine(asking: Actor, limit: int = 100) -> tuple[ReportLine, ...]:
    """The asker's portfolio: what they or their organisations reported, drafts too, newest first."""
    if not asking.person:
        return ()
    own = Q(person=asking.person) | Q(organisation__in=asking.organisations - {""})
    return tuple(map(_line, Report.objects.filter(own).order_by("-at", "-id")[: max(0, limit)]))


def readable(asking: Actor) -> QuerySet[Report]:
    """The rows that the asker's label rules let through."""
    labels = Report.objects.order_by("label").values_list("label", flat=True).distinct()
    return Report.objects.filter(label__in=[one for one in labels if asking.may_read(Label.parse(one))])


def same_content(scope: str, contents: Collection[Digest]) -> dict[str, Report]:
    """Those of ``contents`` that stand as reports of ``scope``, each with its row."""
    rows = Report.objects.filter(scope=scope, content_digest__in=contents)
    standing = rows.exclude(state__in=[ReportState.DRAFT, ReportState.WITHDRAWN])
    return {row.content_digest: row for row in standing.defer("document")}


def view(row: Report) -> ReportView:
    """The frozen form of a row; whoever calls has checked the label or the code."""
    document: dict[str, Any] = json.loads(row.document)
    return ReportView(
        id=row.id,
        title=document["title"],
        description=document["description"],
        product=document["product"]["name"],
        version=row.version,
        finder=row.finder,
        proof=document.get("proof", {}).get("text", ""),
        state=ReportState(row.state),
        label=Label.parse(row.label),
        at=row.at,
        organisation=row.organisation,
        runnable=row.runnable,
        reason=row.reason,
        document=document,
        attachments=tuple(
            AttachmentView(file.id, file.name, file.media, file.size, Digest(file.digest))
            for file in sorted(row.attachments.all(), key=lambda file: file.name)
        ),
    )


def _line(row: Report) -> ReportLine:
    return ReportLine(
        id=row.id,
        title=row.title,
        product=row.product,
        version=row.version,
        finder=row.finder,
        state=ReportState(row.state),
        label=Label.parse(row.label),
        at=row.at,
        organisation=row.organisation,
        runnable=row.runnable,
    )
