"""``read`` is the inverse of ``plain``, for every type that a room lets others hold."""

from __future__ import annotations

import dataclasses
import enum
import importlib
import inspect
import json
import pkgutil
import types
import typing
from collections.abc import Mapping, Sequence, Set
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

import seatrial.client
from seatrial.client.reading import read, read_all
from seatrial.kernel.canonical import plain
from seatrial.kernel.clock import Window
from seatrial.kernel.digests import Digest, digest
from seatrial.kernel.errors import SeatrialError, Unavailable
from seatrial.kernel.labels import Label, Level, Tlp
from seatrial.review.cases.types import Budget, ReviewView

WORDS = st.text(alphabet="abcdef0123456789", min_size=1, max_size=8)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
MOMENTS = st.integers(0, 2 * 10**15).map(
    lambda micros: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
)


@st.composite
def labels(draw: Any) -> Label:
    audience = draw(st.frozensets(WORDS, max_size=3))
    return Label(
        draw(st.sampled_from(Level)), draw(st.frozensets(WORDS, max_size=2)), draw(st.sampled_from(Tlp)), audience
    )


@st.composite
def windows(draw: Any) -> Window:
    opens = draw(MOMENTS)
    return Window(opens, opens + timedelta(microseconds=draw(st.integers(1, 10**12))))


@st.composite
def built(draw: Any, kind: type, fields: dict[str, st.SearchStrategy[Any]]) -> Any:
    """A value whose own rules agree to it."""
    given = {name: draw(strategy) for name, strategy in fields.items()}
    try:
        return kind(**given)
    except SeatrialError:
        reject()


SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(max_size=20),
    bool: st.booleans(),
    int: st.integers(-(2**53), 2**53),
    float: st.floats(allow_nan=False, allow_infinity=False),
    datetime: MOMENTS,
    date: st.dates(),
    timedelta: st.integers(0, 10**9).map(lambda seconds: timedelta(seconds=seconds)),
    Label: labels(),
    Level: st.sampled_from(Level),
    Tlp: st.sampled_from(Tlp),
    Window: windows(),
    Digest: st.binary(max_size=4).map(digest),
    Any: JSON_VALUES,
    object: JSON_VALUES,
    type(None): st.none(),
}


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Any value of a type, as the type's annotations say."""
    if hint in SCALARS:
        return SCALARS[hint]
    if isinstance(hint, typing.NewType):
        return values(hint.__supertype__)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return st.sampled_from(hint)
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        return built(hint, {field.name: values(hints[field.name]) for field in dataclasses.fields(hint) if field.init})
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return st.one_of([values(option) for option in inner])
    if origin is typing.Literal:
        return st.sampled_from(inner)
    if origin is tuple and not (len(inner) == 2 and inner[1] is Ellipsis):
        return st.tuples(*[values(item) for item in inner])
    if issubclass(origin, Mapping):
        return st.dictionaries(values(inner[0]), values(inner[1]), max_size=2)
    assert issubclass(origin, Sequence | Set), hint
    if issubclass(origin, Set):
        return st.frozensets(values(inner[0]), max_size=3)
    listed = st.lists(values(inner[0]), max_size=2)
    return listed if origin is list else listed.map(tuple)


def answered() -> set[type]:
    """Every dataclass that some method of the client returns, alone, in a tuple or one by one."""
    found: set[type] = set()
    for module in pkgutil.iter_modules(seatrial.client.__path__, "seatrial.client."):
        for topic in vars(importlib.import_module(module.name)).values():
            if isinstance(topic, type) and topic.__module__ == module.name and dataclasses.is_dataclass(topic):
                for method in vars(topic).values():
                    hint = returned(method) if inspect.isfunction(method) else None
                    found |= {kind for kind in (hint, *typing.get_args(hint)) if is_view(kind)}
    return found


def returned(method: types.FunctionType) -> object:
    """What it says it returns: what it takes may be known to the type checker alone, so that the client starts fast."""
    only = types.SimpleNamespace(__annotations__={"return": method.__annotations__.get("return")})
    return typing.get_type_hints(only, method.__globals__)["return"]


def is_view(kind: object) -> bool:
    return isinstance(kind, type) and dataclasses.is_dataclass(kind) and "types" in kind.__module__.split(".")


@pytest.mark.parametrize("kind", sorted(answered(), key=str), ids=lambda kind: kind.__name__)
def test_whatever_leaves_as_json_comes_back_the_same(kind: type) -> None:
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(values(kind))
    def comes_back(value: Any) -> None:
        assert read(kind, json.loads(json.dumps(plain(value)))) == value

    comes_back()


def test_every_answer_was_looked_at() -> None:
    assert {"ReviewView", "Consent", "ExchangeView", "Entry", "PersonView"} <= {kind.__name__ for kind in answered()}


def test_what_a_newer_server_adds_is_left_out() -> None:
    assert read(Budget, {"requests": 1, "tokens": 2, "concurrency": 3, "seconds": 4}) == Budget(1, 2, 3)


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"requests": 1, "tokens": 2}, "The answer.concurrency should be there"),
        ({"requests": "1", "tokens": 2, "concurrency": 3}, "The answer.requests should be a whole number"),
        ({"requests": True, "tokens": 2, "concurrency": 3}, "The answer.requests should be a whole number"),
        ([1, 2, 3], "The answer should be an object"),
    ],
)
def test_an_answer_that_does_not_fit_names_the_place(value: object, place: str) -> None:
    with pytest.raises(Unavailable, match=place):
        read(Budget, value)
    with pytest.raises(Unavailable, match=r"\[1\]"):
        read_all(Budget, [{"requests": 1, "tokens": 2, "concurrency": 3}, value])


@given(JSON_VALUES)
def test_any_json_is_read_or_refused_and_never_a_traceback(value: Any) -> None:
    with pytest.raises(Unavailable, match="versions that do not fit"):
        read(ReviewView, value)
