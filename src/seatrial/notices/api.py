"""The door to notices: choices, webhooks, and the three turns of the notifier's wheel."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.conf import settings

from seatrial.kernel.errors import Unavailable
from seatrial.kernel.labels import Label
from seatrial.parties.types import Actor

from . import actions, queries
from .actions import choose, redeliver, remove_webhook, send_test, unsubscribe, watch
from .adapters.django_mailer import DjangoMailer
from .adapters.file_sealer import FileSealer
from .adapters.http_poster import HttpPoster
from .adapters.pinned import Pinned, resolve
from .core.stewards import stewarded
from .ports import Mailer, Poster
from .queries import choices, due_webhooks, webhook, webhooks
from .types import NewSecret, NoticeView, Outcome

__all__ = [
    "Pinned",
    "add_webhook",
    "choices",
    "choose",
    "deliveries",
    "due_webhooks",
    "notices",
    "post_next",
    "redeliver",
    "remove_webhook",
    "resolve",
    "rotate_secret",
    "send_mail",
    "send_test",
    "stewarded",
    "unsubscribe",
    "watch",
    "webhook",
    "webhooks",
]


def notices(asking: Actor, *, limit: int = 50) -> tuple[NoticeView, ...]:
    """See ``queries.notices``."""
    return queries.notices(asking, portal=settings.SEATRIAL.portal_url, limit=limit)


def deliveries(asking: Actor, webhook_id: str, *, limit: int = 20, undelivered: bool = False) -> tuple[NoticeView, ...]:
    """See ``queries.deliveries``."""
    return queries.deliveries(
        asking, webhook_id, portal=settings.SEATRIAL.portal_url, limit=limit, undelivered=undelivered
    )


def add_webhook(*, by: Actor, organisation: str, url: str, at: datetime, label: Label | None = None) -> NewSecret:
    """See ``actions.add_webhook``; the secret is sealed under a key in this instance's key folder."""
    loopback = settings.SEATRIAL.loopback_webhooks
    return actions.add_webhook(
        by=by, organisation=organisation, url=url, at=at, label=label, sealer=_sealer(), loopback=loopback
    )


def rotate_secret(*, by: Actor, webhook: str, at: datetime) -> NewSecret:
    """See ``actions.rotate_secret``."""
    return actions.rotate_secret(by=by, webhook=webhook, at=at, sealer=_sealer())


def send_mail(clock: Callable[[], datetime], *, mailer: Mailer | None = None) -> int:
    """Send the mails that are due, at most one batch; returns how many were tried."""
    letters = actions.claim_letters(at=clock())
    for letter, outcome in (mailer or _mailer()).send(letters):
        actions.record_letter(notices=letter.notices, outcome=outcome, at=clock())
    return len(letters)


def post_next(webhook: str, clock: Callable[[], datetime], *, poster: Poster | None = None) -> bool:
    """Send a webhook the next notice that is due to it; false if there was none, or it did not arrive.

    A secret that cannot be unsealed counts as a try in vain, so that the webhook comes to rest and is seen.
    """
    try:
        posting = actions.claim_posting(
            webhook=webhook, at=clock(), sealer=_sealer(), portal=settings.SEATRIAL.portal_url
        )
    except Unavailable as error:
        actions.record_unsendable(webhook=webhook, outcome=Outcome(reason=error.message), at=clock())
        return False
    if posting is None:
        return False
    outcome = (poster or _poster()).post(posting)
    actions.record_posting(notice=posting.notice, outcome=outcome, at=clock())
    return not outcome.reason


def _sealer() -> FileSealer:
    return FileSealer(settings.SEATRIAL.keys / "webhooks.key")


def _poster() -> HttpPoster:
    return HttpPoster(loopback=settings.SEATRIAL.loopback_webhooks, origin=settings.SEATRIAL.ledger_origin)


def _mailer() -> DjangoMailer:
    instance = settings.SEATRIAL
    return DjangoMailer(portal=instance.portal_url, sender=instance.mail_from, origin=instance.ledger_origin)
