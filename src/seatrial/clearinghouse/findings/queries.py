"""Every read of reports. A receipt code opens its own report; everything else goes by label, or is one's own."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from seatrial.kernel.digests import Digest, digest
from seatrial.kernel.errors import NotFound
from seatrial.kernel.labels import Label
from seatrial.parties.types import Actor

from .core.chunks import leaf, path
from .core.fairness import Waiting, in_turn
from .models import Attachment, Bucket, Report
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
    rows = Report.objects.filter(id__in=list(report_ids)).prefetch_related("attachments", "carried")
    return {row.id: view(row) for row in rows}


def is_own(asking: Actor, row: Report) -> bool:
    """Whether the asker reported it, and still acts for whom they reported."""
    stays = row.organisation == "" or row.organisation in asking.organisations
    return asking.person != "" and row.person == asking.person and stays


def is_ours(asking: Actor, report: ReportView) -> bool:
    """Whether a report that the asker may read is their organisation's, or their own."""
    row = Report.objects.filter(id=report.id).first()
    return row is not None and belongs(asking, row)


def no_such_report(report_id: str) -> NotFound:
    """The one sentence for what is not there and what must not be seen to be there."""
    return NotFound("no-such-report", f"There is no report {report_id[:60]!r} that you may read.")


def reports(asking: Actor, limit: int = 100) -> tuple[ReportLine, ...]:
    """The reports the asker may read, newest first."""
    return tuple(map(_line, readable(asking).order_by("-at", "-id")[: max(0, limit)]))


def mine(asking: Actor, limit: int = 100, *, after: str = "") -> tuple[ReportLine, ...]:
    """The asker's portfolio: what they or their organisations reported, drafts too, newest first.

    ``after`` goes on behind that report of theirs; behind another's there is nothing.
    """
    rows = _own(asking).order_by("-at", "-id")
    if after:
        last = rows.filter(id=after).first()
        rows = rows.filter(Q(at__lt=last.at) | Q(at=last.at, id__lt=last.id)) if last else rows.none()
    return tuple(map(_line, rows[: max(0, limit)]))


def _own(asking: Actor) -> QuerySet[Report]:
    if not asking.person:
        return Report.objects.none()
    own = Q(person=asking.person, organisation="") | Q(organisation__in=asking.organisations - {""})
    return Report.objects.filter(own).filter(Q(person=asking.person) | Q(label__in=_labels(asking)))


def readable(asking: Actor) -> QuerySet[Report]:
    """The rows that the asker's label rules let through."""
    return Report.objects.filter(label__in=_labels(asking))


def _labels(asking: Actor) -> list[str]:
    """Of those in use, the ones that the asker may read."""
    labels = Report.objects.order_by("label").values_list("label", flat=True).distinct()
    return asking.readable(labels)


def same_content(scope: str, contents: Collection[Digest]) -> dict[str, Report]:
    """Those of ``contents`` that stand as reports of ``scope``, each with its row."""
    rows = Report.objects.filter(scope=scope, content_digest__in=contents)
    standing = rows.exclude(state__in=[ReportState.DRAFT, ReportState.WITHDRAWN])
    return {row.content_digest: row for row in standing.defer("document")}


def view(row: Report) -> ReportView:
    """The frozen form of a row; whoever calls has checked the label or the code."""
    document = carried_document(row)
    return ReportView(
        id=row.id,
        title=document.get("title", ""),  # a draft may lack each of them
        description=document.get("description", ""),
        product=document.get("product", {}).get("name", ""),
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
        attachments=tuple(map(_file, sorted(row.attachments.all(), key=lambda file: file.name))),
    )


def carried_document(row: Report) -> dict[str, Any]:
    """The report as it came, with what joined it since at the end of the lists that it belongs to."""
    document: dict[str, Any] = json.loads(row.document)
    for joined in sorted(row.carried.all(), key=lambda one: one.id):
        document.setdefault(joined.kind, []).append(json.loads(joined.data))
    return document


def own_row(asking: Actor, report_id: str) -> Report:
    """The row of a report of the asker's own, or their organisation's, locked. Raises ``NotFound``."""
    row = Report.objects.select_for_update().filter(id=report_id).first()
    if row is None or not belongs(asking, row):
        raise no_such_report(report_id)
    return row


def belongs(asking: Actor, row: Report) -> bool:
    """Whether it is the asker's, or their organisation's and the asker may read it."""
    ours = row.organisation != "" and row.organisation in asking.organisations
    return is_own(asking, row) or (ours and asking.may_read(Label.parse(row.label)))


def attachment(asking: Actor, attachment_id: str) -> AttachmentView:
    """Raises ``NotFound`` (``no-such-attachment``), also for one of a report that the asker may not read."""
    file = Attachment.objects.select_related("report").filter(id=attachment_id).first()
    if file is None or not (asking.may_read(Label.parse(file.report.label)) or is_own(asking, file.report)):
        raise NotFound("no-such-attachment", f"There is no attachment {attachment_id[:60]!r} that you may read.")
    return _file(file)


def chunk_path(row: Report) -> dict[str, Any] | None:
    """Where a report stands in its chunk, and what shows it; ``None`` if its entry is its own."""
    if row.chunk_id is None or row.place is None:
        return None
    held = Report.objects.filter(chunk=row.chunk_id).order_by("place").values_list("id", "content_digest")
    steps = path([leaf(report, content) for report, content in held], row.place)
    return {"place": row.place, "path": [step.hex() for step in steps]}


def allowance(names: Collection[str]) -> dict[str, tuple[float, datetime]]:
    """What the buckets of those names held, and when; without locking them."""
    return {row.name: (row.tokens, row.at) for row in Bucket.objects.filter(name__in=names)}


def _file(file: Attachment) -> AttachmentView:
    return AttachmentView(file.id, file.name, file.media, file.size, Digest(file.digest))


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


def holds(scope: str, content: Digest, size: int) -> bool:
    """Whether a report of ``scope`` has an attachment of that digest and size; strangers have nothing in common."""
    if not scope:
        return False
    return Attachment.objects.filter(report__scope=scope, digest=content, size=size).exists()


def kept(digests: Collection[Digest]) -> frozenset[Digest]:
    """Those that an attachment refers to."""
    return frozenset(map(Digest, Attachment.objects.filter(digest__in=digests).values_list("digest", flat=True)))


def unjudged() -> int:
    """How many reports wait for the machine."""
    waiting = Report.objects.filter(judged_at=None)
    return waiting.exclude(state__in=[ReportState.DRAFT, ReportState.WITHDRAWN]).count()


def next_unjudged(limit: int, *, besides: Collection[str] = ()) -> tuple[str, ...]:
    """The ids of the reports that the machine looks at next, see ``core.fairness``; ``besides`` are in work already.

    Reads at most ``limit`` of each reporter, by the index of what waits.
    """
    waiting = Report.objects.filter(judged_at=None).exclude(state__in=[ReportState.DRAFT, ReportState.WITHDRAWN])
    found: list[Waiting] = []
    for runnable in (True, False):
        ones = waiting.filter(runnable=runnable)
        for lane in ones.order_by("lane").values_list("lane", flat=True).distinct():
            rows = ones.filter(lane=lane).exclude(id__in=besides).order_by("at", "id")
            found += [Waiting(id_, lane, runnable, at) for id_, at in rows.values_list("id", "at")[:limit]]
        if len(found) >= limit:
            break  # those that run come first whatever waits besides
    return tuple(in_turn(found)[:limit])
