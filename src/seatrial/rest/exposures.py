"""Exposures over HTTP: which of your systems, how bad, what to do, by when; and what you say of it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Router, Schema, Status

from seatrial.clearinghouse.findings import api as findings
from seatrial.clearinghouse.remediation import api as remediation
from seatrial.clearinghouse.remediation import types as words
from seatrial.clearinghouse.remediation.types import ExposureView, PaceView, Protected, SectorView, UndertakingView
from seatrial.kernel.canonical import plain
from seatrial.kernel.clock import now

from .asking import actor_of
from .once import shown_once
from .schemas import schema_of

router = Router(tags=["exposures"])


class AnswerIn(Schema):
    exposures: list[str]
    status: words.Status
    justification: words.Justification | None = None
    note: str = ""
    action: str = ""
    until: date | None = None


class Answered(Schema):
    answered: int


class PaceIn(Schema):
    act: int | None = None
    attend: int | None = None
    track_more: int | None = None
    track: int | None = None
    remind: int | None = None
    sector: str = ""


class UndertakingIn(Schema):
    organisation: str
    text: str


class Offered(Schema):
    undertaking: str


class Counted(Schema):
    report: str
    systems: int | None


class CurveStep(Schema):
    days: float
    share: float
    low: float
    high: float
    at_risk: int
    ended: int


@router.get("/exposures", response=list[schema_of(ExposureView)])  # type: ignore[misc]
def exposures(
    request: HttpRequest,
    over: bool = False,
    advisory: str = "",
    search: str = "",
    organisation: str = "",
    limit: int = 100,
    offset: int = 0,
) -> Any:
    """Your organisations' exposures: the nearest date first, then the most urgent. Nobody else reads them."""
    found = remediation.exposures(
        actor_of(request),
        over=over,
        advisory=advisory,
        search=search,
        organisation=organisation,
        limit=limit,
        offset=offset,
    )
    return plain(found)


@router.get("/exposures.csv", response={200: None})
def tickets(request: HttpRequest, over: bool = False, advisory: str = "", organisation: str = "") -> Any:
    """The same as a table (RFC 4180) for a ticket system; nothing in it runs in a spreadsheet."""
    found = remediation.exposures(
        actor_of(request), over=over, advisory=advisory, organisation=organisation, limit=remediation.MOST
    )
    return HttpResponse(remediation.as_csv(found), content_type="text/csv; charset=utf-8; header=present")


@router.get("/exposures.ics", response={200: None})
def dates(request: HttpRequest, organisation: str = "") -> Any:
    """Your own dates as a calendar."""
    found = remediation.exposures(actor_of(request), organisation=organisation, limit=remediation.MOST)
    return HttpResponse(remediation.calendar(found), content_type="text/calendar; charset=utf-8")


@router.get("/exposures/vex/{organisation}", response=dict[str, Any])
def own_vex(request: HttpRequest, organisation: str) -> Any:
    """What your organisation answered, as an OpenVEX document."""
    return remediation.own_vex(actor_of(request), organisation)


@router.post("/exposures/answers", response=Answered)
def answer(request: HttpRequest, body: AnswerIn) -> Any:
    """Say the same of several exposures of one organisation, or of none: a VEX status, why, what will be done, when."""
    said = words.Said(body.status, body.justification, body.note, body.action, body.until)
    return {"answered": remediation.answer(by=actor_of(request), exposures=body.exposures, said=said, at=now())}


@router.get("/exposures/{exposure}", response=schema_of(ExposureView))
def exposure(request: HttpRequest, exposure: str) -> Any:
    """One exposure with all that was said of it, newest first."""
    return plain(remediation.exposure(actor_of(request), exposure))


@router.get("/paces/{organisation}", response=schema_of(PaceView))
def pace(request: HttpRequest, organisation: str) -> Any:
    """The days that your organisation gives itself by urgency, when it is reminded, and its sector."""
    return plain(remediation.pace(actor_of(request), organisation))


@router.post("/paces/{organisation}", response=schema_of(PaceView))
def state_pace(request: HttpRequest, organisation: str, body: PaceIn) -> Any:
    """Set them. Without any there are no dates and no reminders."""
    actor = actor_of(request)
    remediation.state_pace(by=actor, pace=PaceView(organisation, **body.dict()), at=now())
    return plain(remediation.pace(actor, organisation))


@router.post("/paces/{organisation}/calendar", response={201: dict[str, str]})
@shown_once("organisation")
def issue_calendar(request: HttpRequest, organisation: str) -> Any:
    """Issue a secret address of your organisation's dates, shown this once; an earlier one ends."""
    secret = remediation.issue_calendar(by=actor_of(request), organisation=organisation, at=now())
    address = settings.SEATRIAL.portal_url + reverse("exposures-calendar", args=[secret])
    return Status(201, {"organisation": organisation, "calendar": address})


@router.delete("/paces/{organisation}/calendar", response={204: None})
def end_calendar(request: HttpRequest, organisation: str) -> Any:
    """End the address at once."""
    remediation.end_calendar(by=actor_of(request), organisation=organisation, at=now())
    return Status(204, None)


@router.get("/undertakings", response=list[schema_of(UndertakingView)])  # type: ignore[misc]
def undertakings(request: HttpRequest) -> Any:
    """What your organisation was asked to take upon itself, and what it said; nothing else binds it."""
    return plain(remediation.undertakings(actor_of(request)))


@router.post("/undertakings", response={201: Offered})
def offer_undertaking(request: HttpRequest, body: UndertakingIn) -> Any:
    """Ask an operator for something (analysts); it may decline."""
    made = remediation.offer_undertaking(by=actor_of(request), organisation=body.organisation, text=body.text, at=now())
    return Status(201, {"undertaking": made})


@router.post("/undertakings/{undertaking}/{move}", response=list[schema_of(UndertakingView)])  # type: ignore[misc]
def move_undertaking(request: HttpRequest, undertaking: str, move: str) -> Any:
    """`agree`, `decline` or `end`; an operator may end what it agreed to at any time."""
    actor = actor_of(request)
    remediation.move_undertaking(by=actor, undertaking=undertaking, move=move, at=now())
    return plain([one for one in remediation.undertakings(actor) if one.id == undertaking])


@router.get("/remediation/curves", response=dict[str, list[CurveStep]])
def curves(request: HttpRequest, advisory: str = "") -> Any:
    """The share of exposures still open by days (Kaplan and Meier): yours; for analysts also all and by sector, where
    at least five operators stand behind a curve."""
    return plain(remediation.curves(actor_of(request), now(), advisory=advisory))


@router.get("/remediation/sectors", response=list[schema_of(SectorView)])  # type: ignore[misc]
def sectors(request: HttpRequest) -> Any:
    """Sums by sector, for analysts and operators of that sector; null where fewer than five operators stand behind."""
    return plain(remediation.sectors(actor_of(request), now()))


@router.get("/reports/{report}/protected", response=Counted)
def protected_by(request: HttpRequest, report: str) -> Any:
    """How many systems are exposed no more to what you reported; null until at least five operators stand behind it."""
    found = findings.report(actor_of(request), report).id
    return {"report": found, "systems": remediation.protected_by([found]).get(found)}


@router.get("/remediation/advisories/{advisory}", response=schema_of(Protected))
def protected(request: HttpRequest, advisory: str) -> Any:
    """How many systems are exposed to it no more: null unless at least five operators stand behind the number."""
    [found] = remediation.protected([advisory])
    return plain(found)
