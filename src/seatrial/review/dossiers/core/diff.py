"""What changed between two versions: at which field, and inside a text, which words.

Items of a list are matched by their keys, so that one that moved did not change. What is withheld in either version is
named and not shown: a difference would tell what it was.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any

from seatrial.review.dossiers.types import Change, ChangeKind, Dossier, Paragraph, Part, Text, Word, gap

from .positions import Path
from .reading import spoken
from .shape import Field, Kind, fields_of

_MOST_COMPARISONS = 4_000_000  # of words; beyond, a paragraph counts as written anew


def changes(before: Dossier, after: Dossier) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    """Every difference in reading order, and the places not shown."""
    walk = _Walk()
    walk.part(before, after, ())
    return tuple(walk.found), tuple(dict.fromkeys(walk.hidden))


class _Walk:
    def __init__(self) -> None:
        self.found: list[Change] = []
        self.hidden: list[str] = []

    def part(self, before: Any, after: Any, path: Path) -> None:
        if gap(before) or gap(after):
            self._hide(before, after, path)
            return
        self._mark(before.marking, after.marking, path)
        old_marks, new_marks = ({m.field: m.marking for m in part.marked} for part in (before, after))
        for field in fields_of(type(before)):
            here = (*path, field.name)
            old, new = getattr(before, field.name), getattr(after, field.name)
            if gap(before, field.name) or gap(after, field.name):
                self._hide(gap(before, field.name) or old, gap(after, field.name) or new, here)
                continue
            if field.kind is Kind.PART and (gap(old) or gap(new)):
                self._hide(old, new, here)  # a part withheld by its own marking hides what its owner marked it with
                continue
            self._mark(old_marks.get(field.name), new_marks.get(field.name), here)
            self._field(field, old, new, here)

    def _field(self, field: Field, old: Any, new: Any, path: Path) -> None:
        if field.kind is Kind.PART:
            self.part(old, new, path)
        elif field.kind is Kind.PARTS:
            self._items(old, new, path)
        elif field.kind is Kind.TEXT:
            self._text(old, new, path)
        elif old != new:
            self._change(_said(old), _said(new), path)

    def _items(self, old: tuple[Any, ...], new: tuple[Any, ...], path: Path) -> None:
        known = dict(zip(_names(old), old, strict=True))
        # What is withheld in one version has no key there: an item without a match may be that one.
        unsure_of_new, unsure_of_old = any(map(gap, old)), any(map(gap, new))
        for place, (name, item) in enumerate(zip(_names(new), new, strict=True)):
            earlier = known.pop(name, None)
            if earlier is None:
                self._whole(item, (*path, place), ChangeKind.ADDED, hide=unsure_of_new)
            else:
                self.part(earlier, item, (*path, place))
        for item in known.values():
            self._whole(item, (*path, old.index(item)), ChangeKind.REMOVED, hide=unsure_of_old)

    def _whole(self, item: Part, path: Path, kind: ChangeKind, *, hide: bool) -> None:
        if hide or gap(item):
            self.hidden.append(spoken(path))
            return
        self._add(path, kind, (Word(kind, "\n".join(_lines(item))),))

    def _text(self, old: Text, new: Text, path: Path) -> None:
        matcher = SequenceMatcher(None, old, new, autojunk=False)
        for _, i, i2, j, j2 in (block for block in matcher.get_opcodes() if block[0] != "equal"):
            for step in range(max(i2 - i, j2 - j)):
                was = old[i + step] if i + step < i2 else None
                now = new[j + step] if j + step < j2 else None
                place = j + step if now is not None else i + step
                self._paragraph(was, now, (*path, place))

    def _paragraph(self, was: Paragraph | None, now: Paragraph | None, path: Path) -> None:
        if (was and was.withheld) or (now and now.withheld):
            self.hidden.append(spoken(path))
            return
        if was and now:
            self._mark(was.marking, now.marking, path)
        if was is None or now is None or was.text != now.text:
            self._change(was.text if was else "", now.text if now else "", path)

    def _hide(self, before: Any, after: Any, path: Path) -> None:
        if before != after or gap_of(before) or gap_of(after):
            self.hidden.append(spoken(path))

    def _mark(self, before: Any, after: Any, path: Path) -> None:
        if before != after:
            words = (
                Word(ChangeKind.REMOVED, str(before or "unmarked")),
                Word(ChangeKind.ADDED, str(after or "unmarked")),
            )
            self._add(path, ChangeKind.MARKED, words)

    def _change(self, old: str, new: str, path: Path) -> None:
        kind = ChangeKind.CHANGED if old and new else ChangeKind.ADDED if new else ChangeKind.REMOVED
        self._add(path, kind, tuple(_words(old, new)))

    def _add(self, path: Path, kind: ChangeKind, words: tuple[Word, ...]) -> None:
        self.found.append(Change(spoken(path), kind, words))


def gap_of(value: Any) -> bool:
    """Whether this is, or holds, nothing but the reason why it is withheld."""
    return not isinstance(value, Part) or gap(value) is not None


def _words(old: str, new: str) -> Iterator[Word]:
    was, now = _split(old), _split(new)
    if len(was) * len(now) > _MOST_COMPARISONS:
        yield from (Word(kind, text) for kind, text in ((ChangeKind.REMOVED, old), (ChangeKind.ADDED, new)))
        return
    for tag, i, i2, j, j2 in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Word(None, "".join(was[i:i2]))
            continue
        if i2 > i:
            yield Word(ChangeKind.REMOVED, "".join(was[i:i2]))
        if j2 > j:
            yield Word(ChangeKind.ADDED, "".join(now[j:j2]))


def _split(text: str) -> list[str]:
    """Words, each with the white space behind it: joined again they are the text."""
    found: list[str] = []
    for sign in text:
        if found and (sign.isspace() or not found[-1][-1].isspace()):
            found[-1] += sign
        else:
            found.append(sign)
    return found


def _names(items: tuple[Any, ...]) -> list[tuple[object, int]]:
    """What each item is matched by: its key or name, and the how many-th of that name it is."""
    met: dict[object, int] = {}
    found = []
    for place, item in enumerate(items):
        name = getattr(item, "key", "") or getattr(item, "name", "") or place
        met[name] = met.get(name, 0) + 1
        found.append((name, met[name]))
    return found


def _said(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return "\n".join(value)
    return str(value.value if isinstance(value, enum.Enum) else value)


def _lines(part: Part) -> Iterator[str]:
    """What an item says, a line for each field."""
    for field in fields_of(type(part)):
        value = getattr(part, field.name)
        if value == field.empty or gap(part, field.name):
            continue
        if field.kind is Kind.TEXT:
            yield from (f"{field.title}: {one.text}" for one in value if not one.withheld)
        elif field.kind in (Kind.PART, Kind.PARTS):
            for inner in value if isinstance(value, tuple) else (value,):
                yield from _lines(inner)
        else:
            yield f"{field.title}: {_said(value)}"
