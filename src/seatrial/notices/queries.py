"""Every read of notices. People see their own; stewards the webhooks of their organisation, as far as they may read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from seatrial.kernel.errors import NotFound
from seatrial.kernel.labels import Label
from seatrial.ledger import api as ledger
from seatrial.parties.types import Actor

from .core.lifecycle import WAITING
from .core.stewards import stewarded
from .core.wording import page
from .models import Choice, Cursor, Delivery, Webhook
from .types import Cadence, Choices, DeliveryState, NoticeView, WebhookState, WebhookView

_UNDELIVERED = Q(state__in=[*WAITING, DeliveryState.GIVEN_UP])


def choices(asking: Actor) -> Choices:
    """What the asker chose, or the default."""
    return choices_of([asking.person]).get(asking.person, Choices())


def choices_of(people: Iterable[str]) -> Mapping[str, Choices]:
    """The choices of those among ``people`` who made any."""
    found: dict[str, dict[str, Cadence]] = {}
    for person, review, cadence in Choice.objects.filter(person_id__in=set(people)).values_list(
        "person_id", "review", "cadence"
    ):
        found.setdefault(person, {})[review] = Cadence(cadence)
    return {person: Choices(said.pop("", None), said) for person, said in found.items()}


def notices(asking: Actor, *, portal: str, limit: int = 50) -> tuple[NoticeView, ...]:
    """The asker's own notices, newest first."""
    rows = Delivery.objects.filter(person_id=asking.person).order_by("-id")
    return tuple(_notice(row, portal) for row in rows[: max(0, limit)])


def webhooks(asking: Actor) -> tuple[WebhookView, ...]:
    """The webhooks that the asker looks after, in the order in which they were added."""
    rows = _webhooks().filter(organisation_id__in=stewarded(asking)).order_by("added_at", "id")
    return tuple(_webhook(row) for row in rows if asking.may_read(Label.parse(row.label)))


def webhook(asking: Actor, webhook_id: str) -> WebhookView:
    """Raises ``NotFound`` (``no-such-webhook``), also for one that the asker does not look after."""
    row = _webhooks().filter(id=webhook_id, organisation_id__in=stewarded(asking)).first()
    if row is None or not asking.may_read(Label.parse(row.label)):
        raise NotFound(
            "no-such-webhook", f"There is no webhook {webhook_id[:60]!r} that you look after; list them to see yours."
        )
    return _webhook(row)


def deliveries(
    asking: Actor, webhook_id: str, *, portal: str, limit: int = 20, undelivered: bool = False
) -> tuple[NoticeView, ...]:
    """The last notices to a webhook, newest first; ``undelivered`` keeps those that have not arrived."""
    rows = Delivery.objects.filter(webhook_id=webhook(asking, webhook_id).id).order_by("-id")
    if undelivered:
        rows = rows.filter(_UNDELIVERED)
    return tuple(_notice(row, portal) for row in rows[: max(0, limit)])


def unread() -> dict[str, int]:
    """The logs that have entries beyond their cursors, each with the index to read next. Two queries."""
    known = dict(Cursor.objects.values_list("log", "next"))
    return {log: known.get(log, 0) for log, size in ledger.heads().items() if size > known.get(log, 0)}


def due_webhooks(now: datetime) -> tuple[str, ...]:
    """The webhooks to which something can be sent now."""
    rows = Webhook.objects.filter(Q(rests_until=None) | Q(rests_until__lte=now), state=WebhookState.WORKING)
    due = due_deliveries(now).filter(webhook=OuterRef("pk"))
    return tuple(rows.filter(Exists(due)).order_by("id").values_list("id", flat=True))


def due_deliveries(now: datetime) -> QuerySet[Delivery]:
    """What waits, is due, and is not being sent: urgent ones first, then in the order in which they came up."""
    free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    return Delivery.objects.filter(free, state__in=WAITING, due_at__lte=now).order_by("-urgent", "id")


def _webhooks() -> QuerySet[Webhook]:
    waiting = Count("deliveries", filter=Q(deliveries__state__in=[*WAITING, DeliveryState.GIVEN_UP]))
    return Webhook.objects.exclude(state=WebhookState.REMOVED).annotate(waiting=waiting)


def _webhook(row: Webhook) -> WebhookView:
    return WebhookView(
        id=row.id,
        organisation=row.organisation_id,
        url=row.url,
        label=Label.parse(row.label),
        state=WebhookState(row.state),
        added_by=row.added_by,
        added_at=row.added_at,
        waiting=row.waiting,  # type: ignore[attr-defined]  # annotated
        next_try=row.rests_until if row.state == WebhookState.WORKING else None,
        earlier_secret_until=row.before_until,
    )


def _notice(row: Delivery, portal: str) -> NoticeView:
    return NoticeView(
        id=row.notice,
        review=row.review,
        page=page(portal, row.review),
        at=row.at,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        next_try=row.due_at if row.state in WAITING else None,
        settled_at=row.settled_at,
        status=row.status,
        reason=row.reason,
    )
