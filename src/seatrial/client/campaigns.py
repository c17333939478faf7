"""Campaigns and ladders of a review body, and a custodian's half of a sealed suite."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from seatrial.review.benchmarks.types import CampaignView, HandedHalf, LadderView, ReleasedHalf

from .calling import Caller, at

if TYPE_CHECKING:
    from seatrial.kernel.recipients import PrivateKey


@dataclass(frozen=True, slots=True)
class Campaigns:
    """What a body's people see of their campaigns, wherever they are."""

    _caller: Caller

    def campaigns(self, review: str) -> tuple[CampaignView, ...]:
        """The campaigns of a review that you may see."""
        return self._caller.get_all(CampaignView, at("reviews", review, "campaigns"))

    def campaign(self, campaign: str) -> CampaignView:
        """One campaign as it stands."""
        return self._caller.get(CampaignView, at("campaigns", campaign))

    def ladders(self, review: str) -> tuple[LadderView, ...]:
        """The ladders of a review that you may see."""
        return self._caller.get_all(LadderView, at("reviews", review, "ladders"))

    def ladder(self, ladder: str) -> LadderView:
        """One ladder: its rungs, and what they say together."""
        return self._caller.get(LadderView, at("ladders", ladder))

    def release_half(self, campaign: str, key: PrivateKey, *, partner: str = "") -> HandedHalf:
        """Release your half of a sealed suite for one campaign and hand it over. ``key`` does not leave this process.

        ``partner`` is the other custodian's key, where there is a choice. The release is on the ledger before the half
        is given out. Raises what the instance refuses, and ``Misuse`` (``not-a-custodian``, ``sealed-broken``).
        """
        path = at("campaigns", campaign, "halves")
        released = self._caller.change(ReleasedHalf, "POST", path, {"partner": partner})
        return self._caller.change(
            HandedHalf, "POST", at("campaigns", campaign, "halves", "mine"), {"half": released.opened(key)}
        )
