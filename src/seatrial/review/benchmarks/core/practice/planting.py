"""Planting exactly one flaw in a template of source code.

A template is source text with three marks:

    ``$name``            replaced from ``names`` (``string.Template``)
    ``~~> bad``          what the line above becomes when the flaw is planted there (several may follow one another,
                         each a flaw of its own); it takes over that line's indentation
    ``?1 line``          belongs to optional group 1, which is there or not as a whole: it moves the line numbers

Sound and flawed text therefore differ in one line, which is the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import Template

from seatrial.review.benchmarks.core.practice.draw import Draw

_SITE = "~~> "


@dataclass(frozen=True, slots=True)
class Planted:
    """``line`` counts from 1; ``variant`` is the flaw's place among all of the template's; ``decoys`` are the
    lines of the other sites, which are sound."""

    sound: str
    flawed: str
    line: int
    variant: int
    decoys: tuple[int, ...]


def plant(template: str, names: Mapping[str, object], draw: Draw) -> Planted:
    """Choose one flaw of ``template`` and plant it."""
    good, sites = _lines(template, draw)
    variant = draw.below(len(sites))
    place, bad = sites[variant]
    indent = good[place][: len(good[place]) - len(good[place].lstrip())]
    flawed = [*good[:place], indent + bad, *good[place + 1 :]]
    decoys = tuple(sorted({other + 1 for other, _ in sites} - {place + 1}))
    return Planted(_filled(good, names), _filled(flawed, names), place + 1, variant, decoys)


def numbered(source: str) -> str:
    """``source`` with a line number before each line, as the prompts show it."""
    return "\n".join(f"{number} {line}".rstrip() for number, line in enumerate(source.splitlines(), 1))


def _lines(template: str, draw: Draw) -> tuple[list[str], list[tuple[int, str]]]:
    """The sound lines, and each flaw as the place of its line and what that becomes."""
    raw = template.strip("\n").splitlines()
    groups = sorted({line[1] for line in raw if _optional(line)})
    kept = {group for group in groups if draw.chance(0.5)}
    good: list[str] = []
    sites: list[tuple[int, str]] = []
    for line in raw:
        if line.startswith(_SITE):
            sites.append((len(good) - 1, line.removeprefix(_SITE).strip()))
        elif not _optional(line):
            good.append(line)
        elif line[1] in kept:
            good.append(line[3:])
    return good, sites


def _optional(line: str) -> bool:
    return line[:1] == "?" and line[1:2].isdigit()


def _filled(lines: list[str], names: Mapping[str, object]) -> str:
    return Template("\n".join(lines) + "\n").substitute({name: str(value) for name, value in names.items()})
