"""Deconfliction of scanning over HTTP: what one scans, and whom one meets in it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status

from seatrial.clearinghouse.coordination import api as coordination
from seatrial.clearinghouse.coordination.types import OverlapView, Registered, ScanView
from seatrial.kernel.canonical import plain
from seatrial.kernel.clock import Window, now, parse_time

from .asking import actor_of
from .schemas import schema_of

router = Router(tags=["scanning"])


class ScanIn(Schema):
    organisation: str
    packages: list[str]
    opens: str
    closes: str
    who: str


@router.get("", response=list[schema_of(ScanView)])  # type: ignore[misc]
def scans(request: HttpRequest) -> Any:
    """Your organisations' registrations, newest first. Which package each is, is known to you alone."""
    return plain(coordination.scans(actor_of(request), now()))


@router.post("", response={201: list[schema_of(Registered)]})  # type: ignore[misc]
def register(request: HttpRequest, body: ScanIn) -> Any:
    """Register packages (package URLs) that you scan in a window, all or none; `who` is shown to whom you meet."""
    made = coordination.register_scans(
        by=actor_of(request),
        organisation=body.organisation,
        purls=body.packages,
        window=Window(parse_time(body.opens), parse_time(body.closes)),
        who=body.who,
        at=now(),
    )
    return Status(201, plain(made))


@router.get("/overlaps", response=list[schema_of(OverlapView)])  # type: ignore[misc]
def overlaps(request: HttpRequest) -> Any:
    """Who else scans what you registered, in windows that are not over; they see you as well."""
    return plain(coordination.overlaps(actor_of(request), now()))
