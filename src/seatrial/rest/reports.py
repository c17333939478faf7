"""The clearinghouse's public intake over HTTP: no account, a receipt code, and the way to follow it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from seatrial.clearinghouse.findings import api as findings
from seatrial.clearinghouse.findings.types import NewReport, Receipt, ReportLine, ReportView
from seatrial.kernel.canonical import plain
from seatrial.kernel.clock import now

from .asking import actor_of
from .once import shown_once
from .schemas import schema_of

router = Router(tags=["reports"])


@router.post("", response={201: schema_of(Receipt)}, auth=None)
@shown_once("report")
def submit(request: HttpRequest, body: schema_of(NewReport)) -> Any:  # type: ignore[valid-type]
    """Report a vulnerability. The receipt code is shown this once; keep it to follow the report."""
    report = NewReport(**body.dict())
    return Status(201, plain(findings.submit(report=report, at=now(), source="api")))


@router.get("/follow/{code}", response=schema_of(ReportView), auth=None)
def follow(request: HttpRequest, code: str) -> Any:
    """What became of the report this receipt code was given for."""
    return plain(findings.follow(code))


@router.get("", response=list[schema_of(ReportLine)])  # type: ignore[misc]
def list_reports(request: HttpRequest) -> Any:
    """The reports you may see, newest first."""
    return plain(findings.reports(actor_of(request)))


@router.post("/{report}/acknowledge", response=schema_of(ReportView))
def acknowledge(request: HttpRequest, report: str) -> Any:
    """Say that an analyst has seen it."""
    return plain(findings.acknowledge(by=actor_of(request), report=report, at=now()))
