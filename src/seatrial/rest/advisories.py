"""Advisories over HTTP: written from a case, published by a second person, and read in every form."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema, Status

from seatrial.clearinghouse.advisories import api as advisories
from seatrial.clearinghouse.advisories.types import AdvisoryLine, AdvisoryView, Form
from seatrial.kernel.canonical import plain
from seatrial.kernel.clock import now

from .asking import actor_of
from .schemas import schema_of

router = Router(tags=["advisories"])


class DraftIn(Schema):
    case: str


class EditIn(Schema):
    version: int
    content: dict[str, Any]
    summary: str = ""


class VersionIn(Schema):
    version: int


class WhyIn(Schema):
    why: str


@router.get("", response=list[schema_of(AdvisoryLine)])  # type: ignore[misc]
def list_advisories(request: HttpRequest) -> Any:
    """Those that are being written and those that were published, for analysts; the latest change first."""
    return plain(advisories.advisories(actor_of(request)))


@router.post("", response={201: schema_of(AdvisoryView)})
def draft(request: HttpRequest, body: DraftIn) -> Any:
    """Draft one from a case: products, flaws, severities and credits as its findings say."""
    actor, at = actor_of(request), now()
    made = advisories.draft(by=actor, case=body.case, at=at)
    return Status(201, plain(advisories.advisory(actor, made, at)))


@router.get("/{advisory}", response=schema_of(AdvisoryView))
def show(request: HttpRequest, advisory: str) -> Any:
    """One with its content, its gaps, its revisions, and what you can do."""
    return plain(advisories.advisory(actor_of(request), advisory, now()))


@router.put("/{advisory}", response=schema_of(AdvisoryView))
def edit(request: HttpRequest, advisory: str, body: EditIn) -> Any:
    """Replace what is being written. `version` is the one you read; gaps may remain."""
    actor, at = actor_of(request), now()
    advisories.edit(
        by=actor, advisory=advisory, version=body.version, content=body.content, summary=body.summary, at=at
    )
    return plain(advisories.advisory(actor, advisory, at))


@router.post("/{advisory}/submit", response=schema_of(AdvisoryView))
def submit(request: HttpRequest, advisory: str, body: VersionIn) -> Any:
    """Hand it to a second person."""
    actor, at = actor_of(request), now()
    advisories.submit(by=actor, advisory=advisory, version=body.version, at=at)
    return plain(advisories.advisory(actor, advisory, at))


@router.post("/{advisory}/give-back", response=schema_of(AdvisoryView))
def give_back(request: HttpRequest, advisory: str, body: WhyIn) -> Any:
    """Give it back to whoever wrote it, saying why."""
    actor, at = actor_of(request), now()
    advisories.give_back(by=actor, advisory=advisory, why=body.why, at=at)
    return plain(advisories.advisory(actor, advisory, at))


@router.post("/{advisory}/publish", response=schema_of(AdvisoryView))
def publish(request: HttpRequest, advisory: str) -> Any:
    """Publish what somebody else submitted, in all forms, signed; not while the case's embargo is in force."""
    actor, at = actor_of(request), now()
    advisories.publish(by=actor, advisory=advisory, at=at)
    return plain(advisories.advisory(actor, advisory, at))


@router.post("/{advisory}/revise", response=schema_of(AdvisoryView))
def revise(request: HttpRequest, advisory: str) -> Any:
    """Begin a further revision of what is published."""
    actor, at = actor_of(request), now()
    advisories.revise(by=actor, advisory=advisory, at=at)
    return plain(advisories.advisory(actor, advisory, at))


@router.post("/{advisory}/withdraw", response=schema_of(AdvisoryView))
def withdraw(request: HttpRequest, advisory: str, body: WhyIn) -> Any:
    """Withdraw it: a last revision says why, and nothing else."""
    actor, at = actor_of(request), now()
    advisories.withdraw(by=actor, advisory=advisory, why=body.why, at=at)
    return plain(advisories.advisory(actor, advisory, at))


@router.get("/{advisory}/forms/{form}", response={200: None})
def document(request: HttpRequest, advisory: str, form: Form, revision: int | None = None) -> Any:
    """What was published under a tracking id, as the bytes that were signed. Of CVE records the first."""
    found = advisories.document(actor_of(request), advisory, form, revision)
    answer = HttpResponse(found.content, content_type=found.media_type)
    answer["Content-Disposition"] = f'attachment; filename="{found.name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
