"""A derived document: the same, without what a rule withholds. One walk for every reader and every audience.

Each part is built anew from nothing, field by field as the types list them: what the walk would forget is lost, not
left. An item that is withheld gets a neutral key, and whoever refers to it refers to that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from seatrial.kernel.errors import Refused
from seatrial.kernel.labels import Label
from seatrial.review.dossiers.types import LEFT_OUT, WHOLE, Dossier, Gap, Paragraph, Part, Withheld

from .positions import Path
from .reading import spoken
from .rules import Rule, Standing, Way, label_of
from .shape import Field, Kind, fields_of


def derive(document: Dossier, rule: Rule) -> tuple[Dossier, tuple[Withheld, ...]]:
    """``document`` without what ``rule`` withholds, and the list of what is left out, in reading order."""
    walk = _Walk(rule)
    made = walk.part(document, (), ())
    return walk.renamed(made), tuple(walk.withheld)


def labels_of(document: Dossier, base: Label, standing: Standing) -> Mapping[Path, Label]:
    """The label of everything that is marked, by its path."""
    walk = _Walk(lambda way: None)
    walk.part(document, (), ())
    return {path: label_of(way, base, standing) for path, way in walk.ways.items()}


class _Walk:
    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self.withheld: list[Withheld] = []
        self._neutral: dict[tuple[str, str], str] = {}  # (list, key) to the neutral key
        self.ways: dict[Path, Way] = {}  # to everything marked

    def part(self, part: Part, path: Path, way: Way) -> Any:
        kind = type(part)
        way, why = self._marked(way, part.marking, path)
        if why is not None:
            self._note(path, why)
            return self._nothing(part, path, Gap(WHOLE, why))
        marks = {mark.field: mark.marking for mark in part.marked}
        values: dict[str, Any] = {}
        gaps = []
        for field in fields_of(kind):
            value, here = getattr(part, field.name), (*path, field.name)
            if value == field.empty:
                continue
            inner, why = self._marked(way, marks.get(field.name), here)
            if why is None:
                values[field.name] = self._value(field, value, here, inner)
                continue
            self._note(here, why)
            gaps.append(Gap(field.name, why))
            if field.name == "key":
                values["key"] = self._rename(path, value)
            self._forget(value, here)
        left = {gap.field for gap in gaps}
        marked = tuple(mark for mark in part.marked if mark.field not in left)
        return kind(**values, marking=part.marking, marked=marked, withheld=(*part.withheld, *gaps))

    def renamed(self, part: Part) -> Any:
        """Every reference to what was left out, by its neutral key."""
        changes: dict[str, Any] = {}
        for field in fields_of(type(part)):
            value = getattr(part, field.name)
            if field.refs and isinstance(value, tuple):
                changes[field.name] = tuple(self._neutral.get((field.refs, name), name) for name in value)
            elif field.refs:
                changes[field.name] = self._neutral.get((field.refs, value), value)
            elif field.kind is Kind.PART:
                changes[field.name] = self.renamed(value)
            elif field.kind is Kind.PARTS:
                changes[field.name] = tuple(self.renamed(item) for item in value)
        return replace(part, **changes)

    def _value(self, field: Field, value: Any, path: Path, way: Way) -> Any:
        if field.kind is Kind.PART:
            return self.part(value, path, way)
        if field.kind is Kind.PARTS:
            return tuple(self.part(item, (*path, place), way) for place, item in enumerate(value))
        if field.kind is Kind.TEXT:
            return tuple(self._paragraph(one, (*path, place), way) for place, one in enumerate(value))
        return value

    def _paragraph(self, paragraph: Paragraph, path: Path, way: Way) -> Paragraph:
        _, why = self._marked(way, paragraph.marking, path)
        if why is None:
            return paragraph
        self._note(path, why)
        return Paragraph("", withheld=why)

    def _marked(self, way: Way, marking: Any, path: Path) -> tuple[Way, Any]:
        """The way with one more marking, and why that ends it. Without a new marking nothing new is asked."""
        if marking is None:
            return way, None
        way = (*way, marking)
        self.ways[path] = way
        return way, self._rule(way)

    def _note(self, path: Path, why: Any) -> None:
        self.withheld.append(Withheld(spoken(path), why))

    def _nothing(self, part: Part, path: Path, whole: Gap) -> Any:
        self._forget_inside(part, path)
        key = getattr(part, "key", "")
        kind: Any = type(part)
        return kind(withheld=(whole,), **({"key": self._rename(path, key)} if key else {}))

    def _forget(self, value: Any, path: Path) -> None:
        """Items of a list that is left out have keys that others may name."""
        if isinstance(value, Part):
            self._forget_inside(value, path)
        elif isinstance(value, tuple):
            for place, item in enumerate(value):
                if isinstance(item, Part):
                    if getattr(item, "key", ""):
                        self._rename((*path, place), item.key)  # type: ignore[attr-defined]
                    self._forget_inside(item, (*path, place))

    def _forget_inside(self, part: Part, path: Path) -> None:
        for field in fields_of(type(part)):
            if field.kind in (Kind.PART, Kind.PARTS):
                self._forget(getattr(part, field.name), (*path, field.name))

    def _rename(self, path: Path, key: str) -> str:
        where = ".".join(str(step) for step in path if isinstance(step, str))
        return self._neutral.setdefault((where, key), f"{LEFT_OUT}{len(self._neutral) + 1}")


def check_whole(section: str, withheld: Iterable[Withheld]) -> None:
    """Raises ``Refused`` (``section-withheld``) for whoever would write over what they cannot read."""
    if any(piece.place.split(".")[0].split("[")[0] == section for piece in withheld):
        raise Refused(
            "section-withheld",
            "This section says something that is beyond what you may read; whoever may read it must write it.",
        )
