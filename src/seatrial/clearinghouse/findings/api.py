"""The door to the intake: the same one for everybody."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import transaction

from seatrial.kernel.canonical import canonical
from seatrial.kernel.clock import iso
from seatrial.kernel.digests import Digest, digest
from seatrial.kernel.errors import Misuse, Unavailable
from seatrial.kernel.labels import Label, Reader
from seatrial.kernel.recipients import PrivateKey, new_private_key
from seatrial.ledger import api as ledger
from seatrial.parties.types import ANYONE, Actor

from . import actions, queries
from .actions import accept, acknowledge, exchange_identifier, judged, pass_on, return_report
from .adapters.sealed_shelf import SealedShelf
from .core.attaching import Pieces, taken_out, with_data
from .core.chunks import check_receipt
from .core.document import checked, of_short
from .core.formats.packed import gathered, unpacked
from .core.formats.reading import Given, read
from .core.intake import CLEARINGHOUSE, check
from .core.quota import Quotas, level, neighbourhood, too_many
from .core.reporting import Reporter, buckets, prepared, reporter
from .queries import follow, is_ours, mine, next_unjudged, report, reports, stated, unjudged
from .types import AttachmentView, BatchResult, ItemResult, NewReport, Outcome, Receipt, ReportView

__all__ = [
    "CLEARINGHOUSE",
    "Given",
    "accept",
    "acknowledge",
    "attachment",
    "drop_draft",
    "exchange_identifier",
    "export",
    "files_of",
    "follow",
    "import_file",
    "import_parts",
    "is_ours",
    "judged",
    "ledger_receipt",
    "mine",
    "next_unjudged",
    "pass_on",
    "report",
    "reports",
    "return_report",
    "save_draft",
    "schema",
    "stated",
    "submit",
    "submit_draft",
    "sweep",
    "unjudged",
    "verify_receipt",
    "whole",
    "withdraw",
]

_SCHEMA = Path(__file__).parent / "data" / "report-1.schema.json"
MOST_FILES = 512 * 1024**2  # bytes of one report's files that a machine is given
_STRAY = timedelta(hours=6)  # older than any upload
_UNPACKED = 4  # a file may unpack to so many times what may be sent


def submit(
    *,
    report: NewReport | Mapping[str, Any],
    at: datetime,
    source: str,
    by: Actor = ANYONE,
    organisation: str = "",
    address: str = "",
    files: Mapping[str, Pieces] | None = None,
) -> Receipt:
    """Take a report in from anyone, in the short form or as a document of the own format.

    ``source`` says by which way it came (``api``, ``page``, ``cli``), ``address`` from where (empty: not bounded),
    ``files`` are its attachments' bytes by name. Raises ``Misuse`` (``report-invalid``, ``which-organisation``),
    ``Refused`` (``too-many-reports``).
    """
    whose = _reporter(by, organisation, address)
    _check_allowance(whose, at)
    if isinstance(report, NewReport):
        check(report)
        document = of_short(report)
        if files:  # the short form names no attachments: all that came beside it are
            document = checked({**document, "attachments": [{"name": name} for name in files]})
    else:
        document = checked(dict(report))
    return actions.receive_one(document=document, files=files or {}, whose=whose, at=at, source=source, **_means())


def import_file(
    *,
    pieces: Iterable[bytes],
    at: datetime,
    source: str,
    by: Actor = ANYONE,
    organisation: str = "",
    address: str = "",
    given: Given = Given(),  # noqa: B008 - frozen
    files: Mapping[str, Pieces] | None = None,
) -> BatchResult:
    """Take in every report of a file: own format, short form, SARIF, OSV, CSAF, a JSON array or JSON lines of them,
    also packed with gzip; at most 10,000. Each item is judged alone; ``given`` is said for those that do not say it.

    Raises ``Misuse`` as ``core.formats.reading.read`` does and ``body-too-large``, ``bad-gzip``,
    ``which-organisation``; ``Refused`` (``too-many-reports``) if nothing more may be sent just now.
    """
    whose = _reporter(by, organisation, address)
    _check_allowance(whose, at)
    data = whole(pieces)
    results = [result for part in _parts(data, whose, at, source, given, files)[1] for result in part]
    counts = {one: sum(result.outcome is one for result in results) for one in Outcome}
    return BatchResult(
        digest=digest(data),
        taken=counts[Outcome.TAKEN],
        known=counts[Outcome.KNOWN],
        refused=counts[Outcome.REFUSED],
        items=tuple(results),
        retry_after=_retry_after(results, whose, at),
    )


def import_parts(
    *,
    data: bytes,
    at: datetime,
    source: str,
    by: Actor = ANYONE,
    organisation: str = "",
    given: Given = Given(),  # noqa: B008 - frozen
) -> tuple[int, Iterator[tuple[ItemResult, ...]]]:
    """How many items there are, and their results in parts, each of which stands when it comes; see ``import_file``."""
    whose = _reporter(by, organisation, "")
    _check_allowance(whose, at)
    return _parts(data, whose, at, source, given, None)


def whole(pieces: Iterable[bytes]) -> bytes:
    """What was sent at once, bounded. Raises ``Misuse`` (``body-too-large``)."""
    return gathered(pieces, _limit())


def save_draft(
    *,
    by: Actor,
    report: Mapping[str, Any],
    at: datetime,
    draft: str = "",
    organisation: str = "",
    files: Mapping[str, Pieces] | None = None,
) -> ReportView:
    """Keep a report that is not finished, for its writer and their organisation alone; ``draft`` replaces that one.

    Raises ``Misuse`` (``report-invalid``: what is there must be sound), and as ``actions.save_draft`` does.
    """
    whose = _reporter(by, organisation, "")
    document, attachments = taken_out(checked(dict(report), unfinished=True), files or {}, limit=_limit())
    for one in attachments:
        if one.pieces is None and not queries.holds(whose.scope, one.digest, one.size):
            raise Misuse("report-invalid", f"The bytes of {one.name[:80]!r} did not come; send them again.")
    kept = prepared(document, attachments)
    return actions.save_draft(by=by, whose=whose, report=kept, draft=draft, at=at, **_means())


def submit_draft(*, by: Actor, draft: str, at: datetime) -> Receipt:
    """See ``actions.submit_draft``."""
    return actions.submit_draft(by=by, draft=draft, at=at, quotas=_quotas())


def drop_draft(*, by: Actor, draft: str) -> None:
    """See ``actions.drop_draft``; its attachments go once that stands."""
    _remove_once_it_stands(actions.drop_draft(by=by, draft=draft))


def withdraw(*, report: str = "", code: str = "", by: Actor = ANYONE, at: datetime) -> ReportView:
    """Its reporter takes a report back, named by its id or its receipt ``code``; its attachments go once that stands.

    Raises as ``actions.withdraw`` does, and ``NotFound`` (``no-such-report``).
    """
    named = queries.followed(code).id if code else report
    view, files = actions.withdraw(by=by, report=named, at=at, with_code=bool(code))
    _remove_once_it_stands(files)
    return view


def attachment(asking: Actor, attachment_id: str) -> tuple[AttachmentView, BinaryIO]:
    """What an attachment is, and its bytes. Raises ``NotFound`` (``no-such-attachment``), ``Unavailable``."""
    found = queries.attachment(asking, attachment_id)
    return found, _shelf().open(found.digest)


def export(asking: Actor, report: str = "", *, code: str = "", with_files: bool = True, hop: bool = False) -> bytes:
    """A report in the own format, canonical JSON: what came, with what joined it since. Taken in elsewhere and exported
    again it is the same bytes. ``with_files`` puts the attachments' bytes in; ``hop`` appends this clearinghouse to the
    chain, for handing it on.

    Raises ``NotFound`` (``no-such-report``).
    """
    row = queries.followed(code) if code else queries.row_of(asking, report)
    document = queries.carried_document(row)
    if with_files:
        document = with_data(document, {file.name: _whole(Digest(file.digest)) for file in row.attachments.all()})
    if hop:
        here = {"organisation": str(settings.SEATRIAL.ledger_origin), "identifier": row.id, "at": iso(row.at)}
        document["chain"] = [*document.get("chain", []), here]
    return canonical(document)


def ledger_receipt(asking: Actor, report: str = "", *, code: str = "", at: datetime) -> dict[str, Any]:
    """What shows that a report is on the ledger, verified: its entry's receipt, and its path where many share an entry.

    Raises ``NotFound`` (``no-such-report``), ``Unavailable`` (``no-receipt``).
    """
    row = queries.followed(code) if code else queries.row_of(asking, report)
    if not row.log or row.index is None:
        raise Unavailable("no-receipt", "This report was taken before receipts of reports were kept, or is a draft.")
    label = Label.parse(row.label)
    own = Reader(organisations=label.audience or frozenset(), level=label.level)  # whoever may read it, reads its entry
    made = {
        "report": row.id,
        "content": row.content_digest,
        "ledger": ledger.receipt(own, log=row.log, index=row.index, at=at),
    }
    if (path := queries.chunk_path(row)) is not None:
        made["chunk"] = path
    verify_receipt(made, ledger.public_key())
    return made


def verify_receipt(receipt: object, public_key: str) -> None:
    """Pure, for anyone: raises ``Misuse`` (``receipt-invalid``) unless ``receipt`` shows its report on that ledger."""
    if not isinstance(receipt, dict) or not isinstance(receipt.get("ledger"), dict):
        raise Misuse("receipt-invalid", "This is no receipt of a report; fetch it again.")
    check_receipt(receipt, ledger.verify_receipt(receipt["ledger"], public_key))


def schema() -> dict[str, Any]:
    """The JSON Schema of the own format."""
    found: dict[str, Any] = json.loads(_SCHEMA.read_text(encoding="utf-8"))
    return found


def sweep(*, at: datetime) -> int:
    """Remove files that no report refers to, such as a crash leaves, and forget old addresses; how many files went."""
    actions.sweep_buckets(at=at)
    return _shelf().sweep(queries.kept, older_than=at - _STRAY)


def _reporter(by: Actor, organisation: str, address: str) -> Reporter:
    key = str(settings.SEATRIAL.secret_key).encode()
    return reporter(by, organisation, address=neighbourhood(address, key) if address else "")


def _parts(
    data: bytes, whose: Reporter, at: datetime, source: str, given: Given, files: Mapping[str, Pieces] | None
) -> tuple[int, Iterator[tuple[ItemResult, ...]]]:
    items = read(unpacked(data, _UNPACKED * _limit()), given)
    return len(items), actions.receive(items=items, files=files or {}, whose=whose, at=at, source=source, **_means())


def _check_allowance(whose: Reporter, at: datetime) -> None:
    """Before anything is read: raises ``Refused`` (``too-many-reports``) for whoever has nothing left."""
    names = buckets(whose, _quotas())
    for name, (tokens, since) in queries.allowance(names).items():
        left = level(names[name], tokens, since, at)
        if left < 1:
            raise too_many(names[name], left, 1)


def _retry_after(results: Iterable[ItemResult], whose: Reporter, at: datetime) -> int:
    wanted = sum(result.refusal == "too-many-reports" for result in results)
    if not wanted:
        return 0
    names = buckets(whose, _quotas())
    waits = [
        too_many(names[name], level(names[name], tokens, since, at), wanted).facts["retry_after"]
        for name, (tokens, since) in queries.allowance(names).items()
    ]
    return max((int(str(wait)) for wait in waits), default=0)


def _remove_once_it_stands(files: frozenset[Digest]) -> None:
    transaction.on_commit(lambda: _shelf().remove(files, queries.kept) and None)


def _whole(content: Digest) -> bytes:
    with _shelf().open(content) as file:
        return file.read()


def files_of(report: str) -> dict[Digest, bytes]:
    """The files of a report by digest, whoever may read them: for those who run its proof.

    Those that would not fit into memory together (``MOST_FILES``) are left out.
    """
    found: dict[Digest, bytes] = {}
    room = MOST_FILES
    for file in queries.stated([report])[report].attachments:
        if file.size <= room and file.digest not in found:
            found[file.digest] = _whole(file.digest)
            room -= file.size
    return found


def _means() -> dict[str, Any]:
    return {"shelf": _shelf(), "quotas": _quotas(), "limit": _limit()}


def _limit() -> int:
    return int(settings.SEATRIAL.attachment_limit)


def _quotas() -> Quotas:
    found = settings.SEATRIAL
    return Quotas(found.reports_organisation, found.reports_person, found.reports_address)


def _key() -> PrivateKey:
    """This instance's own key, for which attachments are sealed; made at first use."""
    return new_private_key(settings.SEATRIAL.keys / "attachments.pem")


def _shelf() -> SealedShelf:
    return SealedShelf(settings.SEATRIAL.artefacts / "reports", _key)
