"""Taking reports in: one transaction and one ledger entry for a chunk, and never the same report of one reporter twice.

What was answered stands: each chunk is answered once its transaction has ended. Files are on the shelf before the rows
that name them, and the shelf is held until those stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import reduce
from itertools import islice
from typing import Any

from django.db import IntegrityError, transaction

from seatrial.clearinghouse.findings.core.attaching import Pieces, taken_out
from seatrial.clearinghouse.findings.core.chunks import CHUNK_RECEIVED, RECEIVED, leaf, root
from seatrial.clearinghouse.findings.core.document import invalid
from seatrial.clearinghouse.findings.core.formats.reading import Item
from seatrial.clearinghouse.findings.core.intake import new_code
from seatrial.clearinghouse.findings.core.quota import Quotas, too_many
from seatrial.clearinghouse.findings.core.reporting import Prepared, Reporter, prepared
from seatrial.clearinghouse.findings.models import Attachment, Chunk, Report
from seatrial.clearinghouse.findings.ports import Shelf
from seatrial.clearinghouse.findings.queries import holds, same_content
from seatrial.clearinghouse.findings.types import ItemResult, Outcome, Receipt, ReportState
from seatrial.kernel.digests import digest
from seatrial.kernel.errors import SeatrialError
from seatrial.kernel.ids import new_id_in_time
from seatrial.kernel.labels import Label
from seatrial.ledger import api as ledger
from seatrial.ledger.types import EntryRef

from .quotas import Allowance, allowance_of

AT_ONCE = 500  # reports in one transaction

Taken = Receipt | SeatrialError


def receive(
    *,
    items: Iterable[Item],
    files: Mapping[str, Pieces],
    whose: Reporter,
    at: datetime,
    source: str,
    shelf: Shelf,
    quotas: Quotas,
    limit: int,
) -> Iterator[tuple[ItemResult, ...]]:
    """Take ``items`` in, ``AT_ONCE`` in a transaction; yields the results of each once it stands.

    ``files`` are what came beside them, by name; ``limit`` is for the attachments of one report, in bytes.
    """
    left = iter(items)
    while part := list(islice(left, AT_ONCE)):
        ready = [_ready(item, files, whose, limit) for item in part]
        good = [one for one in ready if isinstance(one, Prepared)]
        taken = iter(take(reports=good, whose=whose, at=at, source=source, shelf=shelf, quotas=quotas, limit=limit))
        yield tuple(
            _result(item, next(taken) if isinstance(one, Prepared) else one)
            for item, one in zip(part, ready, strict=True)
        )


def receive_one(
    *,
    document: Mapping[str, Any],
    files: Mapping[str, Pieces],
    whose: Reporter,
    at: datetime,
    source: str,
    shelf: Shelf,
    quotas: Quotas,
    limit: int,
) -> Receipt:
    """Take one report in. Raises ``Misuse`` (``report-invalid``), ``Refused`` (``too-many-reports``)."""
    ready = _ready(Item("", document), files, whose, limit)
    if isinstance(ready, SeatrialError):
        raise ready
    (taken,) = take(reports=[ready], whose=whose, at=at, source=source, shelf=shelf, quotas=quotas, limit=limit)
    if isinstance(taken, SeatrialError):
        raise taken
    return taken


def take(
    *,
    reports: Sequence[Prepared],
    whose: Reporter,
    at: datetime,
    source: str,
    shelf: Shelf,
    quotas: Quotas | None,
    limit: int,
) -> tuple[Taken, ...]:
    """In one transaction: a receipt for each of ``reports``, in their order, or why it is not taken
    (``too-many-reports``). ``source`` says by which way they came (``api``, ``page``).

    What this reporter sent before, in an earlier call or in this one, is answered with the report that stands, without
    a code. A code is shown this once.
    """
    if not reports:
        return ()
    with shelf.held():
        here = _put(reports, whose, at, shelf, quotas, limit)
        try:
            return _take(reports, here, whose, at, source, quotas)
        except IntegrityError:  # somebody else took the same in between; now it is known
            return _take(reports, here, whose, at, source, quotas)


def _put(
    reports: Sequence[Prepared], whose: Reporter, at: datetime, shelf: Shelf, quotas: Quotas | None, limit: int
) -> frozenset[str]:
    """The contents of the reports whose files are on the shelf: of those that are new and can be paid for, so that a
    flood of refused ones fills no disk."""
    known = same_content(whose.scope, {one.content for one in reports})
    left, here = float("inf") if quotas is None else allowance_of(whose, quotas, at), set[str]()
    for one in reports:
        if one.content in known or one.content in here or one.cost > left:
            continue
        left -= one.cost
        for file in one.attachments:
            if file.pieces is not None:
                shelf.put(file.pieces(), limit=limit)
        here.add(one.content)
    return frozenset(here)


@transaction.atomic
def _take(
    reports: Sequence[Prepared],
    here: frozenset[str],
    whose: Reporter,
    at: datetime,
    source: str,
    quotas: Quotas | None,
) -> tuple[Taken, ...]:
    standing = same_content(whose.scope, {one.content for one in reports})
    fresh: dict[str, Prepared] = {one.content: one for one in reports if one.content not in standing}
    refusal = _within_quota(fresh, here, whose, quotas, at)
    ids = sorted(new_id_in_time("report", at) for _ in fresh)  # so that they are looked at in the order of their coming
    rows = {content: _row(id_, one, whose, at, source) for id_, (content, one) in zip(ids, fresh.items(), strict=True)}
    codes = {} if whose.is_known else {content: new_code() for content in fresh}
    for content, code in codes.items():
        rows[content].code_digest = digest(code.encode())
    if rows:
        _recorded(list(rows.values()), whose, at, source)
        Report.objects.bulk_create(rows.values())
        Attachment.objects.bulk_create(_attached(fresh.values(), rows.values()))
    answers: list[Taken] = []
    for one in reports:
        row = standing.get(one.content) or rows.get(one.content)
        if row is not None:  # a code is given once; a second of the same in this call is a known one
            code = codes.pop(one.content, "")
            answers.append(receipt_of(row, code=code, known=fresh.pop(one.content, None) is None))
        elif refusal is not None:
            answers.append(refusal)
    return tuple(answers)


def _within_quota(
    fresh: dict[str, Prepared], here: frozenset[str], whose: Reporter, quotas: Quotas | None, at: datetime
) -> SeatrialError | None:
    """Leaves in ``fresh`` what fits, in its order, and is ``here`` with its files, and pays for it; the refusal of the
    rest."""
    if quotas is None or not fresh:
        return None
    allowance = Allowance(whose, quotas, at)
    wanted, spent = 0, 0
    for content, one in list(fresh.items()):
        if content in here and spent + one.cost <= allowance.left:
            spent += one.cost
        else:
            wanted += one.cost
            del fresh[content]
    allowance.spend(spent)
    return too_many(allowance.a_day, allowance.left, wanted) if wanted else None


def _ready(item: Item, files: Mapping[str, Pieces], whose: Reporter, limit: int) -> Prepared | SeatrialError:
    if item.document is None:
        return item.refused or invalid(["it says nothing"])
    try:
        document, attachments = taken_out(item.document, files, limit=limit)
        claimed = [one for one in attachments if one.pieces is None]
        missing = [one.name for one in claimed if not holds(whose.scope, one.digest, one.size)]
        if missing:
            raise invalid([f"the bytes of {name[:80]!r} did not come; send them too" for name in missing])
        return prepared(document, attachments)
    except SeatrialError as error:
        return error


def _result(item: Item, one: Taken) -> ItemResult:
    if isinstance(one, SeatrialError):
        return ItemResult(item.pointer, Outcome.REFUSED, refusal=one.code, why=one.message)
    outcome = Outcome.KNOWN if one.known else Outcome.TAKEN
    return ItemResult(item.pointer, outcome, one.report, one.code, log=one.log, index=one.index)


def _row(id_: str, one: Prepared, whose: Reporter, at: datetime, source: str) -> Report:
    return Report(
        id=id_,
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


def _attached(taken: Iterable[Prepared], rows: Iterable[Report]) -> list[Attachment]:
    return [
        Attachment(report=row, name=file.name, media=file.media, size=file.size, digest=file.digest)
        for one, row in zip(taken, rows, strict=True)
        for file in one.attachments
    ]


def receipt_of(row: Report, *, code: str = "", known: bool = False) -> Receipt:
    """What is handed out for a row."""
    return Receipt(code, row.id, Label.parse(row.label), row.at, row.log, row.index or 0, known)
