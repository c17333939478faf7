"""The coordinator's desk: what a lost worker had asked for is nobody's, and ends as lost."""

from __future__ import annotations

import asyncio
from pathlib import Path

from seatrial.compute.types import Ended, WorkerEnd
from seatrial.review.benchmarks.adapters.crew_runner import _Desk
from seatrial.review.benchmarks.core.elicitation import PLAIN
from seatrial.review.benchmarks.ports import Work
from seatrial.review.benchmarks.types import Cell, Failure


class HoldingBook:
    """Holds every cell back until it is told to let go."""

    over = False

    def __init__(self) -> None:
        self.let_go = asyncio.Event()
        self.failures: list[tuple[str, int, Failure]] = []

    async def begin(self, cell: str) -> int | None:
        await self.let_go.wait()
        return 1

    async def failed(self, cell: str, number: int, failure: Failure, seconds: float) -> float | None:
        self.failures.append((cell, number, failure))
        return None


async def test_a_cell_held_back_for_a_worker_that_is_lost_meanwhile_is_given_out_again():
    book = HoldingBook()
    work = Work("c", [Cell("i0", 1), Cell("i1", 1)], {}, PLAIN, "m", "", "k", 2, 1.0, Path("/nowhere"))
    desk = _Desk(book, [work])
    held = asyncio.ensure_future(desk.answer(0, ("begin", "i1#1")))
    await asyncio.sleep(0)
    left = await desk.lost(Ended(0, WorkerEnd.LOST, "killed"))
    book.let_go.set()
    await held
    assert left is not None
    assert [cell.id for cell in left.cells] == ["i0#1", "i1#1"]
    assert [(cell, number, failure.lost) for cell, number, failure in book.failures] == [("i1#1", 1, True)]
