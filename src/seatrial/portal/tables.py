"""What a form with lists in it is made of: one flat table of names and texts, and the controls that a page draws.

Names are paths (``s.2.steps.0.text``), and ``NAME.n`` counts the items of a list. The same table is filled from what is
kept or from what was posted, so that whatever was typed stays, whether a rule objects or an item is added.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

_MOST = 300  # items or paragraphs that a posted count may claim

Table = dict[str, str]
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    words: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Control:
    """One thing to type into, choose from, or unfold; what it holds depends on ``kind``, the field's kind in words."""

    kind: str
    name: str
    title: str
    ask: str = ""
    value: str = ""
    needed: bool = False
    options: tuple[Option, ...] = ()
    errors: tuple[str, ...] = ()
    one: str = ""  # what an item of a list is called
    inner: tuple[Control, ...] = ()  # fields of a part, items of a list, paragraphs of a text
    marks: tuple[Control, ...] = ()  # how a part and its fields are marked, or a paragraph
    marked: bool = False  # whether any of ``marks`` says something
    open: bool = False


def pressed(table: Table, button: str) -> str:
    """Do what a button of the form says to its table (``add:NAME`` or ``remove:NAME``); returns what to look at."""
    verb, _, name = button.partition(":")
    if verb == "add":
        count = counted(table, name)
        table[f"{name}.n"] = str(count + 1)
        return f"{name}.{count}"
    if verb == "remove":
        stem, _, place = name.rpartition(".")
        count = counted(table, stem)
        if place.isdecimal() and int(place) < count:
            close_up(table, stem, int(place))
            table[f"{stem}.n"] = str(count - 1)
        return stem
    return ""


def counted(table: Mapping[str, str], name: str) -> int:
    """How many items the list ``name`` has."""
    said = table.get(f"{name}.n", "0")
    return min(int(said), _MOST) if said.isascii() and said.isdecimal() else 0


def close_up(table: Table, stem: str, removed: int) -> None:
    """Take away what is numbered ``removed`` under ``stem``, and move what is behind it up."""
    moved: Table = {}
    for name in [name for name in table if name.startswith(f"{stem}.")]:
        place, _, rest = name[len(stem) + 1 :].partition(".")
        if place.isdecimal() and int(place) >= removed:
            value = table.pop(name)
            if int(place) > removed:
                moved[".".join(filter(None, (stem, str(int(place) - 1), rest)))] = value
    table.update(moved)


def options_of(choices: Iterable[tuple[str, str]], chosen: str, nothing: str = "Not said") -> tuple[Option, ...]:
    """The choices with ``nothing`` before them; what was chosen and is none of them stays one."""
    known = [("", nothing), *choices]
    if chosen not in dict(known):
        known.append((chosen, chosen))
    return tuple(Option(value, words, value == chosen) for value, words in known)


def nearest(path: Path, names: Mapping[Path, str]) -> str:
    """The name of the control for a place, or for what is around it; empty if there is none."""
    while path and path not in names:
        path = path[:-1]
    return names.get(path, "")


def beside(sentences: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """Sentences by the name of the control that each stands beside."""
    found: dict[str, list[str]] = {}
    for name, sentence in sentences:
        if name:
            found.setdefault(name, []).append(sentence)
    return found
