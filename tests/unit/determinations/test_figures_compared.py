"""Comparing figures: nothing differs from itself, each changed value is named, other roundings are the same number."""

from __future__ import annotations

import json
import math
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st
from tests.unit.determinations.test_memo import content

from seatrial.kernel.canonical import canonical
from seatrial.review.determinations.core.verification import differences, figures_in

NUMBERS = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e6, max_value=1e6) | st.integers(-9999, 9999)
NAMES = st.text("abc", min_size=1, max_size=3)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
MEMOS = st.dictionaries(st.text("defg", min_size=1, max_size=4), VALUES, max_size=5)


@given(MEMOS)
def test_a_memo_does_not_differ_from_itself(memo: dict[str, Any]) -> None:
    assert differences(memo, json.loads(json.dumps(memo))) == ()


@given(MEMOS, MEMOS)
def test_two_memos_differ_exactly_where_some_figure_does(one: dict[str, Any], other: dict[str, Any]) -> None:
    both = {name for name in one if name in other}
    same = all(differences({"x": one[name]}, {"x": other[name]}) == () for name in both)
    assert (differences(one, other) == ()) == same


@given(NUMBERS, NUMBERS)
def test_a_number_is_another_one_beyond_rounding(one: float, other: float) -> None:
    assume(not math.isclose(one, other, rel_tol=1e-8, abs_tol=1e-8))
    (found,) = differences({"mean": one}, {"mean": other})
    assert (found.what, found.memo, found.record) == ("mean", str(one), str(other))


def test_other_machines_round_elsewhere() -> None:
    assert differences({"mean": 0.1 + 0.2, "n": 3}, {"mean": 0.3, "n": 3.0}) == ()
    assert differences({"n": True}, {"n": 1}) != ()
    assert differences({"n": None}, {"n": 0}) != ()


def test_rows_are_named_as_a_reader_names_them() -> None:
    memo = content()
    other = json.loads(canonical(memo))
    other["families"][0]["mean"] += 0.1
    other["funnel"][3]["upper"] -= 0.1
    other["funnel"].append(other["funnel"][-1])
    whats = {one.what for one in differences(memo, other)}
    assert whats == {"funnel, how many", "funnel, after 3, upper", f"families, {memo['families'][0]['family']}, mean"}
    assert figures_in(memo, other) > 100
    twin = {**memo, "families": [], "withheld": [{"part": "families"}]}
    assert [one.what for one in differences(twin, memo)] == []
