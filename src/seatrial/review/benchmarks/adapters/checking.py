"""Answers judged: compared, or run in a fresh sandbox of their own that the model under test has never been in.

What a model left behind in the box of its tools (files, a compiler of its own, a daemon) cannot meet its judge: a check
opens a box, writes its own files and the answer, starts the item's hosts, runs its steps and closes the box.
"""

from __future__ import annotations

from dataclasses import dataclass

from seatrial.kernel.errors import Misuse
from seatrial.review.benchmarks.core.judging import plan, step_failure
from seatrial.review.benchmarks.types import Item, Step
from seatrial.sandbox import api as sandbox
from seatrial.sandbox.types import Command, Limits, Outcome

_MEMORY = 2 * 1024**3  # bytes, of a process and of all together
_FILE = 256 * 1024**2
_PROCESSES = 128
_OPEN_FILES = 1024


@dataclass(frozen=True, slots=True)
class Judged:
    """``score`` is 0 or 1; ``answer`` is what was taken from the completion."""

    score: float
    answer: str | None
    why: str


async def judge(item: Item, completion: str) -> Judged:
    """What ``completion`` comes to under the item's check.

    A program that hangs, floods its output or eats its memory fails its step: that is the answer's fault. Raises
    ``Unavailable`` (``no-sandbox``, ``sandbox-failed``) when the machine fails, and ``Misuse`` (``no-check``) for an
    item that another task judges.
    """
    if item.check is None:
        raise Misuse("no-check", f"The item {item.id} is judged by the task it was adapted from.")
    judgement = plan(item.check, completion)
    if judgement.score is not None:
        return Judged(judgement.score, judgement.answer, judgement.why)
    async with sandbox.Sandbox.open(judgement.files, hosts=item.hosts) as box:
        for step in judgement.steps:
            command = _command(step)
            failure = _failure(step, command, await box.run(command))
            if failure is not None:
                return Judged(0.0, judgement.answer, failure)
    return Judged(1.0, judgement.answer, judgement.why)


def _command(step: Step) -> Command:
    limits = Limits(
        wall_seconds=step.seconds,
        cpu_seconds=int(step.seconds) + 1,
        memory_bytes=None if step.sanitizer else _MEMORY,
        resident_bytes=_MEMORY,
        file_bytes=_FILE,
        processes=_PROCESSES,
        open_files=_OPEN_FILES,
    )
    env = {"ASAN_OPTIONS": "detect_leaks=0"} if step.sanitizer else {}
    return Command(step.argv, step.stdin.encode(), env, limits=limits)


def _failure(step: Step, command: Command, outcome: Outcome) -> str | None:
    name = " ".join(step.argv)
    if outcome.timed_out:
        return f"{name} took longer than {step.seconds:g} s"
    if outcome.out_of_memory or not outcome.started:
        return f"{name} {sandbox.explain(outcome, command.limits)}"
    if outcome.truncated:
        return f"{name} wrote more than {command.limits.output_bytes} bytes"
    status = outcome.status if outcome.status >= 0 else 128 - outcome.status  # as a shell says it
    stdout, stderr = (text.decode(errors="replace") for text in (outcome.stdout, outcome.stderr))
    return step_failure(step, status=status, stdout=stdout, stderr=stderr)
