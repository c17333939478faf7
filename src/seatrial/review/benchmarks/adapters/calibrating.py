"""Counting anew how hard the practice templates are, with answers judged as a campaign judges them."""

from __future__ import annotations

from collections.abc import Iterable

from seatrial.review.benchmarks.adapters.checking import judge
from seatrial.review.benchmarks.core.practice import FAMILIES, VERSION
from seatrial.review.benchmarks.core.practice.calibration import Share, calibrate, counted, document
from seatrial.review.benchmarks.core.practice.panel import PANELS, SEEDS
from seatrial.review.benchmarks.types import Item

_SEEDS = 100


async def recalibrate(families: Iterable[str] | None = None) -> str:
    """``calibration.json`` with ``families`` counted anew (all that have a panel by default), the others as they are.

    Takes minutes: two of the families build and run programs. Raises ``Unavailable`` (``no-sandbox``) without a box.
    """
    shares = dict(counted())
    for family in PANELS if families is None else families:
        shares[family] = await shares_of(family)
    return document(VERSION, shares)


async def shares_of(family: str, seeds: int | None = None) -> list[Share]:
    """The shares of one family's templates, over the first ``seeds`` instances if they are given."""
    return await calibrate(FAMILIES[family], PANELS[family], seeds=seeds or SEEDS.get(family, _SEEDS), passes=_passes)


async def _passes(item: Item, completion: str) -> bool:
    return (await judge(item, completion)).score == 1.0
