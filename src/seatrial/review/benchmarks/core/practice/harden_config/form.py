"""A configuration to be changed: its text with slots, and for each slot a line that is right and one that is not."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seatrial.review.benchmarks.core.practice.draw import Draw

Rule = Mapping[str, Any]  # as checker.py takes it
WRONG = 4  # slots of a file that are wrong at first


@dataclass(frozen=True, slots=True)
class Slot:
    """``right`` and ``wrong`` are lines (none if empty); ``wish`` says to people what ``rules`` hold the file to."""

    wish: str
    right: str
    wrong: str
    rules: Sequence[Rule]


@dataclass(frozen=True, slots=True)
class Form:
    """``text`` holds a line ``@n`` where slot n goes; ``kept`` are rules that hold from the beginning.

    ``names`` are drawn anew for each instance and put in for ``<name>`` everywhere.
    """

    reader: str  # of checker.py
    about: str
    text: str
    slots: Sequence[Slot]
    kept: Sequence[Rule]
    names: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Instance:
    about: str
    wishes: Sequence[str]
    before: str
    after: str
    rules: Sequence[Rule]


def instance(form: Form, draw: Draw, wrong: Collection[int] | None = None) -> Instance:
    """A file with ``WRONG`` of its slots wrong, or those of ``wrong``, and the same one put right."""
    names = {name: draw.pick(choices) for name, choices in form.names.items()}
    drawn = draw.some(range(len(form.slots)), WRONG)
    wrong = drawn if wrong is None else wrong
    order = draw.order(range(len(form.slots)))
    before = [slot.wrong if place in wrong else slot.right for place, slot in enumerate(form.slots)]
    rules = [*form.kept, *(rule for slot in form.slots for rule in slot.rules)]
    return Instance(
        _named(form.about, names),
        [_named(form.slots[place].wish, names) for place in order],
        _named(_filled(form.text, before), names),
        _named(_filled(form.text, [slot.right for slot in form.slots]), names),
        [_put(rule, names) for rule in rules],
    )


def _filled(text: str, lines: Sequence[str]) -> str:
    made = []
    for line in text.strip("\n").splitlines():
        bare = line.strip()
        if not bare.startswith("@"):
            made.append(line)
        elif lines[int(bare[1:])]:
            indent = line[: len(line) - len(line.lstrip())]
            made += [indent + one for one in lines[int(bare[1:])].splitlines()]
    return "\n".join(made) + "\n"


def _named(text: str, names: Mapping[str, str]) -> str:
    for name, value in names.items():
        text = text.replace(f"<{name}>", value)
    return text


def _put(thing: Any, names: Mapping[str, str]) -> Any:
    """``thing`` with the names put in wherever it holds text."""
    if isinstance(thing, str):
        return _named(thing, names)
    if isinstance(thing, Mapping):
        return {_named(key, names): _put(value, names) for key, value in thing.items()}
    if isinstance(thing, list | tuple):
        return [_put(one, names) for one in thing]
    return thing
