"""A value's line is found whatever the layout of the text."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from seatrial.kernel.positions import line_of

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def places(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [path]
    if isinstance(value, dict):
        for key, item in value.items():
            found += places(item, (*path, key))
    if isinstance(value, list):
        for number, item in enumerate(value):
            found += places(item, (*path, number))
    return found


@given(value=VALUES, ascii_only=st.booleans())
def test_every_value_is_found_where_it_was_written(value: object, ascii_only: bool) -> None:
    for path in places(value):
        marked = json.loads(json.dumps(value))
        holder: dict[str | int, object] | list[object] = {"root": marked}
        steps = ("root", *path)
        for step in steps[:-1]:
            holder = holder[step]  # type: ignore[index,assignment]
        holder[steps[-1]] = "the one marked value of this text"  # type: ignore[index]
        text = json.dumps({"first": [1, {"a": "}"}], "root": marked if path else holder["root"]}, indent=1)  # type: ignore[call-overload]
        line = next(n for n, words in enumerate(text.split("\n"), 1) if "the one marked value of this text" in words)
        assert line_of(text, steps) == line


def test_a_missing_value_gets_the_line_of_what_would_hold_it() -> None:
    text = '{\n "a": 1,\n "b": {\n  "c": 2\n }\n}'
    assert line_of(text, ["b", "d"]) == 3
    assert line_of(text, ["b", "c"]) == 4
    assert line_of(text, []) == 1
    assert line_of(text, ["z"]) == 1
