"""Notices over HTTP: one's own and how often one is told; the webhooks of one's organisation."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status

from seatrial.kernel.canonical import plain
from seatrial.kernel.clock import now
from seatrial.kernel.labels import Label
from seatrial.notices import api as notices
from seatrial.notices.types import Cadence, Choices, NewSecret, NoticeView, WebhookView

from .asking import actor_of
from .once import shown_once
from .schemas import schema_of

router = Router(tags=["notices"])


class ChoiceIn(Schema):
    cadence: Cadence
    review: str = ""


class WebhookIn(Schema):
    organisation: str
    url: str
    label: str | None = None


class AgainIn(Schema):
    notice: str | None = None


@router.get("", response=list[schema_of(NoticeView)])  # type: ignore[misc]
def list_notices(request: HttpRequest, limit: int = 50) -> Any:
    """Your own notices, newest first: that something changed, and nothing of what."""
    return plain(notices.notices(actor_of(request), limit=min(max(limit, 1), 1000)))


@router.get("/choices", response=schema_of(Choices))
def choices(request: HttpRequest) -> Any:
    """How often you are told by mail; `everything` is null as long as you have not chosen."""
    return plain(notices.choices(actor_of(request)))


@router.post("/choices", response=schema_of(Choices))
def choose(request: HttpRequest, body: ChoiceIn) -> Any:
    """Be told of each change, once a day, or never; of one `review`, or of all without a choice of their own."""
    actor = actor_of(request)
    notices.choose(by=actor, cadence=body.cadence, review=body.review, at=now())
    return plain(notices.choices(actor))


@router.get("/webhooks", response=list[schema_of(WebhookView)])  # type: ignore[misc]
def webhooks(request: HttpRequest) -> Any:
    """The webhooks you look after."""
    return plain(notices.webhooks(actor_of(request)))


@router.post("/webhooks", response={201: schema_of(NewSecret)})
@shown_once("webhook")
def add_webhook(request: HttpRequest, body: WebhookIn) -> Any:
    """Register a public https address (Standard Webhooks 1.0). The secret is shown this once."""
    label = None if body.label is None else Label.parse(body.label)
    made = notices.add_webhook(
        by=actor_of(request), organisation=body.organisation, url=body.url, label=label, at=now()
    )
    return Status(201, plain(made))


@router.get("/webhooks/{webhook}", response=schema_of(WebhookView))
def show_webhook(request: HttpRequest, webhook: str) -> Any:
    """One webhook: whether it works, what waits for it."""
    return plain(notices.webhook(actor_of(request), webhook))


@router.get("/webhooks/{webhook}/deliveries", response=list[schema_of(NoticeView)])  # type: ignore[misc]
def deliveries(request: HttpRequest, webhook: str, undelivered: bool = False, limit: int = 50) -> Any:
    """The last notices to a webhook, newest first; `undelivered` keeps those that have not arrived."""
    actor, most = actor_of(request), min(max(limit, 1), 1000)
    return plain(notices.deliveries(actor, webhook, limit=most, undelivered=undelivered))


@router.post("/webhooks/{webhook}/rotate", response=schema_of(NewSecret))
@shown_once("webhook")
def rotate(request: HttpRequest, webhook: str) -> Any:
    """Make a new secret; the one before signs too for 24 hours. It is shown this once."""
    return plain(notices.rotate_secret(by=actor_of(request), webhook=webhook, at=now()))


@router.post("/webhooks/{webhook}/redeliver", response=dict[str, int])
def redeliver(request: HttpRequest, webhook: str, body: AgainIn) -> Any:
    """Send one notice again, or everything that has not arrived. Each keeps its id."""
    return {"again": notices.redeliver(by=actor_of(request), webhook=webhook, notice=body.notice, at=now())}


@router.post("/webhooks/{webhook}/test", response={202: dict[str, str]})
def test(request: HttpRequest, webhook: str) -> Any:
    """Send a notice that belongs to no review; its delivery shows how it went."""
    return Status(202, {"notice": notices.send_test(by=actor_of(request), webhook=webhook, at=now())})


@router.delete("/webhooks/{webhook}", response={204: None})
def remove(request: HttpRequest, webhook: str) -> Any:
    """Send nothing there any more; its secrets are erased."""
    notices.remove_webhook(by=actor_of(request), webhook=webhook, at=now())
    return Status(204, None)
