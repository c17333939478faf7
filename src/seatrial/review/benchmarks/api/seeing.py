"""Campaigns and ladders as somebody may see them: by label, and only while their review may be known of (V10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from seatrial.kernel.clock import now
from seatrial.kernel.errors import Misuse, NotFound
from seatrial.parties.types import Actor
from seatrial.review.benchmarks import queries
from seatrial.review.benchmarks.api.binding import UNBOUNDED, means_of
from seatrial.review.benchmarks.core.forecast import forecast
from seatrial.review.benchmarks.core.record import CampaignRecord
from seatrial.review.benchmarks.types import CampaignState, CampaignView, LadderView, Purpose
from seatrial.review.cases import api as cases


def campaign(asking: Actor, campaign_id: str) -> CampaignView:
    """A campaign of a review that the asker may still see: a withdrawal takes it away with the review (V10).

    Raises ``NotFound`` (``no-such-campaign``).
    """
    found = queries.campaign(asking, campaign_id)
    if not _shown(asking, found.review):
        raise queries.no_such_campaign(campaign_id)
    if found.state is not CampaignState.RUNNING:
        return found
    means = UNBOUNDED if found.purpose is Purpose.REFERENCE else means_of(asking, found.review, now())
    decides = found.purpose is Purpose.DECIDE
    pace = queries.pace(campaign_id)
    return replace(found, forecast=forecast(found.decision, found.threshold.alpha, pace, means, now(), decides=decides))


def campaigns(asking: Actor, review: str) -> tuple[CampaignView, ...]:
    """The campaigns of a review that the asker may see, in the order planned; none of one that it may not know of."""
    return queries.campaigns(asking, review) if _shown(asking, review) else ()


def ended_record(asking: Actor, campaign_id: str) -> CampaignRecord:
    """The whole record of a campaign that has ended: what a memo is verified with, offline.

    Raises ``NotFound`` (``no-such-campaign``), ``Refused`` (``campaign-goes-on``).
    """
    found = queries.ended_record(asking, campaign_id)
    if not _shown(asking, found.review):
        raise queries.no_such_campaign(campaign_id)
    return found


def ladder(asking: Actor, ladder_id: str) -> LadderView:
    """A ladder of a review that the asker may still see. Raises ``NotFound`` (``no-such-ladder``)."""
    found = queries.ladder(asking, ladder_id)
    if not _shown(asking, found.review):
        raise queries.no_such_ladder(ladder_id)
    return found


def ladders(asking: Actor, review: str) -> tuple[LadderView, ...]:
    """The ladders of a review that the asker may see, in the order planned; none of one that it may not know of."""
    return queries.ladders(asking, review) if _shown(asking, review) else ()


def best_prompt(asking: Actor, tuned: Sequence[str]) -> CampaignView:
    """Of tuning campaigns the one whose way of asking solved most; the first of equals.

    Raises ``Misuse`` (``bad-tuning``) unless all have counted something.
    """
    views = [campaign(asking, one) for one in tuned]
    if not views or any(view.purpose is not Purpose.TUNING or not view.counted for view in views):
        raise Misuse("bad-tuning", "Name tuning campaigns that have run; one of these is none, or counted nothing yet.")
    return max(views, key=lambda view: view.decision.mean)


def _shown(asking: Actor, review: str) -> bool:
    try:
        cases.developer_of(asking, review)
    except NotFound:
        return False
    return True
