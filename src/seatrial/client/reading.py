"""The inverse of ``kernel.canonical.plain``: JSON back into the frozen dataclasses it was written from.

What a newer server says beyond what this version knows is left out; what it leaves out takes its default. Anything
else that does not fit is ``Unavailable`` (``answer-not-understood``), naming the place.
"""

from __future__ import annotations

import dataclasses
import enum
import types
import typing
from collections.abc import Callable, Hashable, Mapping, Sequence, Set
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, TypeVar, cast

from seatrial.kernel.clock import parse_time
from seatrial.kernel.errors import SeatrialError, Unavailable
from seatrial.kernel.labels import Label, Level, Tlp

T = TypeVar("T")
Reader = Callable[[Any, str], Any]

_LEVELS: Mapping[str, Level] = {level.word: level for level in Level}
_TLPS: Mapping[str, Tlp] = {tlp.word: tlp for tlp in Tlp}


def read(kind: type[T], value: object, where: str = "the answer") -> T:
    """``value`` as a ``kind``; ``where`` names the place in the error. Raises ``Unavailable``."""
    return cast(T, _reader(cast(Hashable, kind))(value, where))


def read_all(kind: type[T], value: object, where: str = "the answer") -> tuple[T, ...]:
    """A list of ``kind``."""
    return tuple(read(kind, item, f"{where}[{place}]") for place, item in enumerate(_listed(value, where)))


class _Misfit(Unavailable):
    def __init__(self, where: str, wanted: str) -> None:
        super().__init__(
            "answer-not-understood",
            f"{where[0].upper()}{where[1:]} should be {wanted}; server and client are of versions that do not fit.",
        )


@cache
def _reader(hint: Any) -> Reader:
    """How a value of this type is read."""
    if hint in _SCALARS:
        return _SCALARS[hint]
    if hint in (Any, object):
        return lambda value, _where: value
    if isinstance(hint, typing.NewType):
        return _reader(hint.__supertype__)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return _converted(str if issubclass(hint, str) else object, hint, f"one of {', '.join(map(str, hint))}")
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return _dataclass(hint)
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _union(inner)
    if origin is typing.Literal:
        return _converted(object, lambda value: inner[inner.index(value)], f"one of {inner}")
    if origin is tuple and not (len(inner) == 2 and inner[1] is Ellipsis):
        return _fixed_tuple(inner)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping(inner)
    if isinstance(origin, type) and issubclass(origin, Sequence | Set):
        made = frozenset if issubclass(origin, Set) else (list if origin is list else tuple)
        return _collection(made, inner[0])
    raise TypeError(f"no rule reads {hint!r} from JSON")


def _dataclass(kind: type) -> Reader:
    hints = typing.get_type_hints(kind)
    fields = [field for field in dataclasses.fields(kind) if field.init]
    needed = {
        field.name
        for field in fields
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    }

    def reader(value: Any, where: str) -> Any:
        if not isinstance(value, dict):
            raise _Misfit(where, f"an object ({kind.__name__})")
        given = {
            field.name: _reader(hints[field.name])(value[field.name], f"{where}.{field.name}")
            for field in fields
            if field.name in value
        }
        lacking = sorted(needed - given.keys())
        if lacking:
            raise _Misfit(f"{where}.{lacking[0]}", "there")
        try:
            return kind(**given)
        except SeatrialError as error:
            raise _Misfit(where, f"a {kind.__name__} ({error.message})") from error

    return reader


def _union(inner: tuple[Any, ...]) -> Reader:
    readers = [_reader(hint) for hint in inner if hint is not type(None)]

    def reader(value: Any, where: str) -> Any:
        if value is None and type(None) in inner:
            return None
        for option in readers[:-1]:
            try:
                return option(value, where)
            except Unavailable:
                continue
        return readers[-1](value, where)

    return reader


def _fixed_tuple(inner: tuple[Any, ...]) -> Reader:
    readers = [_reader(hint) for hint in inner]

    def reader(value: Any, where: str) -> Any:
        found = _listed(value, where)
        if len(found) != len(readers):
            raise _Misfit(where, f"a list of {len(readers)}")
        return tuple(option(item, where) for option, item in zip(readers, found, strict=True))

    return reader


def _collection(made: Callable[[Any], Any], hint: Any) -> Reader:
    item = _reader(hint)
    return lambda value, where: made([item(v, f"{where}[{place}]") for place, v in enumerate(_listed(value, where))])


def _mapping(inner: tuple[Any, ...]) -> Reader:
    key, item = (_reader(hint) for hint in inner or (Any, Any))

    def reader(value: Any, where: str) -> Any:
        if not isinstance(value, dict):
            raise _Misfit(where, "an object")
        return {key(name, where): item(v, f"{where}.{name}") for name, v in value.items()}

    return reader


def _listed(value: object, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise _Misfit(where, "a list")
    return value


def _converted(wire: type, convert: Callable[[Any], Any], wanted: str) -> Reader:
    """Values of the type ``wire``, converted; a refused conversion is a misfit."""

    def reader(value: Any, where: str) -> Any:
        if not isinstance(value, wire) or (isinstance(value, bool) and wire is not bool and wire is not object):
            raise _Misfit(where, wanted)
        try:
            return convert(value)
        except (ValueError, KeyError, OverflowError, SeatrialError) as error:
            raise _Misfit(where, wanted) from error

    return reader


_SCALARS: Mapping[Any, Reader] = {
    str: _converted(str, lambda value: value, "a text"),
    bool: _converted(bool, lambda value: value, "true or false"),
    int: _converted(int, lambda value: value, "a whole number"),
    float: _converted(int | float, float, "a number"),  # type: ignore[arg-type]
    datetime: _converted(str, parse_time, "a time"),
    date: _converted(str, date.fromisoformat, "a day"),
    timedelta: _converted(int | float, lambda value: timedelta(seconds=value), "a number of seconds"),  # type: ignore[arg-type]
    Label: _converted(str, Label.parse, "a label"),
    Level: _converted(str, lambda value: _LEVELS[value], "a level"),
    Tlp: _converted(str, lambda value: _TLPS[value], "a TLP word"),
    type(None): _converted(type(None), lambda value: value, "null"),
}
