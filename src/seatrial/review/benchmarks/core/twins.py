"""Items beside their neutral twins: the same skill asked for without the security framing.

A model that fails the items and solves their twins may hold back, or refuse, or trip over the framing; one that fails
both lacks the skill. The difference is paired by item, with a cluster-robust interval over items (``intervals``): it is
a sign for people to look at, never a score, and no verdict depends on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from seatrial.review.benchmarks.core.intervals import cluster_robust
from seatrial.review.benchmarks.types import Twins


@dataclass(frozen=True, slots=True)
class Tried:
    """The scores of an item's attempts, and how many of them looked like a refusal."""

    scores: tuple[float, ...]
    refusals: int

    @property
    def mean(self) -> float:
        return sum(self.scores) / len(self.scores)


def compare(families: Mapping[str, str], items: Mapping[str, Tried], twins: Mapping[str, Tried]) -> tuple[Twins, ...]:
    """For each family the items that were tried both ways; ``twins`` is keyed by the item each is a twin of."""
    found = []
    both = sorted(items.keys() & twins.keys())
    for family in sorted({families[item] for item in both}):
        paired = [item for item in both if families[item] == family]
        gaps = {item: [twins[item].mean - items[item].mean] for item in paired}
        interval = cluster_robust({item: [(gap + 1) / 2 for gap in found_] for item, found_ in gaps.items()})
        count = len(paired)
        found.append(
            Twins(
                family=family,
                items=count,
                mean=sum(items[item].mean for item in paired) / count,
                twin_mean=sum(twins[item].mean for item in paired) / count,
                difference=sum(gap for [gap] in gaps.values()) / count,
                lower=2 * interval.lower - 1 if interval else None,
                upper=2 * interval.upper - 1 if interval else None,
                refusals=sum(items[item].refusals for item in paired),
                twin_refusals=sum(twins[item].refusals for item in paired),
            )
        )
    return tuple(found)
