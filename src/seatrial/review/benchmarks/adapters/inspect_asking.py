"""How a model is asked, as solvers of Inspect: once, with tools in the item's box, several times.

Inspect's own retries are off: the book decides what a failure means. A completion that was paid for is kept: when the
check of it fails for the machine's sake, the same completion is judged again.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from seatrial.kernel.digests import digest
from seatrial.kernel.errors import SeatrialError
from seatrial.review.benchmarks.adapters.checking import Judged, judge
from seatrial.review.benchmarks.adapters.inspect_adapted import AdaptedTasks
from seatrial.review.benchmarks.core.judging import looks_like_refusal
from seatrial.review.benchmarks.ports import Book, Work
from seatrial.review.benchmarks.types import AttemptResult, Elicitation, Failure, Item

if TYPE_CHECKING:
    from inspect_ai.model import ChatMessage, ModelOutput
    from inspect_ai.solver import Generate, Solver, TaskState

TOOL_SECONDS = 120  # of one tool call
_APART = b"\0try\0"  # between the completions of several tries, where they are pinned by one digest


@dataclass(slots=True)
class Asked:
    """What one attempt has got out of the model so far: kept over its retries."""

    opening: list[ChatMessage]  # what each try begins with
    completions: list[str] = field(default_factory=list)
    judged: list[Judged] = field(default_factory=list)
    prompt_tokens: int = 0
    completion_tokens: int = 0
    identities: list[str] = field(default_factory=list)
    refused: bool = False
    seconds: float = 0.0

    def took(self, output: ModelOutput, identity: str) -> None:
        """One reply came."""
        usage = output.usage
        self.prompt_tokens += usage.input_tokens if usage else 0
        self.completion_tokens += usage.output_tokens if usage else 0
        self.identities.append(identity)
        self.refused |= output.stop_reason == "content_filter"

    def result(self, cell: str) -> AttemptResult:
        best = max(self.judged, key=lambda one: one.score)
        changed = sorted(set(self.identities))
        return AttemptResult(
            cell=cell,
            score=best.score,
            seconds=self.seconds,
            completion_digest=digest(_APART.join(text.encode(errors="replace") for text in self.completions)),
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
            model_identity=" then ".join(changed),  # more than one is another build, and voids the campaign
            refused=self.refused or looks_like_refusal(self.completions[-1]),
        )


def attempt(work: Work, book: Book, touched: set[str], adapted: AdaptedTasks) -> Solver:
    """Ask, judge, and tell the book; when the machine fails, again as often as the book says."""
    import anyio
    from inspect_ai.solver import solver

    cells = {cell.id: cell for cell in work.cells}

    @solver(name="seatrial_attempt")
    def made() -> Solver:
        async def solve(state: TaskState, generate: Generate) -> TaskState:
            cell = str(state.sample_id)
            place = cells[cell]
            item = work.items[place.item]
            asked = Asked(list(state.messages))
            wait: float | None = 0.0
            again = False
            while wait is not None and (number := await book.begin(cell)) is not None:
                touched.add(cell)
                started = time.monotonic()
                try:
                    if item.inspect is not None:
                        await adapted.attempt(place, state, asked, again=again)
                    else:
                        await _tries(item, work.elicitation, state, asked)
                except Exception as error:
                    asked.seconds += time.monotonic() - started
                    wait = await book.failed(cell, number, failure_of(error), time.monotonic() - started)
                    await anyio.sleep(wait or 0)
                    again = True
                    continue
                asked.seconds += time.monotonic() - started
                result = asked.result(cell)
                best = max(asked.judged, key=lambda one: one.score)
                state.store.set("judged", [best.score, best.answer, best.why])
                await book.scored(number, result)
                break
            return state

        return solve

    return made()


async def _tries(item: Item, how: Elicitation, state: TaskState, asked: Asked) -> None:
    """Up to ``how.tries`` independent tries, none after one that passes; what was got before is not asked again."""
    for number in range(how.tries):
        if number == len(asked.completions):
            state.messages, state.output = await _one_try(item, how, asked)  # the log shows the last try as a whole
            asked.completions.append(state.output.completion)
        if number == len(asked.judged):
            try:
                asked.judged.append(await judge(item, asked.completions[number]))
            except SeatrialError as error:
                raise CheckFailed(f"the check could not be run: {error.message}") from error
        if asked.judged[number].score == 1.0:
            return


async def _one_try(item: Item, how: Elicitation, asked: Asked) -> tuple[list[ChatMessage], ModelOutput]:
    """Replies until one calls no tool, or the turns are spent."""
    from inspect_ai.model import GenerateConfig, execute_tools, get_model

    messages = list(asked.opening)
    tools = await _tools(item, how)
    config = GenerateConfig(max_tokens=how.max_tokens or item.max_tokens)
    for turn in range(how.turns):
        output = await get_model().generate(messages, tools=tools, config=config)
        asked.took(output, _identity(output))
        messages.append(output.message)
        if not output.message.tool_calls or turn == how.turns - 1:
            break
        called = await execute_tools(messages, tools)
        messages.extend(called.messages)
    return messages, output


async def _tools(item: Item, how: Elicitation) -> list[Any]:
    """The elicitation's tools, once the item's files are in the box they work in."""
    if not how.tools:
        return []
    from inspect_ai.tool import bash, python
    from inspect_ai.util import sandbox

    for name, content in item.files.items():
        await sandbox().write_file(name, content)
    made = {"bash": bash, "python": python}
    return [made[name](timeout=TOOL_SECONDS) for name in how.tools]


class CheckFailed(Exception):
    """The machine could not judge; its message is one clause."""


def failure_of(error: BaseException) -> Failure:
    """What an exception of Inspect or of its client says, unwrapped: status, code and sentence of the endpoint."""
    import openai

    found: BaseException | None = error
    while found is not None and not isinstance(found, openai.APIError):
        found = found.__cause__
    if isinstance(found, openai.APIStatusError):
        wait = found.response.headers.get("retry-after", "")
        return Failure(
            sentence(found),
            status=found.status_code,
            code=_code(found),
            retry_after=float(wait) if wait.isdecimal() else 0.0,
        )
    if isinstance(found, openai.APITimeoutError):
        return Failure("the endpoint took too long to answer")
    if isinstance(found, openai.APIConnectionError):
        cause = type(found.__cause__).__name__
        return Failure(f"no connection to the endpoint ({cause})", unreachable=cause.startswith("Connect"))
    return Failure(sentence(found or error))


def sentence(error: BaseException) -> str:
    """One line, without the request Inspect likes to repeat."""
    body = getattr(error, "body", None)
    text = body["message"] if isinstance(body, dict) and body.get("message") else str(error)
    if isinstance(error, SeatrialError):
        text = error.message
    return (text.strip().splitlines() or [type(error).__name__])[0][:500]


def _code(error: Any) -> str | None:
    body = error.body if isinstance(error.body, dict) else {}
    return str(error.code or body.get("code") or "") or None


def _identity(output: ModelOutput) -> str:
    """Model and fingerprint as the endpoint reported them with this completion."""
    from inspect_ai.event import ModelEvent
    from inspect_ai.log import transcript

    for event in reversed(transcript().events):
        if isinstance(event, ModelEvent) and event.call is not None and isinstance(event.call.response, dict):
            fingerprint = event.call.response.get("system_fingerprint")
            return f"{output.model}/{fingerprint}" if fingerprint else output.model
    return output.model
