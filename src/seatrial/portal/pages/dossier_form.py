"""The guided form of one section: what was typed, as a table, to plain values and back to controls.

It reads and shows; it writes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from seatrial.kernel.labels import Label
from seatrial.portal.tables import Control, Option, Path, Table, beside, counted, nearest, options_of
from seatrial.review.cases.types import ReviewView
from seatrial.review.dossiers import api as dossiers
from seatrial.review.dossiers.api import Fault, Field, Kind

ROOT = "s"


def table_of(section: Field, plain: Any, marking: str) -> Table:
    """The section as it is kept, as names and texts."""
    table: Table = {f"{ROOT}.section-mark": marking}
    _fill(section, plain, ROOT, table)
    return table


def said(section: Field, table: Mapping[str, str]) -> tuple[Any, str, dict[Path, str]]:
    """The section in plain form, its marking, and which name stands for which place of it."""
    names: dict[Path, str] = {(section.name,): ROOT}
    plain = _read(section, ROOT, (section.name,), table, names)
    return plain, table.get(f"{ROOT}.section-mark", ""), names


def controls(section: Field, table: Mapping[str, str], errors: Mapping[str, Sequence[str]], marks: Marks) -> Control:
    """What the page shows; ``errors`` by name."""
    return _Draw(table, errors, marks).field(section, ROOT)


def by_name(faults: Sequence[Fault], names: Mapping[Path, str]) -> tuple[dict[str, list[str]], list[tuple[str, Fault]]]:
    """Faults beside the fields they are about, and all of them with the name to jump to (or none)."""
    listed = [(nearest(fault.path, names), fault) for fault in faults]
    return beside([(name, f"{fault.said[:1].upper()}{fault.said[1:]}.") for name, fault in listed]), listed


@dataclass(frozen=True)
class Marks:
    """The choices of a marking. A label that is none of them stays one, as it was written."""

    words: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, review: ReviewView, names: Mapping[str, str]) -> Marks:
        def called(organisation: str) -> str:
            return names.get(organisation, organisation)

        words = {
            "": "Not marked",
            "trade-secret": "Trade secret",
            "foia-4": "Confidential commercial information (FOIA Exemption 4)",
            "privileged": "Privileged: our organisation alone",
            str(Label.among(review.developer)): "Only our organisation",
            str(Label.among(review.developer, review.body)): f"Us and {called(review.body)}",
        }
        for partner in review.partners:
            words[str(Label.among(review.developer, partner.organisation))] = f"Us and {called(partner.organisation)}"
        return cls(words)

    def options(self, chosen: str) -> tuple[Option, ...]:
        words = self.words if chosen in self.words else {**self.words, chosen: chosen}
        return tuple(Option(value, told, value == chosen) for value, told in words.items())


# From the document ------------------------------------------------------------------------------------------------


def _fill(one: Field, plain: Any, name: str, table: Table) -> None:
    if one.kind is Kind.PARTS:
        items = plain or []
        table[f"{name}.n"] = str(len(items))
        for place, item in enumerate(items):
            _fill_part(one, item, f"{name}.{place}", table)
    elif one.kind is Kind.PART:
        _fill_part(one, plain or {}, name, table)
    elif one.kind is Kind.TEXT:
        paragraphs = plain or []
        table[f"{name}.n"] = str(len(paragraphs))
        for place, paragraph in enumerate(paragraphs):
            marked = isinstance(paragraph, Mapping)
            table[f"{name}.{place}.text"] = paragraph["text"] if marked else paragraph
            table[f"{name}.{place}.mark"] = paragraph["marking"] if marked else ""
    elif one.kind is Kind.LINES:
        table[name] = "\n".join(plain or [])
    elif one.kind is Kind.FLAG:
        table[name] = "" if plain is None else "yes" if plain else "no"
    else:
        table[name] = "" if plain is None else str(plain)


def _fill_part(one: Field, plain: Mapping[str, Any], name: str, table: Table) -> None:
    table[f"{name}.mark"] = plain.get("marking", "")
    for inner in dossiers.fields_of(one.inner):
        _fill(inner, plain.get(inner.name), f"{name}.{inner.name}", table)
        table[f"{name}.{inner.name}.field-mark"] = plain.get("marked", {}).get(inner.name, "")


# To plain values --------------------------------------------------------------------------------------------------


def _read(one: Field, name: str, path: Path, table: Mapping[str, str], names: dict[Path, str]) -> Any:
    names[path] = name
    if one.kind is Kind.PARTS:
        count = counted(table, name)
        return [_read_part(one, f"{name}.{place}", (*path, place), table, names) for place in range(count)]
    if one.kind is Kind.PART:
        return _read_part(one, name, path, table, names)
    if one.kind is Kind.TEXT:
        return _read_text(name, path, table, names)
    typed = table.get(name, "").strip()
    if one.kind is Kind.LINES:
        return [line.strip() for line in typed.splitlines() if line.strip()] or None
    if not typed:
        return None
    if one.kind is Kind.FLAG:
        return {"yes": True, "no": False}.get(typed, typed)
    return _number(typed, one.kind) if one.kind in (Kind.NUMBER, Kind.WHOLE_NUMBER) else typed


def _read_part(one: Field, name: str, path: Path, table: Mapping[str, str], names: dict[Path, str]) -> dict[str, Any]:
    names[path] = name
    found: dict[str, Any] = {}
    marked = {}
    for inner in dossiers.fields_of(one.inner):
        here = f"{name}.{inner.name}"
        value = _read(inner, here, (*path, inner.name), table, names)
        if value not in (None, [], {}):
            found[inner.name] = value
        if mark := table.get(f"{here}.field-mark", ""):
            marked[inner.name] = mark
    if marked:
        found["marked"] = marked
    if mark := table.get(f"{name}.mark", ""):
        found["marking"] = mark
    return found


def _read_text(name: str, path: Path, table: Mapping[str, str], names: dict[Path, str]) -> list[Any]:
    found: list[Any] = []
    for place in range(counted(table, name) + 1):  # one more than counted: the empty one that is always offered
        typed, mark = (table.get(f"{name}.{place}.{part}", "") for part in ("text", "mark"))
        if typed.strip():
            here = (*path, len(found))
            names[here] = names[(*here, "text")] = names[(*here, "marking")] = f"{name}.{place}.text"
            found.append({"text": typed, "marking": mark} if mark else typed)
    return found


def _number(typed: str, kind: Kind) -> Any:
    """A number as people type it, or the text itself, for a sentence about it."""
    bare = re.sub(r"(?<=\d)[, \u00a0\u202f](?=\d{3})", "", typed)
    try:
        return int(bare) if kind is Kind.WHOLE_NUMBER else float(bare)
    except ValueError:
        return typed


# To controls ------------------------------------------------------------------------------------------------------

_WORDS = {Kind.WHOLE_NUMBER: "number", Kind.NUMBER: "number", Kind.FLAG: "choice"}


@dataclass(frozen=True)
class _Draw:
    table: Mapping[str, str]
    errors: Mapping[str, Sequence[str]]
    marks: Marks

    def field(self, one: Field, name: str) -> Control:
        kind = _WORDS.get(one.kind, one.kind.value)
        about: dict[str, Any] = {"kind": kind, "name": name, "title": one.title, "ask": one.ask}
        about |= {"needed": one.required, "errors": tuple(self.errors.get(name, ()))}
        if one.kind is Kind.PARTS:
            called = str(one.facts["one"])
            items = tuple(self.part(one, f"{name}.{place}", called) for place in range(counted(self.table, name)))
            return Control(**about, one=called, inner=items)
        if one.kind is Kind.PART:
            return self.part(one, name, "")
        if one.kind is Kind.TEXT:
            count = counted(self.table, name)
            about["value"] = str(count)
            return Control(**about, inner=tuple(self.paragraph(one, f"{name}.{n}", n) for n in range(count + 1)))
        value = self.table.get(name, "")
        if one.kind is Kind.CHOICE:
            choices = [(word.value, word.value.replace("-", " ").capitalize()) for word in one.inner]
            return Control(**about, options=options_of(choices, value))
        if one.kind is Kind.FLAG:
            return Control(**about, options=options_of([("yes", "Yes"), ("no", "No")], value))
        return Control(**about, value=value)

    def part(self, one: Field, name: str, called: str) -> Control:
        inner = tuple(self.field(found, f"{name}.{found.name}") for found in dossiers.fields_of(one.inner))
        fields = [
            self.mark(f"{name}.{found.name}.field-mark", f"Marking of “{found.title}”")
            for found in dossiers.fields_of(one.inner)
        ]
        whole = self.mark(f"{name}.mark", f"This {called} as a whole" if called else f"All of “{one.title}”")
        marks = (whole, *fields)
        title = self.table.get(f"{name}.title") or self.table.get(f"{name}.name") or f"New {called}"
        errors = tuple(self.errors.get(name, ()))
        return Control(
            kind="part",
            name=name,
            title=title if called else one.title,
            ask=one.ask,
            one=called,
            errors=errors,
            inner=inner,
            marks=marks,
            marked=any(self.table.get(mark.name) for mark in marks),
            open=title == f"New {called}" or any(key == name or key.startswith(f"{name}.") for key in self.errors),
        )

    def paragraph(self, one: Field, name: str, place: int) -> Control:
        return Control(
            kind="paragraph",
            name=f"{name}.text",
            title=f"{one.title}, paragraph {place + 1}",
            value=self.table.get(f"{name}.text", ""),
            errors=tuple(self.errors.get(f"{name}.text", ())),
            marks=(self.mark(f"{name}.mark", f"Marking of {one.title.lower()}, paragraph {place + 1}"),),
        )

    def mark(self, name: str, title: str) -> Control:
        return Control(kind="choice", name=name, title=title, options=self.marks.options(self.table.get(name, "")))
