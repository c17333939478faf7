"""Cells run as samples of one Inspect AI task, against an OpenAI-compatible endpoint.

Inspect is imported only when a campaign runs: it takes seconds. Its traps, and what is done here:

- An eval that failed returns like one that succeeded: the log's status is read.
- Counting tokens may fetch a tokenizer file: the endpoint reports usage, and nothing here counts.
- Its own retries would hide attempts: they are off, and so are the client's; ``Book`` decides.
- A sample's ``files`` that look like addresses are fetched: checks write theirs through the sandbox.
- It binds a control socket and takes over the root logger: the first is off, the second is given back.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Misuse, SeatrialError, Unavailable
from seatrial.review.benchmarks.core.judging import looks_like_refusal, plan, step_failure
from seatrial.review.benchmarks.core.manifest import SANDBOX as SANDBOX_NEEDED
from seatrial.review.benchmarks.core.manifest import needs_of
from seatrial.review.benchmarks.ports import Book, Work
from seatrial.review.benchmarks.types import AttemptResult, Cell, Check, Failure

if TYPE_CHECKING:
    from inspect_ai import Task
    from inspect_ai.model import Model, ModelOutput
    from inspect_ai.scorer import Score, Scorer, Target
    from inspect_ai.solver import Generate, Solver, TaskState

SANDBOX = "seatrial"  # our provider; see inspect_registry
SANITIZED = {"ASAN_OPTIONS": "detect_leaks=0"}  # tells the provider to set no address-space limit
PASSES = 4  # over what is left: a cell whose sandbox would not start is taken up again


class InspectRunner:
    """See ``ports.Runner``. ``inspect eval`` may run once at a time in a process, and so may this."""

    def run(self, work: Work, book: Book) -> None:
        left, why = list(work.cells), ""
        for _ in range(PASSES):
            if left and not book.over:
                broken = _evaluate(work, book, left)
                left = [cell for cell in left if cell.id in broken]
                why = next(iter(broken.values()), why)
        if left and not book.over:
            raise Unavailable(
                "cells-not-run",
                f"Inspect could not run {len(left)} cells: {why} (log in {work.log_dir}). Mend that and run again.",
            )


def _evaluate(work: Work, book: Book, cells: list[Cell]) -> dict[str, str]:
    """One eval over ``cells``; those that broke off before an attempt could be made, and why."""
    from inspect_ai import eval as inspect_eval
    from inspect_ai._util.error import PrerequisiteError

    work.log_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    touched: set[str] = set()
    with _own_logging():
        try:
            [log] = inspect_eval(
                _task(work, book, cells, touched),
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


def _task(work: Work, book: Book, cells: list[Cell], touched: set[str]) -> Task:
    from inspect_ai import Task
    from inspect_ai.dataset import MemoryDataset, Sample
    from inspect_ai.model import ChatMessageSystem, ChatMessageUser

    samples = [
        Sample(
            id=cell.id,
            input=[
                ChatMessageSystem(content=work.elicitation.system_prompt),
                ChatMessageUser(content=work.items[cell.item].prompt),
            ],
            metadata={"item": cell.item, "epoch": cell.epoch, "family": work.items[cell.item].family},
            sandbox=SANDBOX if SANDBOX_NEEDED in needs_of(work.items[cell.item]) else None,
        )
        for cell in cells
    ]
    return Task(
        name=work.campaign,
        dataset=MemoryDataset(samples),
        solver=_attempt(work, book, touched),
        scorer=_judge(work, book),
        early_stopping=_Stop(book),
    )


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


def _attempt(work: Work, book: Book, touched: set[str]) -> Solver:
    """Generate once; when the machine fails, again as often as the book says."""
    import anyio
    from inspect_ai.model import GenerateConfig, get_model
    from inspect_ai.solver import solver

    @solver(name="seatrial_attempt")
    def attempt() -> Solver:
        async def solve(state: TaskState, generate: Generate) -> TaskState:
            cell = str(state.sample_id)
            limit = work.items[state.metadata["item"]].max_tokens
            wait: float | None = 0.0
            while wait is not None and (number := await book.begin(cell)) is not None:
                touched.add(cell)
                started = time.monotonic()
                try:
                    output = await get_model().generate(state.messages, config=GenerateConfig(max_tokens=limit))
                except Exception as error:
                    wait = await book.failed(cell, number, failure_of(error), time.monotonic() - started)
                    await anyio.sleep(wait or 0)
                    continue
                state.output = output
                state.messages.append(output.message)
                state.store.set("attempt", [number, time.monotonic() - started, _identity(output)])
                break
            return state

        return solve

    return attempt()


def _judge(work: Work, book: Book) -> Scorer:
    """Score the completion; when the sandbox fails, judge the same completion again."""
    import anyio
    from inspect_ai.scorer import Score, mean, scorer

    @scorer(metrics=[mean()], name="seatrial_check")
    def check() -> Scorer:
        async def score(state: TaskState, target: Target) -> Score | None:
            attempted = state.store.get("attempt")
            if attempted is None:
                return None  # nothing was generated, and the book knows why
            number, generating, identity = attempted
            cell, completion = str(state.sample_id), state.output.completion
            usage, stop = state.output.usage, state.output.stop_reason
            while True:
                started = time.monotonic()
                try:
                    value, answer, why = await judge(work.items[state.metadata["item"]].check, completion)
                except Exception as error:
                    failure = Failure(f"the check could not be run: {_sentence(error)}")
                    wait = await book.failed(cell, number, failure, time.monotonic() - started)
                    if wait is None:
                        return None
                    await anyio.sleep(wait)
                    again = await book.begin(cell)
                    if again is None:
                        return None
                    number, generating = again, 0.0
                    continue
                result = AttemptResult(
                    cell=cell,
                    score=value,
                    seconds=generating + time.monotonic() - started,
                    completion_digest=digest(completion.encode()),
                    prompt_tokens=usage.input_tokens if usage else 0,
                    completion_tokens=usage.output_tokens if usage else 0,
                    model_identity=identity,
                    refused=stop == "content_filter" or looks_like_refusal(completion),
                )
                await book.scored(number, result)
                return Score(value=value, answer=answer, explanation=why)

        return score

    return check()


async def judge(check: Check | None, completion: str) -> tuple[float, str | None, str]:
    """(score, the answer taken, why) of a completion, in the sandbox of the sample that is being scored.

    A program that hangs, floods its output or prints no text fails its step: that is the answer's fault.
    """
    from inspect_ai.util import OutputLimitExceededError, sandbox

    if check is None:
        raise Misuse("no-check", "This item is judged by the task it was adapted from.")
    judgement = plan(check, completion)
    if judgement.score is not None:
        return judgement.score, judgement.answer, judgement.why
    answer, box = judgement.answer, sandbox()
    for name, content in judgement.files.items():
        await box.write_file(name, content)
    for step in judgement.steps:
        name = " ".join(step.argv)
        try:
            done = await box.exec(
                list(step.argv),
                input=step.stdin or None,
                env=SANITIZED if step.sanitizer else None,
                timeout=math.ceil(step.seconds),
                timeout_retry=False,
            )
        except TimeoutError:
            return 0.0, answer, f"{name} took longer than {step.seconds:g} s"
        except (OutputLimitExceededError, UnicodeDecodeError) as error:
            return 0.0, answer, f"the output of {name} cannot be read: {_sentence(error)}"
        except PermissionError as error:
            return 0.0, answer, f"{name} cannot be executed: {_sentence(error)}"
        failure = step_failure(step, status=done.returncode, stdout=done.stdout, stderr=done.stderr)
        if failure is not None:
            return 0.0, answer, failure
    return 1.0, answer, judgement.why


def failure_of(error: BaseException) -> Failure:
    """What an exception of Inspect or of its client says, unwrapped: status, code and sentence of the endpoint."""
    import openai

    found: BaseException | None = error
    while found is not None and not isinstance(found, openai.APIError):
        found = found.__cause__
    if isinstance(found, openai.APIStatusError):
        wait = found.response.headers.get("retry-after", "")
        return Failure(
            _sentence(found),
            status=found.status_code,
            code=_code(found),
            retry_after=float(wait) if wait.isdecimal() else 0.0,
        )
    if isinstance(found, openai.APITimeoutError):
        return Failure("the endpoint took too long to answer")
    if isinstance(found, openai.APIConnectionError):
        cause = type(found.__cause__).__name__
        return Failure(f"no connection to the endpoint ({cause})", unreachable=cause.startswith("Connect"))
    return Failure(_sentence(found or error))


def _code(error: Any) -> str | None:
    body = error.body if isinstance(error.body, dict) else {}
    return str(error.code or body.get("code") or "") or None


def _sentence(error: BaseException) -> str:
    """One line, without the request Inspect likes to repeat."""
    body = getattr(error, "body", None)
    text = body["message"] if isinstance(body, dict) and body.get("message") else str(error)
    if isinstance(error, SeatrialError):
        text = error.message
    return (text.strip().splitlines() or [type(error).__name__])[0][:500]


def _identity(output: ModelOutput) -> str:
    """Model and fingerprint as the endpoint reported them with this completion."""
    from inspect_ai.event import ModelEvent
    from inspect_ai.log import transcript

    for event in reversed(transcript().events):
        if isinstance(event, ModelEvent) and event.call is not None and isinstance(event.call.response, dict):
            fingerprint = event.call.response.get("system_fingerprint")
            return f"{output.model}/{fingerprint}" if fingerprint else output.model
    return output.model


@contextmanager
def _own_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
