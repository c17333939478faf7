"""Solvers of the parsers: fuzzers of so many inputs, and menders that change one bound so many times."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from seatrial.review.benchmarks.core.practice.calibration import Attempt, Solver
from seatrial.review.benchmarks.core.practice.draw import Draw
from seatrial.review.benchmarks.types import Item

_EDITS = (
    (r"> n\)", "> n - i)"),
    (r"> sizeof (\w+)\b", r">= sizeof \1"),
    (r"== sizeof (\w+)\)", r"== sizeof \1 - 1)"),
    (r"> sizeof out\)", "> sizeof out - used)"),
    (r"> size\b", "> size - used"),
    (r"> used\b", ">= used"),
    (r"> (\d+)\b", r">= \1"),
    (r"!= (\d+)\b", r">= \1"),
    (r"> n - i - (\d)", r"> n - i - 4"),
    (r"while \((?!i < n)", "while (i < n && "),
)


def _batch(item: Item, inputs: Sequence[bytes]) -> Attempt:
    """All inputs in one run: the driver feeds them one by one, and the first that crashes ends it."""
    if item.check is None:
        return Attempt(item, "")
    lines = "".join(f"{data.hex()}\n" for data in inputs)
    check = replace(item.check, answer_file="unused.txt", files={**item.check.files, "answer.txt": lines})
    return Attempt(replace(item, check=check), "ANSWER: 00000000")


def _valid(item: Item) -> bytes:
    found = re.search(r"the valid input ([0-9a-f]+)", item.prompt)
    return bytes.fromhex(found[1]) if found else b""


def _bent(data: bytes, draw: Draw) -> bytes:
    for _ in range(draw.between(1, 3)):
        place = draw.below(len(data) + 1)
        data = draw.pick(
            (
                data[:place] + bytes((draw.below(256),)) + data[place + 1 :],
                data[:place] + bytes((draw.below(9),)) + data[place + 1 :],
                data[:place],
                data[:place] + draw.bytes(draw.between(1, 3)) + data[place:],
                data[:place] + data[place + 1 :],
            )
        )
    return data


def _fuzzer(tries: int) -> Callable[[Item, Draw], list[Attempt]]:
    return lambda item, draw: [_batch(item, [_bent(_valid(item), draw) for _ in range(tries)])]


def _limits(item: Item, _draw: Draw) -> list[Attempt]:
    """Every byte of the valid input in turn at its limits."""
    valid = _valid(item)
    return [
        _batch(
            item,
            [
                valid[:place] + bytes((limit,)) + valid[place + 1 :]
                for place in range(len(valid))
                for limit in (0, 1, 127, 128, 255)
            ],
        )
    ]


def _noise(item: Item, draw: Draw) -> list[Attempt]:
    return [_batch(item, [draw.bytes(draw.between(4, 60)) for _ in range(64)])]


def _mender(tries: int) -> Callable[[Item, Draw], list[Attempt]]:
    def attempts(item: Item, draw: Draw) -> list[Attempt]:
        source = item.prompt.split("```c\n")[1].split("```")[0]
        edited = [
            source[: found.start()] + found.expand(instead) + source[found.end() :]
            for pattern, instead in _EDITS
            for found in re.finditer(pattern, source)
        ]
        return [Attempt(item, f"```c\n{text}```\n") for text in draw.some(edited, tries)]

    return attempts


FUZZERS: tuple[Solver, ...] = (
    Solver("64 inputs of noise", _noise),
    Solver("every byte at its limits", _limits),
    Solver("8 bent inputs", _fuzzer(8)),
    Solver("64 bent inputs", _fuzzer(64)),
    Solver("512 bent inputs", _fuzzer(512)),
)
MENDERS: tuple[Solver, ...] = tuple(Solver(f"{tries} changed bounds", _mender(tries)) for tries in (1, 3, 6))
