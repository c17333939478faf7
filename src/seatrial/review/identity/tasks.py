"""Background work of identity: taking a fingerprint without anybody holding a terminal open.

The worker reaches the model as everybody does, through the gateway with a key of the person who asked; the key is
issued for this taking, kept in memory only, and revoked when it ends. A job that is run twice takes two.
"""

from __future__ import annotations

from django.conf import settings
from django_tasks import task

from seatrial.kernel.clock import now
from seatrial.parties import api as parties
from seatrial.review.access import api as access

from . import api


@task()
def take_fingerprint(person: str, review: str, purpose: str, repetitions: int) -> None:
    """Take one for ``person``; raises what ``api.take_fingerprint`` raises."""
    by = parties.actor(person)
    key = access.issue_key(by=by, review=review, purpose=purpose, at=now())
    try:
        api.take_fingerprint(
            by=by,
            review=review,
            purpose=purpose,
            repetitions=repetitions,
            base_url=f"{settings.SEATRIAL.gateway_url}/v1",
            key=key.secret,
        )
    finally:
        access.revoke_key(by=by, key=key.id, at=now())
