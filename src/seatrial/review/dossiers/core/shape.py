"""What the dataclasses of a dossier look like, read off once: the one description every walk uses.

A field is a line, a text of paragraphs, some lines, a number, a choice, a flag, a part or a list of parts. A type that
fits none of these is a defect, and importing this file says so: no field can exist that a walk would pass by.
"""

from __future__ import annotations

import dataclasses
import enum
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from seatrial.review.dossiers.types import Dossier, Paragraph, Part

MARKS = ("marking", "marked", "withheld")  # of every part; they are about the text, not text


class Kind(enum.Enum):
    LINE = "line"
    TEXT = "text"
    LINES = "lines"
    WHOLE_NUMBER = "whole number"
    NUMBER = "number"
    CHOICE = "choice"
    FLAG = "flag"
    PART = "part"
    PARTS = "parts"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a part: its kind, the type inside it (of a choice, a part, a list of parts), and what it says."""

    name: str
    kind: Kind
    inner: Any  # the enum of a choice, the dataclass of a part or of parts; else None
    empty: Any
    facts: Mapping[str, Any]

    @property
    def title(self) -> str:
        return str(self.facts["title"])

    @property
    def ask(self) -> str:
        return str(self.facts["ask"])

    @property
    def required(self) -> bool:
        return bool(self.facts.get("required"))

    @property
    def refs(self) -> str:
        """The list whose keys this field may hold, or nothing."""
        return str(self.facts.get("refs", ""))

    @property
    def vocabulary(self) -> bool:
        """Whether its words say nothing by themselves (see ``types.line``)."""
        return bool(self.facts.get("vocabulary") or self.refs)


_read_off: dict[type, tuple[Field, ...]] = {}


def fields_of(kind: type[Part]) -> tuple[Field, ...]:
    """The fields of a part that hold what people wrote, in order."""
    found = _read_off.get(kind)
    if found is None:
        hints = typing.get_type_hints(kind)
        found = tuple(_field(kind, f, hints[f.name]) for f in dataclasses.fields(kind) if f.name not in MARKS)
        _read_off[kind] = found
    return found


def field_of(kind: type[Part], name: str) -> Field:
    """One field by its name. Raises ``KeyError``."""
    for found in fields_of(kind):
        if found.name == name:
            return found
    raise KeyError(name)


def kinds(kind: type[Part] = Dossier) -> Iterator[type[Part]]:
    """Every class of part inside ``kind``, itself first."""
    yield kind
    for found in fields_of(kind):
        if found.kind in (Kind.PART, Kind.PARTS):
            yield from kinds(found.inner)


def is_empty(part: Part) -> bool:
    """Whether nobody wrote anything into it."""
    return all(
        is_empty(getattr(part, f.name)) if f.kind is Kind.PART else getattr(part, f.name) == f.empty
        for f in fields_of(type(part))
    )


def at(document: Part, path: str) -> Any:
    """What stands at a path of fields such as ``threat_model.actors``."""
    found: Any = document
    for name in path.split("."):
        found = getattr(found, name)
    return found


def _field(owner: type, found: dataclasses.Field[Any], hint: Any) -> Field:
    kind, inner = _kind(hint)
    if kind is None or "title" not in found.metadata:
        raise TypeError(f"{owner.__name__}.{found.name} is of a kind that a dossier has no word for")
    return Field(found.name, kind, inner, found.default, found.metadata)


_SIMPLE = {str: Kind.LINE, int: Kind.WHOLE_NUMBER, float: Kind.NUMBER, bool: Kind.FLAG}


def _kind(hint: Any) -> tuple[Kind | None, Any]:
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple and len(inside) == 2 and inside[1] is Ellipsis:
        if inside[0] is Paragraph:
            return Kind.TEXT, None
        if inside[0] is str:
            return Kind.LINES, None
        if _is_part(inside[0]):
            return Kind.PARTS, inside[0]
        return None, None
    if origin in (typing.Union, types.UnionType):
        (hint,) = (one for one in inside if one is not type(None))
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return Kind.CHOICE, hint
    if _is_part(hint):
        return Kind.PART, hint
    return _SIMPLE.get(hint), None


def _is_part(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, Part)


EVERY = tuple(dict.fromkeys(kinds()))  # walked at import: a field of an unknown kind fails here, and nowhere else
SECTIONS = fields_of(Dossier)
