"""Solvers of logs: any word of the kind, the most frequent, those of lines that succeed, those that failed before."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from seatrial.review.benchmarks.core.practice.calibration import Attempt, Solver
from seatrial.review.benchmarks.core.practice.draw import Draw
from seatrial.review.benchmarks.types import Item

Choice = Callable[[Sequence[tuple[str, str]]], Sequence[str]]  # from (line, word of the kind) pairs to possible words

_KINDS = {
    "account": r"\b([a-z]+) from ",
    "file name without folders": r"(?:=|/)([\w-]+\.\w+) \d{3}",
    "client address": r"((?:\d+\.){3}\d+)",
    "address": r"((?:\d+\.){3}\d+)",
    "object": r"([\w-]+\.(?:zip|csv))",
    "host": r"(\S+\.example)",
    "program": r"pc-\d+ (\S+)",
    "mailbox": r"(\S+@\S+)",
}
_SUCCESS = re.compile(r"Accepted|approved| ok$| 200\b| 302\b|added$|rename|TXT")
_FAILURE = re.compile(r"Failed|denied|no answer|refused$| 4\d\d\b| 500\b")


def _attempts(choice: Choice) -> Callable[[Item, Draw], list[Attempt]]:
    def attempts(item: Item, draw: Draw) -> list[Attempt]:
        kind = _KINDS[item.prompt.rpartition("ANSWER: <")[2].partition(">")[0]]
        lines = item.prompt.split("```")[1].strip().splitlines()
        pairs = [(line, word) for line in lines for word in re.findall(kind, line)]
        possible = list(choice(pairs)) or [word for _, word in pairs]
        return [Attempt(item, f"ANSWER: {draw.pick(sorted(set(possible)))}")]

    return attempts


def _frequent(pairs: Sequence[tuple[str, str]]) -> list[str]:
    counts = Counter(word for _, word in pairs)
    return [word for word, count in counts.items() if count == max(counts.values())]


def _succeeding(pairs: Sequence[tuple[str, str]]) -> list[str]:
    return [word for line, word in pairs if _SUCCESS.search(line)]


def _from_outside(pairs: Sequence[tuple[str, str]]) -> list[str]:
    return _succeeding([(line, word) for line, word in pairs if not re.search(r"\b10\.", line)])


def _after_failure(pairs: Sequence[tuple[str, str]]) -> list[str]:
    """Of lines that succeed and share their first word with an earlier one that failed."""
    failed: set[str] = set()
    found = []
    for line, word in pairs:
        words = set(re.findall(r"[a-z]+(?= from)|(?:\d+\.){3}\d+", line))
        if _FAILURE.search(line):
            failed |= words
        elif _SUCCESS.search(line) and words & failed:
            found.append(word)
    return found


LOGS: tuple[Solver, ...] = (
    Solver("any word of the kind", _attempts(lambda pairs: [word for _, word in pairs])),
    Solver("the most frequent", _attempts(_frequent)),
    Solver("of a line that succeeds", _attempts(_succeeding)),
    Solver("of one that succeeds from outside", _attempts(_from_outside)),
    Solver("of one that succeeds after failures", _attempts(_after_failure)),
)
