"""How hard each template is: the share of a panel of simple programs that solve its instances.

The panel (``panel``) are programs of rising effort, from a random choice among plausible answers to fuzzers, rules and
a reference solver with parts removed. They are neither people nor models: a share
orders templates by how far such programs get, and foretells no model's. ``calibration.json`` holds what was counted,
with the seeds; ``calibrate`` counts again.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from types import ModuleType

from seatrial.review.benchmarks.core.practice.draw import Draw
from seatrial.review.benchmarks.types import Item


@dataclass(frozen=True, slots=True)
class Attempt:
    """A completion, and the item it is judged under: a fuzzer's many inputs may need a check that takes them all."""

    item: Item
    completion: str


@dataclass(frozen=True, slots=True)
class Solver:
    """``attempts`` sees the item's prompt and its own draws; it has solved the item if one of them passes."""

    name: str
    attempts: Callable[[Item, Draw], Sequence[Attempt]]


@dataclass(frozen=True, slots=True)
class Share:
    """Of one template: how many times each solver of the panel tried, and how often it solved."""

    tried: int
    solved: Mapping[str, int]

    @property
    def difficulty(self) -> float:
        """The share over all solvers, each of the same weight; to three places."""
        return round(sum(self.solved.values()) / (self.tried * len(self.solved)), 3)


Passes = Callable[[Item, str], Awaitable[bool]]


async def calibrate(family: ModuleType, panel: Sequence[Solver], *, seeds: int, passes: Passes) -> list[Share]:
    """The shares of the templates of ``family``, in their order, each over the instances of ``seeds`` seeds.

    ``passes`` judges an attempt as a campaign does.
    """

    async def share(place: int) -> Share:
        solved = dict.fromkeys((solver.name for solver in panel), 0)
        for seed in range(seeds):
            item = family.make(family.TEMPLATES[place], Draw("calibration", family.FAMILY, place, seed), "calibration")
            for solver in panel:
                draw = Draw("panel", solver.name, family.FAMILY, place, seed)
                for attempt in solver.attempts(item, draw):
                    if await passes(attempt.item, attempt.completion):
                        solved[solver.name] += 1
                        break
        return Share(seeds, solved)

    return await asyncio.gather(*map(share, range(len(family.TEMPLATES))))


def document(version: str, shares: Mapping[str, Sequence[Share]]) -> str:
    """What ``calibration.json`` holds."""
    families = {
        family: [{"tried": share.tried, "solved": dict(share.solved)} for share in some]
        for family, some in sorted(shares.items())
    }
    return json.dumps({"version": version, "families": families}, indent=1) + "\n"


def counted() -> Mapping[str, Sequence[Share]]:
    """What was counted, by family; families without a panel are missing."""
    read = json.loads(files(__package__).joinpath("calibration.json").read_text())
    return {
        family: tuple(Share(one["tried"], one["solved"]) for one in some) for family, some in read["families"].items()
    }
