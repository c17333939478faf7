"""A ``Range`` header asks for one part or is ignored."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.kernel.ranges import Part, part_of


@pytest.mark.parametrize(
    ("header", "part"),
    [
        (None, None),
        ("", None),
        ("bytes=-", None),
        ("bytes=5-4", None),
        ("bytes=0-0,2-3", None),
        ("pages=1-2", None),
        ("bytes=0-0", Part(0, 1, 10)),
        ("bytes=9-", Part(9, 1, 10)),
        ("bytes=-20", Part(0, 10, 10)),
        ("bytes=-0", Part(10, 0, 10)),
        ("bytes=10-11", Part(10, 0, 10)),
    ],
)
def test_what_a_header_asks_for(header: str | None, part: Part | None) -> None:
    assert part_of(header, 10) == part


@given(st.text(max_size=40) | st.from_regex(r"bytes=\d{0,25}-\d{0,25}"), st.integers(1, 100))
def test_a_part_lies_inside_its_file(header: str, size: int) -> None:
    part = part_of(header, size)
    if part is not None and part.length:
        assert 0 <= part.start < part.start + part.length <= size
