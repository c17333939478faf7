"""OpenAPI schemas of the rooms' frozen dataclasses, derived and never written twice.

The wire form is ``kernel.canonical.plain``: labels are text, sets are lists, durations are seconds.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any

from ninja import Schema
from pydantic import create_model

from seatrial.kernel.labels import Label, Level, Tlp


@cache
def schema_of(kind: type) -> type[Schema]:
    """The schema of a dataclass in its plain form; the name is the dataclass's own."""
    hints = typing.get_type_hints(kind)
    fields: dict[str, Any] = {
        field.name: (_wire(hints[field.name]), ... if field.default is dataclasses.MISSING else field.default)
        for field in dataclasses.fields(kind)
    }
    made: type[Schema] = create_model(kind.__name__, __base__=Schema, __doc__=kind.__doc__, **fields)
    return made


def _wire(hint: Any) -> Any:
    if hint in (Label, Level, Tlp):
        return str
    if hint is timedelta:
        return float
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return schema_of(hint)
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (frozenset, set, list):
        return list[_wire(inner[0])]  # type: ignore[misc]
    if origin is tuple:
        return list[_wire(inner[0])] if len(inner) == 2 and inner[1] is Ellipsis else list[Any]  # type: ignore[misc]
    if origin in (typing.Union, types.UnionType):
        return typing.Union[tuple(_wire(item) for item in inner)]  # noqa: UP007 - built from values
    if origin in (Mapping, dict):
        return dict[str, Any]
    if isinstance(hint, typing.NewType):
        return hint.__supertype__
    return hint
