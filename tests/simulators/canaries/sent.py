"""What leaves the instance by itself: mails and webhooks, as whoever is written to would get them."""

from __future__ import annotations

from collections.abc import Iterator

from django.core import mail
from django.db import transaction

from seatrial.kernel.clock import now
from seatrial.notices import api as notices
from seatrial.notices.types import Outcome, Posting

from .world import World

_MOST = 400  # letters looked at


class _Kept:
    """Receivers that take everything."""

    def __init__(self) -> None:
        self.postings: list[Posting] = []

    def post(self, posting: Posting) -> Outcome:
        self.postings.append(posting)
        return Outcome(204)


def everything_sent(world: World) -> Iterator[tuple[str, str]]:
    """Each mail and each webhook's request with what it is, without the address that it goes to."""
    mail.outbox, receiver = [], _Kept()
    with transaction.atomic():
        while notices.watch(at=now()):
            pass
        while len(mail.outbox) < _MOST and notices.send_mail(now):
            pass
        for webhook in notices.due_webhooks(now()):
            for _ in range(_MOST):
                if not notices.post_next(webhook, now, poster=receiver):
                    break
        transaction.set_rollback(True)
    for message in mail.outbox:
        message.to = []
        yield "a mail", message.message().as_string()
    for posting in receiver.postings:
        yield "a webhook", f"{dict(posting.headers)} {posting.body.decode()}"
