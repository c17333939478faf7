"""One sample of somebody else's task, run by its own setup, solver, limits, scorers and cleanup.

This follows Inspect's own run of a sample step by step: a solver that meets a limit, or runs into a time-out, is scored
for what it has; a solver or a scorer that breaks is not scored. Over and above Inspect:

- A model call that fails fails the attempt, even if the solver would have gone on without it; so does no reply at all.
- Every reply is counted and says which model gave it. None is taken from a cache, and Inspect asks for none twice.
"""

from __future__ import annotations

import logging
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from seatrial.review.benchmarks.core.adapted import counted_scorer, unit_score

if TYPE_CHECKING:
    from inspect_ai import Task
    from inspect_ai.dataset import Sample
    from inspect_ai.model import GenerateConfig, Model, ModelOutput
    from inspect_ai.scorer import Score
    from inspect_ai.solver import Generate, Plan, TaskState

    from seatrial.review.benchmarks.adapters.inspect_asking import Asked

log = logging.getLogger(__name__)
_calls: ContextVar[Calls | None] = ContextVar("seatrial_calls", default=None)


@dataclass(slots=True)
class Calls:
    """The model calls of one attempt."""

    asked: Asked
    replies: int = 0
    failure: BaseException | None = None  # the first


@dataclass(frozen=True, slots=True)
class Scored:
    """What an attempt came to, from 0 to 1."""

    value: float
    answer: str | None
    why: str


def watch(asked: Asked) -> Calls:
    """From here on, in this task of the loop and those it starts, note in ``asked`` what the model answers."""
    from inspect_ai.model import get_model

    calls = Calls(asked)
    _calls.set(calls)
    model = get_model()
    if not hasattr(model, "seatrial_watched"):
        _watch(model)
    return calls


class SampleRun:
    """``sample`` of ``task``, from a fresh state; ``state`` and ``scores`` are what it has come to."""

    def __init__(self, task: Task, sample: Sample, epoch: int, calls: Calls) -> None:
        self.state = _fresh_state(task, sample, epoch)
        self.scores: dict[str, Score] = {}
        self._task = task
        self._sample = sample
        self._calls = calls
        self._limit = ""  # the sentence about a limit that was met

    async def whole(self, score: str) -> Scored:
        """Solve, score, clean up; ``score`` is which of several scores counts. Raises whatever broke it."""
        try:
            self._enter()
            await self._solve()
            self._must_have_answered()
            await self._score()
            self._must_have_answered()
        finally:
            await self._clean()
        found = self.scores.get(counted_scorer(list(self.scores), score))
        if found is None:
            raise RuntimeError("the task's scorer gave no score")
        said = [found.explanation or f"the task's scorer gave {found.value}", self._limit]
        return Scored(unit_score(found.value, score), found.answer, " ".join(one for one in said if one))

    def _enter(self) -> None:
        """What Inspect gives each task through context variables: here to this sample alone."""
        from inspect_ai.approval._apply import init_tool_approval
        from inspect_ai.model import get_model
        from inspect_ai.model._model import init_active_model, init_model_roles
        from inspect_ai.review._apply import init_tool_review
        from inspect_ai.scorer import Target
        from inspect_ai.scorer._score import init_scoring_context
        from inspect_ai.solver._fork import set_task_generate
        from inspect_ai.solver._task_state import set_sample_state
        from inspect_ai.util._store import init_subtask_store

        set_sample_state(self.state)
        init_subtask_store(self.state.store)
        ours: dict[str, Any] = {"max_retries": None, "max_connections": None, "adaptive_connections": None}
        config: GenerateConfig = self._task.config.model_copy(update=ours, deep=True)
        init_active_model(get_model(), config)
        init_model_roles({})
        init_tool_approval(self._task.approval)
        init_tool_review(self._task.review)
        init_scoring_context(self._task.scorer or [], Target(self._sample.target))
        self._generate = _generate(config)
        set_task_generate(self._generate)

    async def _solve(self) -> None:
        """Setup and solver under the task's limits; one that is met ends the solving and not the attempt."""
        from inspect_ai._eval.task.run import resolve_plan
        from inspect_ai._util.exception import TerminateSampleError
        from inspect_ai.solver._task_state import sample_state
        from inspect_ai.util import LimitExceededError, span, time_limit, turn_limit, working_limit
        from inspect_ai.util._anyio import inner_exception
        from inspect_ai.util._sandbox.events import SandboxTimeoutError

        task, state = self._task, self.state
        try:
            with (
                state._token_limit,
                state._cost_limit,
                state._message_limit,
                turn_limit(task.turn_limit),
                time_limit(task.time_limit),
                working_limit(task.working_limit),
            ):
                async with span("solvers"):
                    self.state = await _minding_work(resolve_plan(task, None), state, self._generate)
        except Exception as raised:
            error = inner_exception(raised)
            late = isinstance(error, TimeoutError) and not isinstance(error, SandboxTimeoutError)
            if not late and not isinstance(error, LimitExceededError | TerminateSampleError):
                raise error from raised
            self.state = sample_state() or state
            self._limit = f"(The sample was ended: {str(error) or type(error).__name__}.)"

    async def _score(self) -> None:
        from inspect_ai.scorer import Target
        from inspect_ai.scorer._scorer import unique_scorer_name
        from inspect_ai.solver._task_state import set_sample_state
        from inspect_ai.util import span, time_limit

        state, task = self.state, self._task
        state.completed = True
        set_sample_state(state)
        state.scores = {} if state.scores is None else state.scores
        self.scores = dict(state.scores)  # what the solver has scored itself
        with time_limit(None if task.time_limit is None else task.time_limit / 2):
            async with span("scorers"):
                for scorer in task.scorer or ():
                    name = unique_scorer_name(scorer, list(self.scores))
                    async with span(name, type="scorer"):
                        found = await scorer(state, Target(self._sample.target))
                    if found is not None:
                        self.scores[name] = state.scores[name] = found

    async def _clean(self) -> None:
        import anyio

        if self._task.cleanup is None:
            return
        with anyio.CancelScope(shield=True):
            try:
                await self._task.cleanup(self.state)
            except Exception as error:  # as in Inspect: it does not change the score
                log.warning("The cleanup of a task failed: %s", type(error).__name__)

    def _must_have_answered(self) -> None:
        if self._calls.failure is not None:
            raise self._calls.failure
        if not self._calls.replies:  # nothing says which model this would be a score of
            early = f"no reply came in time {self._limit}"
            raise RuntimeError(early if self._limit else "the task's solver asked the model nothing")


def _fresh_state(task: Task, sample: Sample, epoch: int) -> TaskState:
    from inspect_ai._eval.task.util import sample_messages
    from inspect_ai.model import ModelName, get_model
    from inspect_ai.scorer import Target
    from inspect_ai.solver import TaskState

    return TaskState(
        sample_id=sample.id or 0,
        epoch=epoch,
        model=ModelName(get_model()),
        input=sample.input,
        target=Target(sample.target),
        choices=sample.choices,
        messages=sample_messages(sample),
        message_limit=task.message_limit,
        token_limit=task.token_limit,
        token_limit_type=task.token_limit_type or "all",
        completed=False,
        metadata=sample.metadata or {},
    )


def _generate(config: GenerateConfig) -> Generate:
    """What solvers are handed to ask the model with, as Inspect makes it for a task with this ``config``."""
    from inspect_ai._eval.task.generate import task_generate
    from inspect_ai._util.notgiven import NOT_GIVEN
    from inspect_ai.model import GenerateConfig, get_model

    async def generate(state: TaskState, tool_calls: Any = "loop", **more: Any) -> TaskState:
        return await task_generate(
            model=get_model(),
            state=state,
            tool_calls=tool_calls,
            cache=NOT_GIVEN,
            config=config.merge(GenerateConfig(**more)),
        )

    return generate


async def _minding_work(plan: Plan, state: TaskState, generate: Generate) -> TaskState:
    """Run ``plan``; once a second, see whether the limit on working time is met."""
    import anyio
    from inspect_ai.util import LimitExceededError
    from inspect_ai.util._limit import working_limit_exceeded

    over: list[LimitExceededError] = []

    async def mind(scope: anyio.CancelScope) -> None:
        while not over:
            await anyio.sleep(1)
            over.extend(filter(None, [working_limit_exceeded()]))
        scope.cancel()

    async with anyio.create_task_group() as group:
        group.start_soon(mind, group.cancel_scope)
        state = await plan(state, generate)
        group.cancel_scope.cancel()
    if over:
        raise over[0]
    return state


def _watch(model: Model) -> None:
    """Let ``model`` note each reply and each failure in the attempt that asked, and take no reply from a cache."""
    real, ask = model.api.generate, model.generate

    async def noted(*args: Any, **more: Any) -> Any:
        calls = _calls.get()
        try:
            answered = await real(*args, **more)
        except Exception as error:
            if calls is not None:
                calls.failure = calls.failure or error
            raise
        output: Any
        output, call = answered if isinstance(answered, tuple) else (answered, None)
        if calls is not None and isinstance(output, Exception):
            calls.failure = calls.failure or output
        elif calls is not None:
            calls.replies += 1
            calls.asked.took(output, _identity(output, call))
        return answered

    async def uncached(*args: Any, **more: Any) -> ModelOutput:
        return await ask(*args, **{**more, "cache": False})

    model.api.generate = noted  # type: ignore[method-assign]
    model.generate = uncached  # type: ignore[method-assign]
    model.seatrial_watched = True  # type: ignore[attr-defined]


def _identity(output: ModelOutput, call: Any) -> str:
    """Model and fingerprint as the endpoint reported them with this reply."""
    said = getattr(call, "response", None)
    fingerprint = said.get("system_fingerprint") if isinstance(said, dict) else None
    return f"{output.model}/{fingerprint}" if fingerprint else output.model
