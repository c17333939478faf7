"""Cells run by a crew: several processes, or the tasks of a Ray cluster, each with an Inspect of its own.

Inspect is bound to one core, so more cores take more processes. The committed order is dealt out like cards, so that
all workers are near its front; the sequential state and every row stay with the one who started them (``ports.Book``).
A worker that is killed, or whose machine is gone, loses nothing: its open attempts are told as lost, and another worker
takes up its cells at once. What is counted depends on none of this.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from seatrial.compute.api import Ended, Executor, Line, WorkerEnd, crew
from seatrial.kernel.errors import Unavailable
from seatrial.review.benchmarks.adapters.inspect_adapted import AdaptedTasks
from seatrial.review.benchmarks.adapters.inspect_runner import InspectRunner
from seatrial.review.benchmarks.ports import Book, Work
from seatrial.review.benchmarks.types import AttemptResult, Failure

MOST_LOSSES = 3  # of one cell; after that a loss uses up one of its tries, for the cell may be what kills its worker
MOST_DEATHS = 20  # of workers in a row without any cell settled


class CrewRunner:
    """See ``ports.Runner``; ``executor`` says where the workers are and how many."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    def run(self, work: Work, book: Book) -> None:
        AdaptedTasks({cell.item: work.items[cell.item] for cell in work.cells})  # one that differs: no worker starts
        asyncio.run(self._run(work, book))

    async def _run(self, work: Work, book: Book) -> None:
        count = min(self._executor.workers, len(work.cells))
        if not count or book.over:
            return
        desk = _Desk(book, [_stripe(work, worker, count) for worker in range(count)])
        ends = await crew(self._executor, _work, desk.tasks, answer=desk.answer, lost=desk.lost, news=lambda: book.over)
        failed = next((ended for ended in ends if ended.end is WorkerEnd.FAILED), None)
        if failed is not None and not book.over:
            raise Unavailable(failed.code or "inspect-failed", f"A worker of this campaign failed: {failed.why}")


def _stripe(work: Work, worker: int, count: int) -> Work:
    cells = work.cells[worker::count]
    return replace(
        work,
        cells=cells,
        items={cell.item: work.items[cell.item] for cell in cells},
        concurrency=_share(work.concurrency, count, worker),
    )


def _share(total: int, count: int, worker: int) -> int:
    return max(1, total // count + (worker < total % count))


@dataclass(frozen=True, slots=True)
class _Open:
    """An attempt that a worker has begun."""

    cell: str
    number: int


class _Desk:
    """Answers the crew out of the book, and remembers who has which attempt open."""

    def __init__(self, book: Book, tasks: Sequence[Work]) -> None:
        self.tasks = list(tasks)  # by worker
        self._settled: set[str] = set()  # cells that no worker needs to run again
        self._book = book
        self._open: dict[int, set[_Open]] = {}
        self._gone: set[int] = set()
        self._losses: Counter[str] = Counter()
        self._deaths = 0

    async def answer(self, worker: int, question: Any) -> Any:
        kind, *said = question
        mine = self._open.setdefault(worker, set())
        if kind == "begin":
            [cell] = said
            number = await self._book.begin(cell)
            if number is None:
                self._settle(cell)
            elif worker in self._gone:  # it was lost while the book held this cell back
                await self._book.failed(cell, number, Failure("its worker was lost", lost=True), 0.0)
            else:
                mine.add(_Open(cell, number))
            return number
        if kind == "scored":
            number, result = said
            mine.discard(_Open(result.cell, number))
            self._settle(result.cell)
            return await self._book.scored(number, result)
        cell, number, failure, seconds = said
        mine.discard(_Open(cell, number))
        wait = await self._book.failed(cell, number, failure, seconds)
        if wait is None:
            self._settle(cell)
        return wait

    async def lost(self, ended: Ended) -> Work | None:
        """A worker is gone: what it had open ends here, and what it had left is a task for another."""
        self._gone.add(ended.worker)
        self._deaths += 1
        if self._deaths > MOST_DEATHS:
            raise Unavailable("workers-lost", f"Workers of this campaign end before any cell is done: {ended.why}.")
        for one in sorted(self._open.pop(ended.worker, set()), key=lambda one: one.cell):
            self._losses[one.cell] += 1
            failure = Failure(ended.why, lost=self._losses[one.cell] <= MOST_LOSSES)
            wait = await self._book.failed(one.cell, one.number, failure, 0.0)
            if not failure.lost and wait is None:
                self._settle(one.cell)
        task = self.tasks[ended.worker]
        left = replace(task, cells=[cell for cell in task.cells if cell.id not in self._settled])
        if self._book.over or not left.cells:
            return None
        self.tasks.append(left)
        return left

    def _settle(self, cell: str) -> None:
        self._settled.add(cell)
        self._deaths = 0


def _work(task: Work, line: Line) -> None:
    """In the worker's process."""
    InspectRunner().run(task, _RemoteBook(line))


class _RemoteBook:
    """``ports.Book`` at the worker's end of a line."""

    def __init__(self, line: Line) -> None:
        self._line = line

    @property
    def over(self) -> bool:
        return bool(self._line.news)

    async def begin(self, cell: str) -> int | None:
        number: int | None = await self._ask("begin", cell)
        return number

    async def scored(self, number: int, result: AttemptResult) -> None:
        await self._ask("scored", number, result)

    async def failed(self, cell: str, number: int, failure: Failure, seconds: float) -> float | None:
        wait: float | None = await self._ask("failed", cell, number, failure, seconds)
        return wait

    async def _ask(self, *question: Any) -> Any:
        return await asyncio.wrap_future(self._line.ask(question))
