"""What a campaign's counted attempts say beside the decision: pass@k, and how long the tasks are that the model does.

Both describe and decide nothing. They are computed from the record alone, so whoever holds it gets the same figures.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from seatrial.review.benchmarks.core.pass_at_k import PassAtK, pass_at_k
from seatrial.review.benchmarks.core.record import CampaignRecord, item_of, tally_of
from seatrial.review.benchmarks.core.time_horizon import TimedItem, TimeHorizon, time_horizon
from seatrial.review.benchmarks.types import AttemptOutcome

KS = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True)
class Secondary:
    """pass@k for those k that some item has the attempts for; the horizon in a person's minutes, or ``None``."""

    pass_at: tuple[PassAtK, ...]
    horizon: TimeHorizon | None


def secondary(record: CampaignRecord) -> Secondary:
    """Over the attempts that the decision counted; none of the unused."""
    counted = frozenset(tally_of(record).cells)
    scores: dict[str, list[float]] = defaultdict(list)
    for one in record.attempts:
        if one.outcome is AttemptOutcome.SCORED and one.cell in counted:
            scores[item_of(one.cell)].append(one.score or 0.0)
    families = {item.id: item.family for item in record.items}
    found = (pass_at_k(scores, k, families=families) for k in KS)
    timed = [
        TimedItem(item.family, item.human_minutes, len(scores[item.id]), sum(score >= 1 for score in scores[item.id]))
        for item in record.items
        if item.human_minutes > 0 and scores.get(item.id)
    ]
    return Secondary(tuple(one for one in found if one is not None), time_horizon(timed) if timed else None)
