"""The curve of exposures still open."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.clearinghouse.remediation.core.survival import Spell, curve, days_until

SPELLS = st.lists(st.builds(Spell, st.integers(0, 400).map(float), st.booleans()), max_size=60)


def test_the_example_that_textbooks_print():
    """Freireich and others (1963), 6-MP arm: 21 patients, as Kalbfleisch and Prentice give it."""
    ended = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    left = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    steps = curve([*(Spell(days, True) for days in ended), *(Spell(days, False) for days in left)])
    shares = {step.days: round(step.share, 4) for step in steps[1:]}
    assert shares == {6: 0.8571, 7: 0.8067, 10: 0.7529, 13: 0.6902, 16: 0.6275, 22: 0.5378, 23: 0.4482}
    assert days_until(steps, 0.5) == 23
    assert days_until(steps, 0.95) is None
    assert (round(steps[1].low, 3), round(steps[1].high, 3)) == (0.620, 0.952)


@given(SPELLS)
def test_shares_fall_and_bounds_hold_them(spells):
    steps = curve(spells)
    assert bool(steps) == bool(spells)
    for before, after in itertools.pairwise(steps):
        assert before.days <= after.days
        assert before.share > after.share
    assert all(0 <= step.low <= step.share <= step.high <= 1 for step in steps)


@given(st.lists(st.integers(0, 50).map(float), min_size=1, max_size=40))
def test_where_all_have_ended_the_share_is_the_plain_one(days):
    for step in curve([Spell(one, True) for one in days])[1:]:
        assert step.share == pytest.approx(sum(one > step.days for one in days) / len(days))


@given(SPELLS.filter(bool))
def test_what_is_still_open_never_makes_it_look_quicker(spells):
    closed = [spell for spell in spells if spell.ended]
    if closed:
        with_open, without = days_until(curve(spells), 0.5), days_until(curve(closed), 0.5)
        assert without is not None
        assert with_open is None or with_open >= min(spell.days for spell in closed)


def test_nothing_ended_is_no_end():
    steps = curve([Spell(3, False)] * 4)
    assert [step.share for step in steps] == [1.0]
    assert days_until(steps, 0.5) is None
