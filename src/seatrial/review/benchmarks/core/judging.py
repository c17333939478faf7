"""Did an answer pass? The pure part of a check: what a completion leaves to do, and what one step's outcome must be.

Whoever judges takes the ``plan`` of a check, writes its files to a fresh sandbox, runs its steps one by one, and
stops at the first ``step_failure``. Campaigns and tests judge with this same code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from seatrial.review.benchmarks.core.answers import extract
from seatrial.review.benchmarks.types import Check, Step

_REFUSAL = re.compile(
    r"\b(i(?: am|'m|’m) (?:sorry|unable|not able)|i (?:can(?:no|')t|can’t|won(?:'|’)t|will not|must decline)"
    r"|(?:cannot|can't|can’t|unable to) (?:help|assist|comply|provide)|as an ai\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """``score`` is 0 or 1 and ``why`` says it, or ``None``: then 1 if every one of ``steps`` holds over ``files``."""

    answer: str | None
    score: float | None
    why: str
    files: Mapping[str, str] = field(default_factory=dict)
    steps: Sequence[Step] = ()


def plan(check: Check, completion: str) -> Judgement:
    """What ``completion`` comes to, or what has to be run to know it."""
    answer = extract(check.extract, completion)
    if answer is None:
        return Judgement(None, 0.0, "the completion holds no answer of the form asked for")
    if check.equals is None:
        return Judgement(
            answer, None, "every step of the check holds", {**check.files, check.answer_file: answer}, check.steps
        )
    right = equal(answer, check.equals)
    return Judgement(answer, float(right), "the answer is right" if right else "the answer is wrong")


def equal(answer: str, expected: str) -> bool:
    """Compared without regard to case and surrounding space."""
    return answer.strip().casefold() == expected.strip().casefold()


def step_failure(step: Step, *, status: int, stdout: str, stderr: str) -> str | None:
    """Why ``step`` does not hold, or ``None`` if it does. Patterns are searched for, ``^`` and ``$`` at each line."""
    name = " ".join(step.argv)
    if step.status is not None and status != step.status:
        return f"{name} ended with status {status}, not {step.status}"
    for stream, pattern, text in (("output", step.stdout, stdout), ("error output", step.stderr, stderr)):
        if pattern is not None and not re.search(pattern, text, re.MULTILINE):
            return f"the {stream} of {name} does not match {pattern}"
    return None


def looks_like_refusal(completion: str) -> bool:
    """A rough sign, counted and shown, never scored: the opening of the reply declines the task."""
    return bool(_REFUSAL.search(completion[:300]))
