"""The one write of idempotency: act and keep the answer, or give the answer that is kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import OperationalError, transaction

from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import Conflict

from .core.keys import KEPT_FOR, name_of
from .models import KeptAnswer
from .queries import kept, replay
from .types import Answer, Asked

_SWEPT_AT_ONCE = 50


def once(*, asked: Asked, at: datetime, act: Callable[[], Answer]) -> tuple[Answer, bool]:
    """``act``'s answer, and whether it is a replay of the first time's.

    The key, everything ``act`` writes and its answer are one transaction. If its answer does not stand, or it raises,
    nothing of it is kept. Raises as ``queries.replay`` does, and ``Conflict`` (``in-progress``) if another request
    kept the database locked for longer than this one may wait.
    """
    begun = False
    try:
        with transaction.atomic():
            name = name_of(asked)
            _sweep(name, at)
            row = _claimed(name, asked, at)
            if row.status is not None:
                return replay(row, asked), True
            begun = True
            answer = act()
            if not answer.stands:
                raise _NothingHappened(answer)
            row.status, row.content_type = answer.status, answer.content_type
            row.made, row.body = answer.made, b"" if answer.made is not None else answer.body
            row.save(update_fields=["status", "content_type", "made", "body"])
            return answer, False
    except _NothingHappened as refusal:
        return refusal.answer, False
    except OperationalError as error:
        if begun:
            raise
        raise Conflict(
            "in-progress", "Another change is being written just now; ask again with the same Idempotency-Key."
        ) from error


class _NothingHappened(Exception):
    """The change was refused: undo, and answer so."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def _claimed(name: Digest, asked: Asked, at: datetime) -> KeptAnswer:
    """A new row, or the one that stands. Waits for whoever is writing the same one."""
    while True:
        KeptAnswer.objects.bulk_create(
            [KeptAnswer(name=name, fingerprint=asked.fingerprint, at=at)], ignore_conflicts=True
        )
        row = kept(name)
        if row is not None:  # else it was swept between the two statements
            return row


def _sweep(name: Digest, at: datetime) -> None:
    """Take away what is older than a day: this name's, and a few others that nobody else is taking away just now."""
    old = KeptAnswer.objects.filter(at__lt=at - KEPT_FOR)
    old.filter(name=name).delete()
    others = old.select_for_update(skip_locked=True).order_by("at").values_list("id", flat=True)
    KeptAnswer.objects.filter(id__in=list(others[:_SWEPT_AT_ONCE])).delete()
