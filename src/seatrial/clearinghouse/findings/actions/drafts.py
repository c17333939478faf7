"""Drafts: a report that its writers have not sent yet. No ledger entry tells of one; sending it leaves the first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from seatrial.clearinghouse.findings.core.attaching import Incoming
from seatrial.clearinghouse.findings.core.chunks import RECEIVED
from seatrial.clearinghouse.findings.core.document import checked
from seatrial.clearinghouse.findings.core.intake import draft_label
from seatrial.clearinghouse.findings.core.lifecycle import MACHINE, Standing
from seatrial.clearinghouse.findings.core.quota import Quotas, too_many
from seatrial.clearinghouse.findings.core.reporting import Prepared, Reporter, prepared
from seatrial.clearinghouse.findings.models import Attachment, Report
from seatrial.clearinghouse.findings.ports import Shelf
from seatrial.clearinghouse.findings.queries import carried_document, kept, own_row, same_content, view
from seatrial.clearinghouse.findings.types import Receipt, ReportState, ReportView
from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import Misuse, Refused
from seatrial.kernel.ids import new_id_in_time
from seatrial.ledger import api as ledger
from seatrial.parties.types import Actor

from .quotas import Allowance, allowance_of
from .receiving import receipt_of


def save_draft(
    *,
    by: Actor,
    whose: Reporter,
    report: Prepared,
    draft: str,
    at: datetime,
    shelf: Shelf,
    quotas: Quotas,
    limit: int,
) -> ReportView:
    """Keep ``report`` as a draft, a new one or in place of what ``draft`` holds.

    Keeping one costs what sending one does. Raises ``Misuse`` (``sign-in-needed``), ``NotFound`` (``no-such-report``),
    ``Refused`` (``wrong-state``, ``too-many-reports``).
    """
    if not whose.is_known:
        raise Misuse("sign-in-needed", "A draft is kept for somebody with an account; without one, keep it in a file.")
    left = allowance_of(whose, quotas, at)
    if left < report.cost:
        raise too_many(quotas.person, left, report.cost)
    with shelf.held():
        for file in report.attachments:
            if file.pieces is not None:
                shelf.put(file.pieces(), limit=limit)
        return _save(by, whose, report, draft, at, quotas)


@transaction.atomic
def _save(by: Actor, whose: Reporter, report: Prepared, draft: str, at: datetime, quotas: Quotas) -> ReportView:
    _pay(whose, report, quotas, at)
    row = _draft(by, draft) if draft else Report(id=new_id_in_time("report", at), source="draft")
    if not draft:
        row.scope, row.person, row.organisation, row.lane = whose.scope, whose.person, whose.organisation, whose.lane
    row.state, row.label, row.at = ReportState.DRAFT, str(draft_label(row.scope)), at
    _written(row, report)
    row.save()
    row.attachments.all().delete()
    Attachment.objects.bulk_create([_attachment(row, file) for file in report.attachments])
    return view(row)


@transaction.atomic
def submit_draft(*, by: Actor, draft: str, at: datetime, quotas: Quotas) -> Receipt:
    """Send a draft as it stands. If the same was sent before, the draft goes and that report is named.

    Raises ``Misuse`` (``report-invalid``), ``Refused`` (``wrong-state``, ``too-many-reports``), ``NotFound``.
    """
    row = _draft(by, draft)
    held = tuple(Incoming(one.name, one.media, Digest(one.digest), one.size) for one in row.attachments.all())
    report = prepared(checked(carried_document(row)), held)
    standing = same_content(row.scope, {report.content}).get(report.content)
    if standing is not None:
        _gone(row)
        return receipt_of(standing, known=True)
    whose = Reporter(row.scope, row.person, row.organisation, row.lane)
    _pay(whose, report, quotas, at)
    label = report.label(whose)
    facts = {"report": row.id, "content": report.content, "label": str(label)}
    entry = ledger.append(kind=RECEIVED, actor=by.person, facts=facts, label=label, at=at)
    _written(row, report)
    row.state = MACHINE.apply(Standing(ReportState(row.state)), "submit", None, at).state
    row.label, row.at, row.log, row.index = str(label), at, entry.log, entry.index
    row.save()
    return receipt_of(row)


@transaction.atomic
def drop_draft(*, by: Actor, draft: str) -> frozenset[Digest]:
    """Throw a draft away; the digests of what nobody else's report holds are returned for the shelf."""
    return _gone(_draft(by, draft))


def _pay(whose: Reporter, report: Prepared, quotas: Quotas, at: datetime) -> None:
    allowance = Allowance(whose, quotas, at)
    if allowance.left < report.cost:
        raise too_many(allowance.a_day, allowance.left, report.cost)
    allowance.spend(report.cost)


def _draft(by: Actor, draft: str) -> Report:
    row = own_row(by, draft)
    if row.state != ReportState.DRAFT:
        raise Refused("wrong-state", f"The report {draft} was sent already; it is {row.state} and no draft.")
    return row


def _gone(row: Report) -> frozenset[Digest]:
    files = frozenset(Digest(one) for one in row.attachments.values_list("digest", flat=True))
    row.attachments.all().delete()
    row.delete()
    return files - kept(files)


def _written(row: Report, report: Prepared) -> None:
    """The columns that follow from the document."""
    columns: Mapping[str, object] = {
        "content_digest": report.content,
        "title": report.title,
        "product": report.product,
        "version": report.version,
        "finder": report.finder,
        "document": report.document,
        "runnable": report.runnable,
    }
    for name, value in columns.items():
        setattr(row, name, value)


def _attachment(row: Report, file: Incoming) -> Attachment:
    return Attachment(report=row, name=file.name, media=file.media, size=file.size, digest=file.digest)
