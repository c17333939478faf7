"""How any part of a dossier reads: fields by what they are, lists item by item, and openly what is left out.

It walks the dataclasses by their fields, so what a dossier may say has a place in every document made from it.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from seatrial.review.dossiers.core import shape
from seatrial.review.dossiers.core.shape import Field, Kind
from seatrial.review.dossiers.types import LEFT_OUT, WHOLE, Category, Dossier, Estimate, Part, Text, gap

from . import prose
from .page import Block, Facts, Heading, Note, Paragraph, Run, Runs, followable, in_line, link_runs, plain_runs

REASONS: Mapping[Category, str] = {
    Category.TRADE_SECRET: "trade secret",
    Category.FOIA_4: "confidential commercial information (FOIA Exemption 4)",
    Category.PRIVILEGED: "legally privileged",
    Category.LABEL: "under a label of its own",
}
_WORDS: Mapping[str, str] = {  # of enums; others read as they are written, without hyphens
    "helpful-only": "helpful-only",
    "bio-chem": "biology and chemistry",
    "weights": "open weights",
    "cyber": "cybersecurity",
}
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_LARGE = 1e15  # from here on a number is written with a power of ten


def whole_part(
    document: Dossier, part: Part, level: int, *, skip: Sequence[str] = (), brief: bool = False
) -> tuple[Block, ...]:
    """A part's fields: its first text, short ones as facts (``brief``: in a line), other texts, parts under headings.

    Each text has its name in front.
    """
    if (reason := gap(part)) is not None:
        return (left_out(reason),)
    fields = [field for field in shape.fields_of(type(part)) if field.name not in skip]
    said = ((field.title, short(document, part, field)) for field in fields if _is_short(field))
    facts = Facts(tuple((term, runs) for term, runs in said if runs))
    first, *others = [
        text(getattr(part, field.name), level, lead=field.title, reason=gap(part, field.name))
        for field in fields
        if field.kind is Kind.TEXT
    ] or [()]
    found: list[Block] = [*first]
    if facts.rows:
        found.append(in_line(facts) if brief else facts)
    for told in others:
        found += told
    for field in fields:
        if field.kind is Kind.PARTS:
            found += listed(document, part, field, level)
    return tuple(found)


def listed(document: Dossier, part: Part, field: Field, level: int) -> Iterator[Block]:
    """A list of parts under the heading of its field, each item below it; nothing if there is none."""
    items: Sequence[Part] = getattr(part, field.name)
    reason = gap(part, field.name)
    if not items and reason is None:
        return
    yield Heading(level, plain_runs(field.title))
    if reason is not None:
        yield left_out(reason)
    yield from items_of(document, items, str(field.facts["one"]), level + 1)


def items_of(document: Dossier, items: Sequence[Part], one: str, level: int) -> Iterator[Block]:
    """Items, each with its title as heading."""
    for item in items:
        if (reason := gap(item)) is not None:
            yield Heading(min(level, 6), plain_runs(f"One {one}, left out"))
            yield left_out(reason)
            continue
        yield Heading(min(level, 6), plain_runs(name_of(item) or f"One {one} without a name"))
        yield from whole_part(document, item, min(level + 1, 6), skip=("title", "name", "key"), brief=True)


def text(paragraphs: Text, below: int, *, lead: str = "", reason: Category | None = None) -> tuple[Block, ...]:
    """Paragraphs as blocks; ``lead`` is said in front of the first. What is left out says so in its place."""
    found: list[Block] = []
    for paragraph in paragraphs:
        if paragraph.withheld is not None:
            found.append(left_out(paragraph.withheld))
        else:
            found += prose.blocks(paragraph.text, below=min(below, 5))
    if reason is not None:
        found.append(left_out(reason))
    if lead and found:
        front = Run(f"{lead}. ", strong=True)
        match found[0]:
            case Paragraph(runs):
                found[0] = Paragraph((front, *runs))
            case _:
                found.insert(0, Paragraph((Run(f"{lead}.", strong=True),)))
    return tuple(found)


def left_out(reason: Category) -> Note:
    return Note("Left out here.", plain_runs(f"Reason: {REASONS[reason]}."))


def short(document: Dossier, part: Part, field: Field) -> Runs:
    """A field that fits on a line, or nothing if nobody wrote it."""
    if (reason := gap(part, field.name)) is not None:
        return (Run(f"left out ({REASONS[reason]})", emphasis=True),)
    value = getattr(part, field.name)
    if value == field.empty:
        return ()
    match field.kind:
        case Kind.LINES if field.refs:
            return plain_runs("; ".join(title(document, field.refs, key) for key in value))
        case Kind.LINES:
            return _among(value, str(field.facts.get("form", "")))
        case Kind.LINE if field.refs:
            return plain_runs(title(document, field.refs, value))
        case Kind.LINE:
            return link_runs(value, value) if followable(value) else plain_runs(value)
        case Kind.CHOICE:
            return plain_runs(word(value))
        case Kind.FLAG:
            return plain_runs("yes" if value else "no")
        case Kind.PART:
            return estimate(value)
        case _:
            return plain_runs(number(value))


def estimate(found: Estimate) -> Runs:
    """An uncertain number with its interval and its method, in a line."""
    if (reason := gap(found)) is not None:
        return (Run(f"left out ({REASONS[reason]})", emphasis=True),)
    parts = [number(found.value)] if found.value is not None else []
    if span := interval(found.lower, found.upper):
        parts.append(f"({span})" if parts else span)
    said = " ".join(parts)
    method = " ".join(paragraph.text for paragraph in found.method if paragraph.withheld is None)
    return plain_runs(". ".join(part for part in (said, method) if part))


def interval(lower: float | None, upper: float | None) -> str:
    if lower is None and upper is None:
        return ""
    if lower is None or upper is None:
        return f"at least {number(lower)}" if upper is None else f"at most {number(upper)}"
    return f"{number(lower)} to {number(upper)}"


def number(value: float | None) -> str:
    """A number as people read it: thousands apart, powers of ten for what is large, no invented digits."""
    if value is None:
        return ""
    if abs(value) >= _LARGE:
        mantissa, exponent = f"{value:.3g}".split("e") if "e" in f"{value:.3g}" else (f"{value:.0f}", "0")
        return f"{mantissa} × 10{str(int(exponent)).translate(_SUPERSCRIPT)}"
    if isinstance(value, int) or value == int(value):
        return f"{int(value):,}".replace("-", "−")
    return f"{value:,.6g}".replace("-", "−") if abs(value) >= 1e-4 else f"{value:.3g}"


def word(value: enum.Enum) -> str:
    """A word of an enum as a reader says it."""
    return _WORDS.get(str(value.value), str(value.value).replace("-", " "))


def title(document: Dossier, refs: str, key: str) -> str:
    """The title of the item that ``key`` names in the list at ``refs``, or that it is left out; else the key itself."""
    for item in shape.at(document, refs):
        if item.key == key and item.title:
            return str(item.title)
    return "something left out" if key.startswith(LEFT_OUT) else key


def name_of(item: Part) -> str:
    """What an item is called, or nothing."""
    for name in ("title", "name", "key"):
        found = str(getattr(item, name, ""))
        if found and not found.startswith(LEFT_OUT):
            return found
    kind = getattr(item, "kind", None)
    return word(kind).capitalize() if isinstance(kind, enum.Enum) else ""


def left_out_places(part: Part, place: str = "") -> Iterator[tuple[str, str, Category]]:
    """Everything a derived document leaves out: where, what sort of thing stood there, and why."""
    for found in part.withheld:
        if found.field == WHOLE:
            yield place or "the whole document", "an item", found.category
            return
        field = shape.field_of(type(part), found.field)
        yield f"{place}{place and ' · '}{field.title}", _SORTS[field.kind], found.category
    for field in shape.fields_of(type(part)):
        value = getattr(part, field.name)
        here = f"{place}{place and ' · '}{field.title}"
        if field.kind is Kind.PART:
            yield from left_out_places(value, here)
        elif field.kind is Kind.PARTS:
            for at, item in enumerate(value, 1):
                yield from left_out_places(item, f"{here} · {name_of(item) or at}")
        elif field.kind is Kind.TEXT:
            for paragraph in value:
                if paragraph.withheld is not None:
                    yield here, "a paragraph", paragraph.withheld


_SORTS: Mapping[Kind, str] = {
    Kind.LINE: "a line",
    Kind.TEXT: "a text",
    Kind.LINES: "a list of lines",
    Kind.WHOLE_NUMBER: "a number",
    Kind.NUMBER: "a number",
    Kind.CHOICE: "a choice",
    Kind.FLAG: "a yes or no",
    Kind.PART: "a part",
    Kind.PARTS: "a list of items",
}


def _is_short(field: Field) -> bool:
    return field.kind not in (Kind.TEXT, Kind.PARTS) and (field.kind is not Kind.PART or field.inner is Estimate)


def _among(values: Sequence[Any], form: str) -> Runs:
    if form == "digest":
        found: list[Run] = []
        for value in values:
            found += [Run(" "), Run(value, code=True)] if found else [Run(value, code=True)]
        return tuple(found)
    return plain_runs("; ".join(values) if any("," in value for value in values) else ", ".join(values))
