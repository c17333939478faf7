"""Campaigns and ladders over HTTP, and the two steps in which a custodian's half of a sealed suite arrives."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from seatrial.kernel.canonical import plain
from seatrial.kernel.clock import now
from seatrial.review.benchmarks import api as benchmarks
from seatrial.review.benchmarks.types import CampaignView, HandedHalf, LadderView, ReleasedHalf

from .asking import actor_of
from .schemas import schema_of

of_a_review = Router(tags=["benchmarks"])
campaigns = Router(tags=["benchmarks"])
ladders = Router(tags=["benchmarks"])


class ReleaseIn(Schema):
    partner: str = ""


class HalfIn(Schema):
    half: str


@of_a_review.get("/{review}/campaigns", response=list[schema_of(CampaignView)])  # type: ignore[misc]
def list_campaigns(request: HttpRequest, review: str) -> Any:
    """The campaigns of a review that you may see."""
    return plain(benchmarks.campaigns(actor_of(request), review))


@of_a_review.get("/{review}/ladders", response=list[schema_of(LadderView)])  # type: ignore[misc]
def list_ladders(request: HttpRequest, review: str) -> Any:
    """The ladders of a review that you may see."""
    return plain(benchmarks.ladders(actor_of(request), review))


@campaigns.get("/{campaign}", response=schema_of(CampaignView))
def campaign(request: HttpRequest, campaign: str) -> Any:
    """One campaign as it stands."""
    return plain(benchmarks.campaign(actor_of(request), campaign))


@campaigns.post("/{campaign}/halves", response=schema_of(ReleasedHalf))
def release_half(request: HttpRequest, campaign: str, said: ReleaseIn) -> Any:
    """Release your half of the campaign's sealed suite: on the ledger first, then given out, wrapped to your key."""
    return plain(
        benchmarks.release_half(by=actor_of(request), campaign=campaign, with_custodian=said.partner, at=now())
    )


@campaigns.post("/{campaign}/halves/mine", response=schema_of(HandedHalf))
def hand_half(request: HttpRequest, campaign: str, said: HalfIn) -> Any:
    """Hand over the half you opened, wrapped to this instance."""
    return plain(benchmarks.hand_half(by=actor_of(request), campaign=campaign, half=said.half, at=now()))


@ladders.get("/{ladder}", response=schema_of(LadderView))
def ladder(request: HttpRequest, ladder: str) -> Any:
    """One ladder: its rungs, and what they say together."""
    return plain(benchmarks.ladder(actor_of(request), ladder))
