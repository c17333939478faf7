"""A program that crashes because of a planted flaw: the source, where it crashes, and how it is made to.

Templates are those of ``planting``; besides, a line may end in ``//@x``: then a report can name it as ``x``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from seatrial.review.benchmarks.core.practice.draw import Draw
from seatrial.review.benchmarks.core.practice.planting import plant
from seatrial.review.benchmarks.core.practice.spotting import origin

Frames = tuple[tuple[str, str], ...]  # (function or the template's name for it, mark), the innermost first


@dataclass(frozen=True, slots=True)
class Report:
    """``kind`` is AddressSanitizer's word, or the assertion. ``drive`` is the body of a ``main`` that gets there."""

    kind: str
    frames: Frames
    drive: str
    access: str = ""
    freed: Frames = ()
    allocated: Frames = ()


@dataclass(frozen=True, slots=True)
class Case:
    """``reports`` are in the order of the flaws in ``source``."""

    source: str
    names: Callable[[Draw], Mapping[str, object]]
    reports: tuple[Report, ...]


@dataclass(frozen=True, slots=True)
class Crashed:
    """``marks`` are line numbers; ``line`` is the flawed one."""

    source: str
    file: str
    line: int
    variant: int
    marks: Mapping[str, int]
    names: Mapping[str, object]
    report: Report


_MARK = re.compile(r" *//@(\w)$")


def crash(case: Case, draw: Draw) -> Crashed:
    """Choose one flaw of ``case`` and plant it."""
    names = {"origin": origin(draw, "c"), **case.names(draw)}
    planted = plant(case.source, names, draw)
    marks, lines = {}, []
    for number, line in enumerate(planted.flawed.splitlines(), 1):
        found = _MARK.search(line)
        if found:
            marks[found[1]] = number
        lines.append(_MARK.sub("", line))
    file = str(names["origin"]).rpartition(" ")[2]
    return Crashed(
        "\n".join(lines) + "\n", file, planted.line, planted.variant, marks, names, case.reports[planted.variant]
    )
