"""Triage over HTTP: the queue, findings with what machines saw, clusters, and what people decide of them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import File, Router, Schema
from ninja.files import UploadedFile

from seatrial.clearinghouse.triage import api as triage
from seatrial.clearinghouse.triage.types import ClusterView, FindingView, Flow, JudgementView, QueueLine
from seatrial.kernel.canonical import plain
from seatrial.kernel.clock import now

from .asking import actor_of
from .schemas import schema_of

router = Router(tags=["findings"])


class PointIn(Schema):
    point: str
    value: str
    reason: str


class SameIn(Schema):
    reports: list[str]
    reason: str


class ApartIn(Schema):
    left: list[str]
    right: list[str]
    reason: str


class Decided(Schema):
    decision: int


class Imported(Schema):
    entries: int


@router.get("/findings", response=list[schema_of(QueueLine)])  # type: ignore[misc]
def queue(request: HttpRequest, limit: int = 50, after: str = "") -> Any:
    """What waits, one line a flaw, first come first; `after` goes on behind the line of that report."""
    return plain(triage.queue(actor_of(request), limit=limit, after=after))


@router.get("/findings/flow", response=schema_of(Flow))
def flow(request: HttpRequest, days: int = 30) -> Any:
    """What came in, was judged, was reproduced and was distinct by day, and how old what waits is."""
    return plain(triage.flow(actor_of(request), days=min(max(days, 1), 366), at=now()))


@router.get("/findings/{report}", response=schema_of(FindingView))
def finding(request: HttpRequest, report: str) -> Any:
    """A report with what machines saw of it, its decision points and vector with their reasons, and its patches."""
    return plain(triage.finding(actor_of(request), report))


@router.get("/findings/{report}/judgements", response=list[schema_of(JudgementView)])  # type: ignore[misc]
def judgements(request: HttpRequest, report: str) -> Any:
    """Each run of a report's proof; the first counts."""
    return plain(triage.judgements(actor_of(request), report))


@router.get("/judgements/{judgement}/transcript", response=dict[str, Any])
def transcript(request: HttpRequest, judgement: str) -> Any:
    """What ran and what was seen, in the form that 'seatrial finding replay' runs again."""
    return dict(triage.transcript(actor_of(request), judgement))


@router.post("/findings/{report}/points", response=schema_of(FindingView))
def say_point(request: HttpRequest, report: str, body: PointIn) -> Any:
    """Set one of SSVC's decision points, with the reason."""
    triage.say_point(by=actor_of(request), report=report, at=now(), **body.dict())
    return plain(triage.finding(actor_of(request), report))


@router.post("/findings/{report}/patches", response=schema_of(FindingView))
def give_patch(request: HttpRequest, report: str, file: UploadedFile = File(...)) -> Any:  # type: ignore[type-arg]  # noqa: B008
    """Give a candidate patch (a unified diff) to be checked by machine. Nothing is ever applied."""
    triage.give_patch(by=actor_of(request), report=report, diff=file.read(), at=now())
    return plain(triage.finding(actor_of(request), report))


# These words stand before {cluster}, which would take them for one.
@router.post("/clusters/same", response=Decided)
def say_same(request: HttpRequest, body: SameIn) -> Any:
    """Say that reports are one flaw."""
    return {"decision": triage.say_same(by=actor_of(request), at=now(), **body.dict())}


@router.post("/clusters/apart", response=Decided)
def say_apart(request: HttpRequest, body: ApartIn) -> Any:
    """Say that nothing on one side is the flaw of anything on the other."""
    return {"decision": triage.say_apart(by=actor_of(request), at=now(), **body.dict())}


@router.get("/clusters/{cluster}", response=schema_of(ClusterView))
def cluster(request: HttpRequest, cluster: str) -> Any:
    """Reports of one flaw: why they are together, what people decided, what looks like them."""
    return plain(triage.cluster(actor_of(request), cluster))


@router.post("/clusters/decisions/{decision}/undo", response=Decided)
def undo(request: HttpRequest, decision: int) -> Any:
    """Take a decision back, as if it had never been."""
    triage.undo_decision(by=actor_of(request), decision=decision, at=now())
    return {"decision": decision}


@router.post("/findings/lists/known-exploited", response=Imported)
def known_exploited(request: HttpRequest, file: UploadedFile = File(...)) -> Any:  # type: ignore[type-arg]  # noqa: B008
    """Import the catalogue of known exploited vulnerabilities (JSON), in place of the last one."""
    return {"entries": triage.import_known_exploited(by=actor_of(request), data=file.read(), at=now())}


@router.post("/findings/lists/exploit-scores", response=Imported)
def exploit_scores(request: HttpRequest, file: UploadedFile = File(...)) -> Any:  # type: ignore[type-arg]  # noqa: B008
    """Import a day's EPSS scores (CSV, plain or gzip), in place of the last ones."""
    return {"entries": triage.import_exploit_scores(by=actor_of(request), data=file.read(), at=now())}
