"""Dossiers as hypothesis writes them: every field of every part, every script, marks wherever a mark may stand.

The strategy walks the types with ``dataclasses`` and ``typing`` alone: it shares no walk with what it tests.
"""

from __future__ import annotations

import dataclasses
import enum
import types
import typing
from typing import Any

from hypothesis import strategies as st

from seatrial.kernel.labels import Label, Level
from seatrial.review.dossiers.types import Category, Dossier, FieldMark, Marking, Paragraph, Part

LAB, BODY, PARTNER = "lab-north", "body-one", "harbour-trust"

MARKINGS = st.sampled_from(
    [
        Marking(Category.TRADE_SECRET),
        Marking(Category.FOIA_4),
        Marking(Category.PRIVILEGED),
        Marking(Category.LABEL, Label.among(LAB)),
        Marking(Category.LABEL, Label.among(LAB, BODY, level=Level.SECRET)),
        Marking(Category.LABEL, Label.among(LAB, PARTNER)),
        Marking(Category.LABEL, Label()),
    ]
)
_SIGNS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cn"))
_LINES = st.text(_SIGNS, min_size=1, max_size=40).map(str.strip).filter(bool)
_PROSE = st.lists(_LINES, min_size=1, max_size=4).map("\n".join)
_FORMS = {
    "key": st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,20}\Z"),
    "date": st.sampled_from(["2026", "2026-02", "2026-02-28"]),
    "url": st.sampled_from(["https://example.org/", "https://example.org/a?b=c#d", "http://例え.example/"]),
    "digest": st.just("sha256:" + "0f" * 32),
}


def paragraphs(words: st.SearchStrategy[str] = _PROSE) -> st.SearchStrategy[Paragraph]:
    return st.builds(Paragraph, words, st.none() | MARKINGS)


@st.composite
def parts(draw: st.DrawFn, kind: type[Any], words: st.SearchStrategy[str] = _PROSE) -> Any:
    """A part of ``kind`` with any of its fields, marked or not; what it refers to is there."""
    values: dict[str, Any] = {}
    hints = typing.get_type_hints(kind)
    written = [f for f in dataclasses.fields(kind) if f.name not in ("marking", "marked", "withheld")]
    for f in written:
        if f.metadata.get("required") or f.name == "model" or draw(st.booleans()):
            value = draw(_value(hints[f.name], f.metadata, words))
            if value is not None:
                values[f.name] = value
    if not values and written:
        values = {f.name: draw(_value(hints[f.name], f.metadata, words)) for f in written[:1]}
    if kind is not Dossier:
        values["marking"] = draw(st.none() | st.none() | MARKINGS)
    marked = draw(st.lists(st.sampled_from([f.name for f in written]), max_size=2, unique=True))
    values["marked"] = tuple(FieldMark(name, draw(MARKINGS)) for name in sorted(marked))
    return kind(**values)


def dossiers(words: st.SearchStrategy[str] = _PROSE) -> st.SearchStrategy[Dossier]:
    """A whole document."""
    return parts(Dossier, words)


def _value(hint: Any, facts: Any, words: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple:
        if inside[0] is Paragraph:
            return st.lists(paragraphs(words), max_size=3).map(tuple)
        if inside[0] is str:
            return st.just(()) if "refs" in facts else st.lists(_line(facts), max_size=3).map(tuple)
        by = (lambda item: item.key) if any(f.name == "key" for f in dataclasses.fields(inside[0])) else None
        return st.lists(parts(inside[0], words).filter(_says), max_size=2, unique_by=by or (lambda item: id(item))).map(
            tuple
        )
    if origin in (typing.Union, types.UnionType):
        (hint,) = (one for one in inside if one is not type(None))
    if hint is str:
        return st.just("") if "refs" in facts else _line(facts)
    if isinstance(hint, type) and issubclass(hint, Part):
        return parts(hint, words)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return st.sampled_from(list(hint))
    if hint is bool:
        return st.booleans()
    least, most = facts["least"], facts["most"]
    if hint is int:
        return st.integers(0 if least is None else int(least), 2**53 - 1)
    return st.floats(least, most, allow_nan=False, allow_infinity=False).map(lambda value: value + 0.0)


def _line(facts: Any) -> st.SearchStrategy[str]:
    return _FORMS[facts["form"]] if "form" in facts else _LINES.map(lambda said: said[: facts["longest"]].strip())


def _says(part: Any) -> bool:
    marks = {"marking": None, "marked": ()}
    return bool(dataclasses.replace(part, **marks) != type(part)())
