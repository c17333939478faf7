"""Somebody else's task run twice against one endpoint: adapted, by our runner, and by Inspect alone."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seatrial.review.benchmarks.adapters.inspect_loading import make_samples
from seatrial.review.benchmarks.adapters.inspect_runner import InspectRunner
from seatrial.review.benchmarks.core.elicitation import PLAIN
from seatrial.review.benchmarks.ports import Runner, Work
from seatrial.review.benchmarks.types import AttemptResult, Cell, Failure, Suite

KEY = "key-of-an-evaluator"


@dataclass
class Notes:
    """A book in memory that lets each cell be tried so often."""

    tries: int = 3
    results: dict[str, AttemptResult] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)
    over: bool = False

    async def begin(self, cell: str) -> int | None:
        self.begun.append(cell)
        return self.begun.count(cell)

    async def scored(self, number: int, result: AttemptResult) -> None:
        assert result.cell not in self.results
        self.results[result.cell] = result

    async def failed(self, cell: str, number: int, failure: Failure, seconds: float) -> float | None:
        self.failures.append(failure)
        return 0.0 if number < self.tries else None


def adapted(
    suite: Suite,
    base_url: str,
    folder: Path,
    *,
    items: int | None = None,
    runner: Runner | None = None,
    **options: Any,
) -> Notes:
    """Each item of ``suite`` run once by our runner; what the book then holds."""
    notes = Notes(**options)
    chosen = suite.items[:items]
    work = Work(
        campaign="campaign-1",
        cells=[Cell(item.id, 1) for item in chosen],
        items={item.id: item for item in chosen},
        elicitation=PLAIN,
        model="north-1",
        base_url=base_url,
        key=KEY,
        concurrency=4,
        timeout_seconds=10.0,
        log_dir=folder / "logs",
    )
    (runner or InspectRunner()).run(work, notes)
    return notes


def bare(suite: Suite, base_url: str, folder: Path, *, items: int | None = None) -> dict[str, Mapping[str, Any] | None]:
    """The same samples by Inspect alone, with the task's own everything: the scores of each, or ``None``."""
    from inspect_ai import eval as inspect_eval
    from inspect_ai._eval.loader import load_tasks
    from inspect_ai.dataset import MemoryDataset
    from inspect_ai.model import GenerateConfig, get_model

    source = suite.items[0].inspect
    assert source is not None
    before = random.getstate()
    [task] = load_tasks([source.task], dict(source.arguments))
    random.setstate(before)
    # A task that draws its samples draws others each time: Inspect alone is given those of the same draw.
    wanted = [item.inspect.sample for item in suite.items[:items] if item.inspect is not None]
    drawn = {str(one.id): one for one in make_samples(source.task, source.arguments, source.seed)}
    task.dataset = MemoryDataset([drawn[one] for one in wanted])
    [log] = inspect_eval(
        task,
        model=get_model(
            "openai-api/seatrial/north-1",
            base_url=base_url,
            api_key=KEY,
            memoize=False,
            config=GenerateConfig(max_retries=0),
            max_retries=0,
            client_timeout=10.0,
        ),
        sandbox="seatrial" if any(sample.sandbox for sample in drawn.values()) or task.sandbox else None,
        epochs=1,
        display="none",
        log_dir=str(folder / "bare"),
        log_level="error",
        fail_on_error=False,
        max_samples=4,
        max_sandboxes=4,
        ctl_server=False,
    )
    assert log.status == "success"
    assert log.samples is not None
    return {
        str(sample.id): None if sample.error else {name: one.value for name, one in (sample.scores or {}).items()}
        for sample in log.samples
    }
