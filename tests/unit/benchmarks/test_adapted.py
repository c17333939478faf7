"""What pins a sample, and what a foreign score is worth."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest

from seatrial.kernel.errors import Misuse
from seatrial.review.benchmarks.core.adapted import chosen_scorer, item_id, minutes, pinned, unit_score


@pytest.mark.parametrize(
    ("value", "score", "worth"),
    [
        ("C", "", 1.0),
        ("I", "", 0.0),
        ("P", "", 0.5),
        ("N", "", 0.0),
        (True, "", 1.0),
        (0.95, "any", 0.95),
        (1, "", 1.0),
        ({"a": "C", "b": 0.25}, "rubric.b", 0.25),
    ],
)
def test_a_score_is_worth_what_it_says(value, score, worth):
    assert unit_score(value, score) == worth


@pytest.mark.parametrize("value", ["X", "0.5", 7, -0.1, math.nan, math.inf, None, [1, 0], {"a": 1}])
def test_nothing_else_is_guessed(value):
    with pytest.raises(Misuse) as caught:
        unit_score(value)
    assert caught.value.code == "score-unreadable"


def test_a_key_that_is_not_given_is_no_score():
    with pytest.raises(Misuse):
        unit_score({"a": 1}, "rubric.b")
    with pytest.raises(Misuse):
        unit_score("C", "rubric.b")


@pytest.mark.parametrize(
    ("names", "keyed", "score", "chosen"),
    [
        (["one"], {}, "", "one"),
        (["one", "two"], {}, "two", "two"),
        (["one"], {"one": ["a", "b"]}, "one.b", "one"),
        (["one"], {"one": ["*"]}, "one.anything", "one"),
    ],
)
def test_the_scorer_that_counts(names, keyed, score, chosen):
    assert chosen_scorer(names, keyed, score) == chosen


@pytest.mark.parametrize(
    ("names", "keyed", "score"),
    [
        (["one", "two"], {}, ""),
        (["one"], {"one": ["a"]}, ""),
        (["one"], {"one": ["a"]}, "one"),
        (["one"], {"one": ["a"]}, "one.c"),
        (["one"], {}, "one.a"),
        (["one"], {}, "three"),
        (["one"], {"one": ["*"]}, "one"),
    ],
)
def test_a_choice_that_is_not_clear_is_asked_for(names, keyed, score):
    with pytest.raises(Misuse) as caught:
        chosen_scorer(names, keyed, score)
    assert caught.value.code == "score-not-chosen"


@pytest.mark.parametrize(
    ("said", "found"),
    [(12, 12.0), (0.5, 0.5), ("1:30", 90.0), ("0:00:30", 0.5), ("soon", None), (0, None), (True, None), (None, None)],
)
def test_human_times_in_minutes(said, found):
    assert minutes(said) == found


def test_an_items_id_has_no_mark_that_parts_item_and_epoch():
    assert item_id("repo#12#a") == "repo-12-a"


def test_every_value_pins_and_each_differs():
    values = [1, 1.5, "1", 2**60, 2**60 + 1, math.nan, None, [1], {"a": 1}, {"a": 2}, datetime(2026, 1, 1, tzinfo=UTC)]
    digests = {pinned({"metadata": {"value": value}}) for value in values}
    assert len(digests) == len(values)
    assert pinned({"a": 1, "b": 2}) == pinned({"b": 2, "a": 1})
