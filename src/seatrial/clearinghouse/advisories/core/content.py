"""An advisory's content as JSON and back, every text checked. The frozen types are the schema."""

from __future__ import annotations

import enum
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, asdict, fields, is_dataclass
from typing import Any, TypeVar

from seatrial.clearinghouse.advisories.types import Content
from seatrial.kernel.canonical import plain
from seatrial.kernel.errors import Misuse
from seatrial.kernel.text import checked

LONGEST = {"summary": 20_000, "description": 20_000, "details": 5_000, "impact": 5_000, "action": 5_000}  # characters
SHORT = 500
MOST = 500  # of anything in a list
Read = TypeVar("Read")


def written(content: Content) -> dict[str, Any]:
    """As it is kept: the types' own names."""
    found: dict[str, Any] = plain(asdict(content))
    return found


def read(document: object) -> Content:
    """The inverse of ``written``; also of what a person wrote, where what is missing is empty.

    Raises ``Misuse`` (``bad-content``), naming the place by a JSON pointer.
    """
    return _object(Content, document, "")


def _object(kind: type[Read], value: object, pointer: str) -> Read:
    if not isinstance(value, Mapping):
        raise _bad(pointer, "must be an object")
    known = {field.name: field for field in fields(typing.cast(Any, kind))}
    if strange := sorted(str(name) for name in value if name not in known):
        raise _bad(pointer, f"has no member {strange[0][:40]!r}; there are {', '.join(known)}")
    hints, made = typing.get_type_hints(kind), dict[str, Any]()
    for name, field in known.items():
        if name in value:
            made[name] = _value(hints[name], value[name], f"{pointer}/{name}", name)
        elif field.default is MISSING:
            raise _bad(pointer, f"lacks {name!r}")
    return kind(**made)


def _value(hint: Any, value: object, pointer: str, name: str) -> Any:
    if typing.get_origin(hint) is tuple:
        if not isinstance(value, list | tuple) or len(value) > MOST:
            raise _bad(pointer, f"must be a list of at most {MOST}")
        return tuple(
            _value(typing.get_args(hint)[0], one, f"{pointer}/{place}", name) for place, one in enumerate(value)
        )
    if isinstance(hint, types.UnionType):
        return None if value in (None, "") else _value(typing.get_args(hint)[0], value, pointer, name)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        try:
            return hint(value)
        except ValueError:
            raise _bad(pointer, f"must be one of {', '.join(str(one.value) for one in hint)}") from None
    if is_dataclass(hint):
        return _object(typing.cast(Any, hint), value, pointer)
    if not isinstance(value, str):
        raise _bad(pointer, "must be text")
    return checked(
        f"The field {pointer}", value, longest=LONGEST.get(name, SHORT), lines=name in LONGEST, optional=True
    )


def _bad(pointer: str, what: str) -> Misuse:
    return Misuse("bad-content", f"The advisory's {pointer or 'content'} {what}.", pointer=pointer)
