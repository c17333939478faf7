"""Families whose answers are run, judged as in production: each worked solution passes, no lazy one does."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from seatrial.review.benchmarks.adapters.checking import judge
from seatrial.review.benchmarks.core.practice import FAMILIES
from seatrial.review.benchmarks.core.practice.draw import Draw
from seatrial.review.benchmarks.types import Item
from seatrial.sandbox import api as sandbox

RUN = ("harden-config", "web-flaws", "network-range")
AT_ONCE = 4

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.skipif("python3" not in sandbox.toolchain(), reason="no Python in a sandbox"),
]


def made(family: str, seed: str) -> list[Item]:
    """One item of each template, and its twin."""
    module = FAMILIES[family]
    found = []
    for number, template in enumerate(module.TEMPLATES):
        found.append(module.make(template, Draw(seed, number), f"{number}"))
        found.append(module.twin(template, Draw(seed, number), f"{number}-twin", f"{number}"))
    return found


async def check_all(items: Sequence[Item]) -> None:
    room = asyncio.Semaphore(AT_ONCE)

    async def score(item: Item, completion: str) -> tuple[float, str]:
        async with room:
            judged = await asyncio.create_task(judge(item, completion))
            return judged.score, judged.why

    right = await asyncio.gather(*(score(item, item.oracle) for item in items))
    lazy = await asyncio.gather(*(score(item, item.naive) for item in items))
    for item, (good, why), (bad, _) in zip(items, right, lazy, strict=True):
        assert good == 1.0, f"{item.id}: {why}\n{item.prompt}\n{item.oracle}"
        assert bad == 0.0, f"{item.id}: the lazy answer passes\n{item.prompt}\n{item.naive}"


@pytest.mark.parametrize("family", RUN)
async def test_every_template_and_twin_is_solved_and_not_by_the_lazy(family: str) -> None:
    await check_all(made(family, "once"))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [f"seed {number}" for number in range(20)])
@pytest.mark.parametrize("family", RUN)
async def test_every_template_and_twin_over_many_seeds(family: str, seed: str) -> None:
    await check_all(made(family, seed))
