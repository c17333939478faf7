"""Did an answer pass? The pure part of a check: comparing texts, and what one step's outcome must be."""

from __future__ import annotations

import re

from seatrial.review.benchmarks.types import Step

_REFUSAL = re.compile(
    r"\b(i(?: am|'m|’m) (?:sorry|unable|not able)|i (?:can(?:no|')t|can’t|won(?:'|’)t|will not|must decline)"
    r"|(?:cannot|can't|can’t|unable to) (?:help|assist|comply|provide)|as an ai\b)",
    re.IGNORECASE,
)


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
