"""A runner without a model: each cell's outcome is scripted. Keeps the promises of ``ports.Runner``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from seatrial.kernel.digests import digest
from seatrial.review.benchmarks.ports import Book, Work
from seatrial.review.benchmarks.types import AttemptResult, Cell, Failure


@dataclass
class ScriptedRunner:
    """``script(cell, number)`` gives a score, a failure, or (score, model identity).

    ``seconds(cell)`` is how long an attempt at it takes.
    """

    script: Callable[[Cell, int], float | Failure | tuple[float, str]]
    seconds: Callable[[Cell], float] = lambda cell: 0.0

    def run(self, work: Work, book: Book) -> None:
        asyncio.run(self._run(work, book))

    async def _run(self, work: Work, book: Book) -> None:
        waiting = list(work.cells)

        async def worker() -> None:
            while waiting and not book.over:
                await self._cell(waiting.pop(0), book)

        await asyncio.gather(*(worker() for _ in range(work.concurrency)))

    async def _cell(self, cell: Cell, book: Book) -> None:
        wait: float | None = 0.0
        while wait is not None and (number := await book.begin(cell.id)) is not None:
            await asyncio.sleep(self.seconds(cell))
            outcome = self.script(cell, number)
            if isinstance(outcome, Failure):
                wait = await book.failed(cell.id, number, outcome, 0.0)
                continue
            score, identity = outcome if isinstance(outcome, tuple) else (outcome, "scripted/fp-1")
            completion = digest(f"{cell.id} {number}".encode())
            await book.scored(number, AttemptResult(cell.id, score, 0.1, completion, 11, 7, identity, False))
            return
