"""Judges in this process, or a crew of them: processes of this machine, or the tasks of a Ray cluster.

Whoever starts them keeps the docket and every row. What is judged, and how, does not depend on where it is done.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

from seatrial.clearinghouse.proofs import api as proofs
from seatrial.clearinghouse.proofs.types import Validation, Verdict
from seatrial.clearinghouse.triage.ports import Docket, Job, Judged, Ran
from seatrial.compute.api import Ended, Executor, Line, WorkerEnd, crew
from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Misuse, Unavailable

MOST_LOSSES = 3  # of one job; then it may be what kills its judge
MOST_DEATHS = 20  # of judges in a row without a job done


class OwnJudges:
    """In this process, ``at_once`` jobs side by side."""

    def __init__(self, shelf: Path, at_once: int) -> None:
        self._shelf, self._at_once = shelf, at_once

    def run(self, docket: Docket) -> None:
        asyncio.run(self._run(docket))

    async def _run(self, docket: Docket) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self._at_once):
                    group.create_task(_judge(docket, proofs.Shelf(self._shelf)))
        except ExceptionGroup as several:  # one sentence, not that there were some
            raise several.exceptions[0] from several


class CrewJudges:
    """A crew of judges as ``executor`` says, each with ``at_once`` jobs side by side."""

    def __init__(self, executor: Executor, shelf: Path, at_once: int) -> None:
        self._executor, self._shelf, self._at_once = executor, shelf, at_once

    def run(self, docket: Docket) -> None:
        asyncio.run(self._run(docket))

    async def _run(self, docket: Docket) -> None:
        desk, task = _Desk(docket), (str(self._shelf), self._at_once)
        while True:
            ends = await crew(
                self._executor,
                _work,
                [task] * self._executor.workers,
                answer=desk.answer,
                lost=lambda ended: desk.lost(ended, task),
                news=lambda: None,
            )
            failed = next((ended for ended in ends if ended.end is WorkerEnd.FAILED), None)
            if failed is not None:
                raise Unavailable(failed.code or "judging-failed", f"A machine that judges proofs failed: {failed.why}")
            if not desk.anything_left():  # what was handed to one that was dead already
                return


class _Desk:
    """Answers the crew from the docket, and remembers who has which job."""

    def __init__(self, docket: Docket) -> None:
        self._docket = docket
        self._open: dict[int, dict[str, Job]] = {}
        self._again: list[Job] = []
        self._losses: Counter[str] = Counter()
        self._deaths = 0
        self._gone: set[int] = set()

    def anything_left(self) -> bool:
        """Whether a job waits for a judge, once a crew has ended; the numbers of the next crew begin anew."""
        self._gone.clear()
        return bool(self._again)

    async def answer(self, worker: int, question: Any) -> Any:
        kind, said = question
        mine = self._open.setdefault(worker, {})
        if kind == "next":
            job = self._again.pop() if self._again else await self._docket.next()
            if job is not None and worker in self._gone:  # it died while the docket looked
                self._again.append(job)
            elif job is not None:
                mine[job.report] = job
            return job
        self._deaths = 0
        mine.pop(said.report, None)
        await self._docket.done(said)
        return None

    async def lost(self, ended: Ended, task: Any) -> Any:
        """What the dead judge had is somebody else's; a new one takes its place."""
        self._deaths += 1
        self._gone.add(ended.worker)
        if self._deaths > MOST_DEATHS:
            raise Unavailable("judging-failed", f"Machines that judge proofs end before any is judged: {ended.why}.")
        for job in self._open.pop(ended.worker, {}).values():
            self._losses[job.report] += 1
            if self._losses[job.report] >= MOST_LOSSES:
                reason = f"Machines that ran this proof ended {MOST_LOSSES} times without a word."
                await self._docket.done(await _for_a_person(job, reason))
            else:
                self._again.append(job)
        return task


def _work(task: tuple[str, int], line: Line) -> None:
    """In the worker's process."""
    shelf, at_once = task
    OwnJudges(Path(shelf), at_once).run(_RemoteDocket(line))


class _RemoteDocket:
    """``ports.Docket`` at the worker's end of a line."""

    def __init__(self, line: Line) -> None:
        self._line = line

    async def next(self) -> Job | None:
        job: Job | None = await asyncio.wrap_future(self._line.ask(("next", None)))
        return job

    async def done(self, judged: Judged) -> None:
        await asyncio.wrap_future(self._line.ask(("done", judged)))


async def _judge(docket: Docket, shelf: proofs.Shelf) -> None:
    while (job := await docket.next()) is not None:
        await docket.done(await _judged(job, shelf))


async def _judged(job: Job, shelf: proofs.Shelf) -> Judged:
    """Nothing that a reporter sent raises: it becomes a verdict."""
    if not job.recipe:
        return await _for_a_person(job, "It brings no proof that a machine can run.")
    try:
        recipe, inline = proofs.parse(job.recipe)
    except Misuse as error:
        return await _for_a_person(job, error.message)
    attachments = {**job.files, **inline}
    validation = await proofs.validate(recipe, attachments, shelf=shelf)
    ran = Ran(
        target=recipe.target.digest,
        oracle=recipe.oracle.kind,
        over_network=bool(recipe.requests) and recipe.reproduce is None,
        transcript=await proofs.transcript(validation, recipe=recipe),
    )
    return Judged(job.report, validation, ran)


async def _for_a_person(job: Job, reason: str) -> Judged:
    where = await proofs.environment_digest()
    validation = Validation(Verdict.NEEDS_A_PERSON, reason, (), None, digest(job.recipe), where)
    return Judged(job.report, validation, Ran())
