"""Background work of benchmarks: running a campaign without anybody holding a terminal open.

Idempotent: a campaign that has ended is left alone, one that was cut off goes on where it was. The worker
reaches the model as everybody does, through the gateway with a key of the person who started it; the key is
issued for this run, kept in memory only, and revoked when the run ends.
"""

from __future__ import annotations

from django.conf import settings
from django_tasks import task

from seatrial.kernel.clock import now
from seatrial.kernel.errors import Refused
from seatrial.parties import api as parties
from seatrial.review.access import api as access
from seatrial.review.cases import api as cases

from . import api
from .core.lifecycle import FINAL

CONCURRENCY = 2


@task()
def run_campaign(person: str, campaign: str) -> None:
    """Run ``campaign`` for ``person`` until it ends; raises what ``api.run_campaign`` raises."""
    by = parties.actor(person, now())
    view = api.campaign(by, campaign)
    if view.state in FINAL:
        return
    consent = cases.standing(view.review, now()).consent
    if consent is None:
        raise Refused("no-consent", "The developer has signed no consent for this review.")
    key = access.issue_key(by=by, review=view.review, purpose=min(consent.purposes), at=now())
    try:
        api.run_campaign(
            by=by,
            campaign=campaign,
            base_url=f"{settings.SEATRIAL.gateway_url}/v1",
            key=key.secret,
            concurrency=CONCURRENCY,
        )
    finally:
        access.revoke_key(by=by, key=key.id, at=now())
