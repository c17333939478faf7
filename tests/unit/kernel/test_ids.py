"""Identifiers: unlike each other, short, and those of one time side by side."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from seatrial.kernel.ids import new_id, new_id_in_time

MOMENTS = st.integers(1_700_000_000, 2_400_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))


def test_an_identifier_is_its_kind_and_eighty_random_bits():
    made = {new_id("review") for _ in range(2000)}
    assert len(made) == 2000
    assert all(re.fullmatch("review-[0-9a-hjkmnp-tv-z]{16}", one) for one in made)
    assert {place for one in made for place in enumerate(one[7:])} == {
        (place, letter) for place in range(16) for letter in "0123456789abcdefghjkmnpqrstvwxyz"
    }


@given(MOMENTS, st.timedeltas(min_value=timedelta(seconds=0.2), max_value=timedelta(days=10_000)))
def test_identifiers_in_time_stand_in_its_order(moment, later):
    earlier, after = new_id_in_time("exchange", moment), new_id_in_time("exchange", moment + later)
    assert earlier < after
    assert len(earlier) == len(after) == len("exchange-") + 23 <= 40
