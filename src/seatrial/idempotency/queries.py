"""Every read of idempotency: the answer kept under a key, for whoever holds that key."""

from __future__ import annotations

from seatrial.kernel.digests import Digest, same
from seatrial.kernel.errors import Conflict, Refused

from .models import KeptAnswer
from .types import Answer, Asked


def kept(name: Digest) -> KeptAnswer | None:
    """The row of that name, if it is still kept."""
    return KeptAnswer.objects.filter(name=name).first()


def replay(row: KeptAnswer, asked: Asked) -> Answer:
    """The answer of the first time.

    Raises ``Refused`` (``idempotency-key-reused``) for another request and ``Conflict`` (``already-done``) for an
    answer that was shown once.
    """
    if not same(row.fingerprint, asked.fingerprint):
        raise Refused(
            "idempotency-key-reused",
            "This Idempotency-Key was used for another request within 24 hours; use a key of its own for each change.",
        )
    if row.made is not None:
        raise Conflict(
            "already-done",
            f"This was done already and made {row.made}; its secret was shown the first time and is not kept.",
            id=row.made,
        )
    return Answer(row.status or 200, row.content_type, bytes(row.body))
