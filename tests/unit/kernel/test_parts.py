"""Many in parts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from seatrial.kernel.parts import in_parts


@given(items=st.lists(st.integers()), size=st.integers(1, 20))
def test_parts_are_full_but_the_last_and_hold_all_in_order(items: list[int], size: int) -> None:
    parts = list(in_parts(iter(items), size))
    assert [one for part in parts for one in part] == items
    assert all(len(part) == size for part in parts[:-1])
    assert all(0 < len(part) <= size for part in parts)
