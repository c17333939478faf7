"""Solvers of the families whose answer is a line: at random, by what a line does, and by half-remembered sound code."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from seatrial.review.benchmarks.core.practice.calibration import Attempt, Solver
from seatrial.review.benchmarks.core.practice.draw import Draw
from seatrial.review.benchmarks.types import Item

Lines = dict[int, str]  # by number
Choice = Callable[[Item, Lines, Draw], Sequence[int]]  # the lines it holds for possible, of which one is drawn

_CALL = re.compile(
    r"\b(mem\w+|str\w+|\w*alloc|free|recv|syslog|execute|run|load\w*|eval|open|write\w*|random\w*|compare\w*|\w*exec\w*"
    r"|query\w*|Exec|Query\w*|Command|Get|Read\w*|Write\w*|fetch|innerHTML|postMessage|verify|sign)\b"
)
_CONDITION = re.compile(r"^\s*(if|while|for|elif)\b")
_REMEMBERED = (0.5, 0.9, 0.98)


def spotters(sources: Sequence[str]) -> tuple[Solver, ...]:
    """For a family that plants flaws in ``sources``."""
    return (
        _solver("any line", lambda _item, lines, _draw: list(lines)),
        _solver("a line that calls something risky", lambda _item, lines, _draw: _having(lines, _CALL)),
        _solver("a condition", lambda _item, lines, _draw: _having(lines, _CONDITION)),
        *_rememberers(sources),
    )


def blamers(sources: Sequence[str]) -> tuple[Solver, ...]:
    """The same with a report to go by."""
    return (
        _solver("any line", lambda _item, lines, _draw: list(lines)),
        _solver("a line of the function that ended", _same_function),
        _solver("a line that the report names", lambda item, _lines, _draw: _named(item)[1:] or _named(item)),
        *_rememberers(sources),
    )


def _solver(name: str, choice: Choice) -> Solver:
    def attempts(item: Item, draw: Draw) -> list[Attempt]:
        lines = _numbered(item)
        possible = choice(item, lines, draw) or list(lines)
        return [Attempt(item, f"ANSWER: {draw.pick(possible)}")]

    return Solver(name, attempts)


def _rememberers(sources: Sequence[str]) -> list[Solver]:
    """They know the templates' sound lines, but each of them with a probability only."""
    sound = [pattern for source in sources for pattern in _patterns(source)]

    def choice(remembered: float) -> Choice:
        def left(_item: Item, lines: Lines, draw: Draw) -> list[int]:
            return [
                number
                for number, line in lines.items()
                if not (draw.chance(remembered) and any(pattern.fullmatch(line.strip()) for pattern in sound))
            ]

        return left

    return [_solver(f"remembers {share:.0%} of the sound lines", choice(share)) for share in _REMEMBERED]


def _patterns(source: str) -> list[re.Pattern[str]]:
    found = []
    for raw in source.strip("\n").splitlines():
        if raw.startswith("~~> "):
            continue
        line = raw[3:] if re.match(r"\?\d", raw) else raw
        line = re.sub(r" *//@\w$", "", line).strip()
        parts = re.split(r"(\$\$|\$\{?\w+\}?)", line)
        found.append(
            re.compile(
                "".join("[$]" if part == "$$" else ".+?" if part[:1] == "$" else re.escape(part) for part in parts)
            )
        )
    return found


def _numbered(item: Item) -> Lines:
    block = item.prompt.split("```")[1].split("\n")[1:]
    split = [line.partition(" ") for line in block if line.strip()]
    return {int(number): text for number, _, text in split if text.strip()}


def _having(lines: Lines, pattern: re.Pattern[str]) -> list[int]:
    return [number for number, line in lines.items() if pattern.search(line)]


def _named(item: Item) -> list[int]:
    return [int(number) for number in re.findall(r"#\d in \w+ \S+:(\d+)$", item.prompt, re.MULTILINE)]


def _same_function(item: Item, lines: Lines, _draw: Draw) -> list[int]:
    at = _named(item)[0]
    begins = max((number for number, line in lines.items() if number <= at and line[:1] == "{"), default=1)
    return [number for number in lines if begins < number < at]
