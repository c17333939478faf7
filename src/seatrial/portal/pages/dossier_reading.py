"""A dossier laid out for reading: facts, texts and items, each with its marking, and a marker for what is withheld."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from seatrial.portal.markdown import to_html
from seatrial.portal.templatetags.words import labelled
from seatrial.review.dossiers import api as dossiers
from seatrial.review.dossiers.api import Field, Kind
from seatrial.review.dossiers.types import Category, Dossier, Marking, Part, Text, Withheld, gap

REASONS: Mapping[Category, str] = {
    Category.TRADE_SECRET: "trade secret",
    Category.FOIA_4: "confidential commercial information, FOIA Exemption 4",
    Category.PRIVILEGED: "privileged",
    Category.LABEL: "beyond what this reader’s label reaches",
}


@dataclass(frozen=True, slots=True)
class Words:
    """A paragraph as HTML, or why it is withheld."""

    html: SafeString
    mark: str
    withheld: str


@dataclass(frozen=True, slots=True)
class Block:
    """One thing on the page: a fact (``value``), a text (``text``), or parts (``inner``, each with its blocks)."""

    kind: str  # fact, text, parts, part
    title: str
    anchor: str
    mark: str = ""
    withheld: str = ""
    value: str = ""
    url: str = ""
    text: tuple[Words, ...] = ()
    inner: tuple[Block, ...] = ()


def laid_out(document: Dossier, names: Mapping[str, str]) -> tuple[Block, ...]:
    """Every section that says something, or of which something is withheld."""
    return _Layout(names).part(document, "d")


_STEP = re.compile(r"([a-z_]+)|\[(\d+)\]")


def in_words(place: str) -> str:
    """A place as people say it: ``safeguards[2].text[1]`` is ``Safeguards, safeguard 2, How it works, paragraph 1``."""
    kind: Any = Dossier
    said: list[str] = []
    field: Field | None = None
    for match in _STEP.finditer(place):
        if match[1]:
            field = next((one for one in dossiers.fields_of(kind) if one.name == match[1]), None)
            if field is None:
                return place
            said.append(field.title)
            kind = field.inner if field.kind in (Kind.PART, Kind.PARTS) else kind
        elif field is not None:
            called = {Kind.PARTS: field.facts.get("one", ""), Kind.TEXT: "paragraph"}.get(field.kind, "line")
            said.append(f"{called} {match[2]}")
    return ", ".join(said)


def pieces(withheld: Iterable[Withheld]) -> list[tuple[str, str]]:
    """What is left out, in words: where, and why."""
    return [(in_words(piece.place), REASONS[piece.category]) for piece in withheld]


@dataclass(frozen=True)
class _Layout:
    names: Mapping[str, str]

    def part(self, part: Part, anchor: str) -> tuple[Block, ...]:
        return tuple(self._blocks(part, anchor))

    def _blocks(self, part: Part, anchor: str) -> Iterator[Block]:
        marks = {mark.field: mark.marking for mark in part.marked}
        for field in dossiers.fields_of(type(part)):
            value, why = getattr(part, field.name), gap(part, field.name)
            mark, here = self.said(marks.get(field.name)), f"{anchor}-{field.name}"
            if why is not None and field.name != "key":
                yield Block(_shape(field), field.title, here, withheld=REASONS[why])
            elif value != field.empty and field.name not in ("key", "title"):
                block = self._field(field, value, here, mark)
                if block is not None:
                    yield block

    def _field(self, field: Field, value: Any, here: str, mark: str) -> Block | None:
        if field.kind is Kind.TEXT:
            return Block("text", field.title, here, mark, text=self._text(value))
        if field.kind is Kind.PARTS:
            items = tuple(
                self._item(item, f"{here}-{n}", str(field.facts["one"]), n) for n, item in enumerate(value, 1)
            )
            return Block("parts", field.title, here, mark, inner=items)
        if field.kind is Kind.PART:
            inner = self.part(value, here)
            return Block("parts", field.title, here, mark or self.said(value.marking), inner=inner) if inner else None
        url = value if field.facts.get("form") == "url" else ""
        return Block("fact", field.title, here, mark, value=_told(value), url=url)

    def _item(self, item: Part, here: str, called: str, n: int) -> Block:
        title = getattr(item, "title", "") or getattr(item, "name", "") or f"{called.capitalize()} {n}"
        why = gap(item)
        if why is not None:
            return Block("part", f"{called.capitalize()} {n}", here, withheld=REASONS[why])
        return Block("part", title, here, self.said(item.marking), inner=self.part(item, here))

    def _text(self, text: Text) -> tuple[Words, ...]:
        return tuple(
            Words(
                SafeString("") if one.withheld else to_html(one.text),
                self.said(one.marking),
                REASONS[one.withheld] if one.withheld else "",
            )
            for one in text
        )

    def said(self, marking: Marking | None) -> str:
        """A marking in words."""
        if marking is None:
            return ""
        if marking.label is not None:
            return labelled(marking.label, self.names)
        reason = REASONS[marking.category]
        return reason[:1].upper() + reason[1:]


def _shape(field: Field) -> str:
    return (
        "fact"
        if field.kind not in (Kind.TEXT, Kind.PART, Kind.PARTS)
        else "text"
        if field.kind is Kind.TEXT
        else "parts"
    )


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, enum.Enum):
        return str(value.value).replace("-", " ")
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:g}" if isinstance(value, float) else str(value)
