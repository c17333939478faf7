"""Cells run as samples of one Inspect AI task, against an OpenAI-compatible endpoint.

Inspect is imported only when a campaign runs: it takes seconds. Its traps, and what is done here:

- An eval that failed returns like one that succeeded: the log's status is read.
- Counting tokens may fetch a tokenizer file: the endpoint reports usage, and nothing here counts.
- Its own retries would hide attempts: they are off, and so are the client's; ``Book`` decides.
- A sample's ``files`` that look like addresses are fetched: an item's are written through the sandbox.
- It binds a control socket and takes over the root logger: the first is off, the second is given back.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from seatrial.kernel.errors import Unavailable
from seatrial.review.benchmarks.adapters.inspect_adapted import AdaptedTasks
from seatrial.review.benchmarks.adapters.inspect_asking import attempt
from seatrial.review.benchmarks.adapters.sandbox_choice import chosen
from seatrial.review.benchmarks.ports import Book, Work
from seatrial.review.benchmarks.types import Cell

if TYPE_CHECKING:
    from inspect_ai import Task
    from inspect_ai.model import Model
    from inspect_ai.scorer import Score, Scorer, Target
    from inspect_ai.solver import TaskState

PASSES = 4  # over what is left: a cell whose sandbox would not start is taken up again


class InspectRunner:
    """See ``ports.Runner``. ``inspect eval`` may run once at a time in a process, and so may this."""

    def run(self, work: Work, book: Book) -> None:
        left, why = list(work.cells), ""
        adapted = AdaptedTasks({cell.item: work.items[cell.item] for cell in left})
        for _ in range(PASSES):
            if left and not book.over:
                broken = _evaluate(work, book, left, adapted)
                left = [cell for cell in left if cell.id in broken]
                why = next(iter(broken.values()), why)
        if left and not book.over:
            raise Unavailable(
                "cells-not-run",
                f"Inspect could not run {len(left)} cells: {why} (log in {work.log_dir}). Mend that and run again.",
            )


def _evaluate(work: Work, book: Book, cells: list[Cell], adapted: AdaptedTasks) -> dict[str, str]:
    """One eval over ``cells``; those that broke off before an attempt could be made, and why."""
    from inspect_ai import eval as inspect_eval
    from inspect_ai._util.error import PrerequisiteError

    work.log_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    touched: set[str] = set()
    with _own_logging():
        try:
            [log] = inspect_eval(
                _task(work, book, cells, touched, adapted),
                model=_model(work),
                display="none",
                log_level="warning",
                log_dir=str(work.log_dir),
                log_realtime=False,
                ctl_server=False,
                fail_on_error=False,
                score_display=False,
                max_samples=work.concurrency,
                max_sandboxes=work.concurrency,
                max_tasks=1,
            )
        except PrerequisiteError as error:
            raise Unavailable("inspect-refused", f"Inspect cannot run this campaign: {error}") from error
    if log.status != "success":
        said = log.error.message if log.error else "no reason given"
        raise Unavailable(
            "inspect-failed", f"Inspect ended with the status {log.status}: {said} (log: {log.location})."
        )
    return {
        str(sample.id): sample.error.message
        for sample in log.samples or []
        if sample.error is not None and sample.id not in touched
    }


def _task(work: Work, book: Book, cells: list[Cell], touched: set[str], adapted: AdaptedTasks) -> Task:
    from inspect_ai import Task
    from inspect_ai.dataset import MemoryDataset, Sample
    from inspect_ai.model import ChatMessageSystem, ChatMessageUser

    samples = [
        adapted.sample(cell)
        if work.items[cell.item].inspect
        else Sample(
            id=cell.id,
            input=[
                ChatMessageSystem(content=work.elicitation.system_prompt),
                ChatMessageUser(content=work.items[cell.item].prompt),
            ],
            metadata={"item": cell.item, "epoch": cell.epoch, "family": work.items[cell.item].family},
            sandbox=chosen(work.items[cell.item].hosts) if work.elicitation.tools else None,
        )
        for cell in cells
    ]
    task = Task(
        name=work.campaign,
        dataset=MemoryDataset(samples),
        solver=attempt(work, book, touched, adapted),
        scorer=_scorer(),
        early_stopping=_Stop(book),
    )
    adapted.settle(task)
    return task


def _model(work: Work) -> Model:
    from inspect_ai.model import GenerateConfig, get_model

    return get_model(
        f"openai-api/seatrial/{work.model}",
        base_url=work.base_url,
        api_key=work.key,
        memoize=False,
        config=GenerateConfig(max_retries=0, max_connections=work.concurrency),
        max_retries=0,  # the client's own
        client_timeout=work.timeout_seconds,
    )


class _Stop:
    """Inspect's ``EarlyStopping``: skips what has not started once the book is closed."""

    def __init__(self, book: Book) -> None:
        self._book = book

    async def start_task(self, task: Any, samples: Any, epochs: int) -> str:
        return "seatrial sequential decision"

    async def schedule_sample(self, id: str | int, epoch: int) -> Any:
        from inspect_ai.util import EarlyStop

        return EarlyStop(id=id, epoch=epoch, reason="nothing further would be counted") if self._book.over else None

    async def complete_sample(self, id: str | int, epoch: int, scores: Any) -> None:
        """Nothing: the scorer has told the book already, durably."""

    async def complete_task(self) -> dict[str, Any]:
        return {}


def _scorer() -> Scorer:
    """Hands Inspect what the attempt came to: its log holds the score, the answer taken and why."""
    from inspect_ai.scorer import Score, mean, scorer

    @scorer(metrics=[mean()], name="seatrial_check")
    def check() -> Scorer:
        async def score(state: TaskState, target: Target) -> Score | None:
            judged = state.store.get("judged")
            if judged is None:
                return None  # no attempt came to a score, and the book knows why
            value, answer, why = judged
            return Score(value=value, answer=answer, explanation=why)

        return score

    return check()


@contextmanager
def _own_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
