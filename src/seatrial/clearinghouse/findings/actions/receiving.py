"""Taking reports in: one transaction, one ledger entry, and never the same report of one reporter twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import reduce

from django.db import IntegrityError, transaction

from seatrial.clearinghouse.findings.core.chunks import CHUNK_RECEIVED, RECEIVED, leaf, root
from seatrial.clearinghouse.findings.core.intake import new_code
from seatrial.clearinghouse.findings.core.reporting import Prepared, Reporter
from seatrial.clearinghouse.findings.models import Attachment, Chunk, Report
from seatrial.clearinghouse.findings.queries import same_content
from seatrial.clearinghouse.findings.types import Receipt, ReportState
from seatrial.kernel.digests import digest
from seatrial.kernel.ids import new_id_in_time
from seatrial.kernel.labels import Label
from seatrial.ledger import api as ledger
from seatrial.ledger.types import EntryRef


def take(*, reports: Sequence[Prepared], whose: Reporter, at: datetime, source: str) -> tuple[Receipt, ...]:
    """A receipt for each of ``reports``, in their order; ``source`` says by which way they came (``api``, ``page``).

    What this reporter sent before, in an earlier call or in this one, is answered with the report that stands, without
    a code. A code is shown this once.
    """
    try:
        return _take(reports, whose, at, source)
    except IntegrityError:  # somebody else took the same in between; now it is known
        return _take(reports, whose, at, source)


@transaction.atomic
def _take(reports: Sequence[Prepared], whose: Reporter, at: datetime, source: str) -> tuple[Receipt, ...]:
    standing = same_content(whose.scope, {one.content for one in reports})
    fresh = {one.content: one for one in reports if one.content not in standing}
    rows = [_row(one, whose, at, source) for one in fresh.values()]
    made = dict(zip(fresh, rows, strict=True))
    codes = {} if whose.is_known else {content: new_code() for content in fresh}
    for content, code in codes.items():
        made[content].code_digest = digest(code.encode())
    if rows:
        _recorded(rows, whose, at, source)
        Report.objects.bulk_create(rows)
        Attachment.objects.bulk_create(_attached(fresh.values(), rows))
    receipts = []
    for one in reports:
        known = one.content in standing or one.content not in fresh
        row = standing.get(one.content) or made[one.content]
        fresh.pop(one.content, None)  # a second of the same in this call is a known one
        receipts.append(_receipt(row, "" if known else codes.get(one.content, ""), known))
    return tuple(receipts)


def _row(one: Prepared, whose: Reporter, at: datetime, source: str) -> Report:
    return Report(
        id=new_id_in_time("report", at),
        content_digest=one.content,
        scope=whose.scope,
        person=whose.person,
        organisation=whose.organisation,
        lane=whose.lane,
        title=one.title,
        product=one.product,
        version=one.version,
        finder=one.finder,
        document=one.document,
        runnable=one.runnable,
        source=source,
        state=ReportState.RECEIVED,
        label=str(one.label(whose)),
        at=at,
    )


def _recorded(rows: Sequence[Report], whose: Reporter, at: datetime, source: str) -> None:
    """One ledger entry: of the report, or of all of them under one root."""
    actor = whose.person or "anyone"
    label = reduce(Label.join, map(Label.parse, {row.label for row in rows}))
    chunk: Chunk | None = None
    if len(rows) == 1:
        facts = {"report": rows[0].id, "content": rows[0].content_digest, "label": rows[0].label}
        entry = ledger.append(kind=RECEIVED, actor=actor, facts=facts, label=label, at=at)
    else:
        top = root([leaf(row.id, row.content_digest) for row in rows]).hex()
        held = {"reports": len(rows), "root": top, "source": source}
        entry = ledger.append(kind=CHUNK_RECEIVED, actor=actor, facts=held, label=label, at=at)
        chunk = Chunk.objects.create(root=top, size=len(rows), log=entry.log, index=entry.index, at=at)
    for place, row in enumerate(rows):
        _stands_in(row, entry)
        if chunk is not None:
            row.chunk, row.place = chunk, place


def _stands_in(row: Report, entry: EntryRef) -> None:
    row.log, row.index = entry.log, entry.index


def _attached(taken: Iterable[Prepared], rows: Sequence[Report]) -> list[Attachment]:
    return [
        Attachment(report=row, name=file.name, media=file.media, size=file.size, digest=file.digest)
        for one, row in zip(taken, rows, strict=True)
        for file in one.attachments
    ]


def _receipt(row: Report, code: str, known: bool) -> Receipt:
    return Receipt(code, row.id, Label.parse(row.label), row.at, row.log, row.index or 0, known)
