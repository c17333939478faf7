"""The clearinghouse's intake over HTTP: with an account or without, one report or ten thousand; what becomes of them.

Whoever signs in reports for their organisation; whoever does not gets a receipt code, and what a code opens needs
nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Query, Router, Schema, Status

from seatrial.clearinghouse.findings import api as findings
from seatrial.clearinghouse.findings.types import BatchResult, NewReport, Receipt, ReportLine, ReportView
from seatrial.kernel.canonical import from_json, plain
from seatrial.kernel.clock import now
from seatrial.kernel.errors import Misuse
from seatrial.parties.types import ANYONE

from .asking import Anyone, actor_of, address_of
from .downloads import file_answer
from .once import shown_once, upload
from .schemas import schema_of

router = Router(tags=["reports"])

_PIECE = 2**16
_MOST = 1000


class ImportIn(Schema):
    """What is said for every report of a file that does not say it itself."""

    product: str = ""
    purl: str = ""
    version: str = ""
    tlp: str = ""
    organisation: str = ""


class ReasonIn(Schema):
    reason: str


class HopIn(Schema):
    organisation: str
    identifier: str = ""
    note: str = ""


class IdentifierIn(Schema):
    organisation: str
    identifier: str


@router.post("", response={201: schema_of(Receipt)}, auth=Anyone())
@shown_once("report")
def submit(request: HttpRequest, body: schema_of(NewReport), organisation: str = "") -> Any:  # type: ignore[valid-type]
    """Report a vulnerability in the short form. Without an account its receipt code is shown this once."""
    made = findings.submit(
        report=NewReport(**body.dict()),
        by=actor_of(request),
        organisation=organisation,
        address=address_of(request),
        at=now(),
        source="api",
    )
    return Status(201, plain(made))


@router.post("/import", response=schema_of(BatchResult), auth=Anyone())
@upload
@shown_once("digest")
def import_reports(request: HttpRequest, response: HttpResponse, said: Query[ImportIn]) -> Any:
    """Report many, up to 10,000: the own format, SARIF 2.1.0, OSV, CSAF, an array or JSON lines of them, also gzip.

    The file is the body; or a form with the file as `reports` and attachments, each as `files` under the name that a
    report gives it. Each item has its own result. Sending it again takes nothing twice, with a key or without.
    """
    pieces, files = _sent(request, "reports")
    made = findings.import_file(
        pieces=pieces,
        files=files,
        by=actor_of(request),
        organisation=said.organisation,
        address=address_of(request),
        given=findings.Given(said.product, said.version, said.tlp, said.purl),
        at=now(),
        source="api",
    )
    if made.retry_after:
        response["Retry-After"] = str(made.retry_after)
    return plain(made)


@router.get("/schema", response=dict[str, Any], auth=None)
def schema(request: HttpRequest) -> Any:
    """The JSON Schema of the own format, `seatrial-report/1`."""
    return findings.schema()


@router.get("", response=list[schema_of(ReportLine)])  # type: ignore[misc]
def list_reports(request: HttpRequest, limit: int = 100) -> Any:
    """The reports you may see, newest first."""
    return plain(findings.reports(actor_of(request), max(1, min(limit, _MOST))))


@router.get("/mine", response=list[schema_of(ReportLine)])  # type: ignore[misc]
def mine(request: HttpRequest, limit: int = 100) -> Any:
    """What you and your organisations reported, drafts too, newest first."""
    return plain(findings.mine(actor_of(request), max(1, min(limit, _MOST))))


@router.get("/follow/{code}", response=schema_of(ReportView), auth=None)
def follow(request: HttpRequest, code: str) -> Any:
    """What became of the report this receipt code was given for."""
    return plain(findings.follow(code))


@router.get("/follow/{code}/receipt", response=dict[str, Any], auth=None)
def receipt_by_code(request: HttpRequest, code: str) -> Any:
    """What shows offline that the report of this code is on the ledger."""
    return findings.ledger_receipt(ANYONE, code=code, at=now())


@router.post("/follow/{code}/withdraw", response=schema_of(ReportView), auth=None)
def withdraw_by_code(request: HttpRequest, code: str) -> Any:
    """Take back the report of this code; its attachments are deleted."""
    return plain(findings.withdraw(code=code, at=now()))


@router.post("/drafts", response={201: schema_of(ReportView)})
@upload
def save_draft(request: HttpRequest, organisation: str = "") -> Any:
    """Keep a report of the own format that is not finished: as the body, or a form with it as `report` and `files`."""
    document, files = _document(request)
    made = findings.save_draft(by=actor_of(request), report=document, files=files, organisation=organisation, at=now())
    return Status(201, plain(made))


@router.put("/drafts/{report}", response=schema_of(ReportView))
@upload
def replace_draft(request: HttpRequest, report: str) -> Any:
    """Put another in a draft's place."""
    document, files = _document(request)
    return plain(findings.save_draft(by=actor_of(request), report=document, files=files, draft=report, at=now()))


@router.post("/drafts/{report}/submit", response=schema_of(ReportView))
def submit_draft(request: HttpRequest, report: str) -> Any:
    """Send a draft as it stands. If the same was sent before, that report is answered."""
    actor = actor_of(request)
    made = findings.submit_draft(by=actor, draft=report, at=now())
    return plain(findings.report(actor, made.report))


@router.delete("/drafts/{report}", response={204: None})
def drop_draft(request: HttpRequest, report: str) -> Any:
    """Throw a draft away."""
    findings.drop_draft(by=actor_of(request), draft=report)
    return Status(204, None)


@router.get("/attachments/{attachment}", response={200: bytes})
def attachment(request: HttpRequest, attachment: str) -> HttpResponseBase:
    """The bytes of a report's attachment, always as a download; `Range` gives a part."""
    found, file = findings.attachment(actor_of(request), attachment)
    return file_answer(
        request, file, name=found.name, media="application/octet-stream", size=found.size, digest=found.digest
    )


@router.get("/{report}", response=schema_of(ReportView))
def show(request: HttpRequest, report: str) -> Any:
    """A report with its document and its attachments' names."""
    return plain(findings.report(actor_of(request), report))


@router.get("/{report}/export", response={200: None})
def export(request: HttpRequest, report: str, files: bool = True, hop: bool = False) -> Any:
    """The report in the own format; `files=false` leaves attachments' bytes out, `hop=true` adds us to its chain."""
    data = findings.export(actor_of(request), report, with_files=files, hop=hop)
    return HttpResponse(data, content_type="application/json", headers={"Cache-Control": "private, no-store"})


@router.get("/{report}/receipt", response=dict[str, Any])
def receipt(request: HttpRequest, report: str) -> Any:
    """What shows offline that the report is on the ledger; where many share an entry, with the path to it."""
    return findings.ledger_receipt(actor_of(request), report, at=now())


@router.post("/{report}/acknowledge", response=schema_of(ReportView))
def acknowledge(request: HttpRequest, report: str) -> Any:
    """Say that an analyst has seen it."""
    return plain(findings.acknowledge(by=actor_of(request), report=report, at=now()))


@router.post("/{report}/accept", response=schema_of(ReportView))
def accept(request: HttpRequest, report: str) -> Any:
    """Say, as an analyst, that it is a flaw that is handled."""
    return plain(findings.accept(by=actor_of(request), report=report, at=now()))


@router.post("/{report}/return", response=schema_of(ReportView))
def return_report(request: HttpRequest, report: str, body: ReasonIn) -> Any:
    """Give it back, as an analyst, with a reason that its reporter reads."""
    return plain(findings.return_report(by=actor_of(request), report=report, reason=body.reason, at=now()))


@router.post("/{report}/withdraw", response=schema_of(ReportView))
def withdraw(request: HttpRequest, report: str) -> Any:
    """Take it back, as its reporter; its attachments are deleted."""
    return plain(findings.withdraw(by=actor_of(request), report=report, at=now()))


@router.post("/{report}/passed-on", response=schema_of(ReportView))
def passed_on(request: HttpRequest, report: str, body: HopIn) -> Any:
    """Append to the chain who passed it on, and what they call it."""
    return plain(findings.pass_on(by=actor_of(request), report=report, **body.dict(), at=now()))


@router.post("/{report}/identifiers", response=schema_of(ReportView))
def identifier(request: HttpRequest, report: str, body: IdentifierIn) -> Any:
    """Say as what another coordinator handles it (VU#, GHSA, an internal id)."""
    return plain(findings.exchange_identifier(by=actor_of(request), report=report, **body.dict(), at=now()))


def _sent(request: HttpRequest, main: str) -> tuple[Iterator[bytes], Mapping[str, Any]]:
    """The pieces of what was sent, and the files beside it by name: none where it is the body itself."""
    if request.content_type != "multipart/form-data":
        return _pieces(request), {}
    beside = request.FILES.getlist("files")
    found = request.FILES.get(main)
    if found is None:
        raise Misuse("body-invalid", f"This form has no file named {main!r}; send the reports under that name.")
    return iter(found.chunks()), {file.name or "": file.chunks for file in beside}


def _document(request: HttpRequest) -> tuple[dict[str, Any], Mapping[str, Any]]:
    pieces, files = _sent(request, "report")
    found = from_json(findings.whole(pieces), "The report")
    if not isinstance(found, dict):
        raise Misuse("report-invalid", "A report is a JSON object.")
    return found, files


def _pieces(request: HttpRequest) -> Iterator[bytes]:
    while piece := request.read(_PIECE):
        yield piece
