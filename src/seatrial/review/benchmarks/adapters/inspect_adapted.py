"""Adapted items among the samples of an eval of ours: loaded, compared with what was sealed, and run as their tasks do.

What is not the task's: the model (the campaign's endpoint), how often a sample is run (the campaign's epochs), and what
happens when a machine fails (``Book`` decides). A failed attempt is begun anew, in a box of its own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.kernel.canonical import canonical
from seatrial.kernel.errors import Unavailable
from seatrial.review.benchmarks.adapters.checking import Judged
from seatrial.review.benchmarks.adapters.inspect_task import LoadedTask, load_task
from seatrial.review.benchmarks.adapters.inspect_task_run import SampleRun, watch
from seatrial.review.benchmarks.adapters.sandbox_choice import instead_of
from seatrial.review.benchmarks.types import Cell, InspectSample, Item

if TYPE_CHECKING:
    from inspect_ai import Task
    from inspect_ai.dataset import Sample
    from inspect_ai.solver import TaskState
    from inspect_ai.util import SandboxEnvironmentSpec

    from seatrial.review.benchmarks.adapters.inspect_asking import Asked


class AdaptedTasks:
    """The tasks that ``items`` were adapted from; those among them that were not are left alone."""

    def __init__(self, items: Mapping[str, Item]) -> None:
        """Raises ``Unavailable`` (``sample-differs``) before anything is sent, and what ``load_task`` raises."""
        self._sources = {name: item.inspect for name, item in items.items() if item.inspect is not None}
        self._tasks: dict[bytes, LoadedTask] = {}
        for source in self._sources.values():
            self._check(source)

    def sample(self, cell: Cell) -> Sample:
        """What Inspect makes a box of, and shows of ``cell`` in its log."""
        loaded, sample = self._pinned(cell.item)
        shown = deepcopy(sample)
        shown.id = cell.id
        spec = loaded.sandbox(sample)
        shown.sandbox = instead_of(spec.type, spec.config) if spec is not None else None
        shown.files = {name: _rooted(content, loaded.folder) for name, content in (sample.files or {}).items()} or None
        shown.setup = sample.setup and _rooted(sample.setup, loaded.folder)
        return shown

    def settle(self, task: Task) -> None:
        """Let ``task``, ours, run in the folder where the adapted ones expect to, if that is one folder."""
        from inspect_ai._eval.task.constants import TASK_RUN_DIR_ATTR

        folders = {loaded.folder for loaded in self._tasks.values()}
        if len(folders) == 1:
            setattr(task, TASK_RUN_DIR_ATTR, folders.pop())

    async def attempt(self, cell: Cell, shown: TaskState, asked: Asked, *, again: bool) -> None:
        """One attempt at ``cell``: what came of it goes into ``asked``, and for the log into ``shown``.

        Raises whatever made it fail: then the machine failed, or the task, but not the model.
        """
        loaded, sample = self._pinned(cell.item)
        asked.completions.clear()
        asked.judged.clear()
        calls = watch(asked)
        async with AsyncExitStack() as stack:
            boxed = self.sample(cell)
            if again and boxed.sandbox is not None:
                await stack.enter_async_context(_fresh_box(boxed, boxed.sandbox, loaded.task.name))
            run = SampleRun(loaded.task, deepcopy(sample), cell.epoch, calls)
            scored = await run.whole(self._sources[cell.item].score)
        asked.completions.append(run.state.output.completion)
        asked.judged.append(Judged(scored.value, scored.answer, scored.why))
        shown.messages, shown.output = run.state.messages, run.state.output
        for name, kept in run.state.store.items():
            shown.store.set(name, kept)
        shown.store.set("task_scores", {name: one.model_dump(mode="json") for name, one in run.scores.items()})

    def _check(self, source: InspectSample) -> None:
        key = canonical([source.task, source.arguments, source.seed])
        loaded = self._tasks.get(key) or self._tasks.setdefault(
            key, load_task(source.task, source.arguments, source.seed)
        )
        if loaded.package != source.package:
            why = f"it was sealed as {source.package} has it, and here is {loaded.package}"
        elif loaded.code != source.code:
            why = f"the files of {source.package} are not those it was sealed with"
        elif source.sample not in loaded.samples:
            why = "the task no longer makes it"
        elif loaded.digest(loaded.samples[source.sample]) != source.digest:
            why = "the task makes it otherwise now"
        else:
            return
        raise Unavailable(
            "sample-differs",
            f"The sample {source.sample} of {source.task} is not the one that was sealed: {why}. Nothing was sent. "
            f"Run this where {source.package} is installed as it was, or adapt the task anew.",
            sample=source.sample,
            task=source.task,
        )

    def _pinned(self, item: str) -> tuple[LoadedTask, Sample]:
        source = self._sources[item]
        loaded = self._tasks[canonical([source.task, source.arguments, source.seed])]
        return loaded, loaded.samples[source.sample]


def _rooted(content: str, folder: str) -> str:
    """``content`` as Inspect finds it from any folder, if it is a path that begins in the task's."""
    try:
        path = Path(folder) / content
        return str(path) if content and path.exists() else content
    except (OSError, ValueError):  # too long for a path, or no path at all
        return content


@asynccontextmanager
async def _fresh_box(sample: Sample, spec: SandboxEnvironmentSpec, task: str) -> AsyncIterator[None]:
    """A second box for ``sample``, with its files and setup, in the place of the first."""
    from inspect_ai._eval.task.sandbox import read_sandboxenv_file, resolve_sample_files
    from inspect_ai.util._sandbox.context import (
        cleanup_sandbox_environments_sample,
        init_sandbox_environments_sample,
    )
    from inspect_ai.util._sandbox.registry import registry_find_sandboxenv

    named = resolve_sample_files(sample.files or {})
    setup = None if not sample.setup else await read_sandboxenv_file(sample.setup)
    if setup is not None and not setup.lstrip().startswith(b"#!"):
        setup = b"#!/usr/bin/env bash\n\n" + setup
    environments = await init_sandbox_environments_sample(
        sandboxenv_type=registry_find_sandboxenv(spec.type),
        task_name=task,
        config=spec.config,
        files={name: await read_sandboxenv_file(content) for name, content in named.items()},
        setup=setup,
        metadata={**(sample.metadata or {}), "__sample_id__": sample.id},
    )
    try:
        yield
    finally:
        await cleanup_sandbox_environments_sample(
            type=spec.type, task_name=task, config=spec.config, environments=environments, interrupted=False
        )
