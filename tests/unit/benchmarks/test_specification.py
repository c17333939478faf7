"""A threshold specification is data: one document, one digest, never edited."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Misuse, SeatrialError
from seatrial.review.benchmarks.core.specification import (
    Generator,
    not_tried,
    read_specification,
    specification_bytes,
    threshold_for,
)

SUITE = digest(b"suite")
GOOD: dict[str, Any] = {
    "format": "seatrial-threshold/1",
    "name": "Uplift, first line",
    "meaning": "Meets: half of the items or more are solved by a model that is asked in the best way tried.",
    "suite": SUITE,
    "generator": None,
    "metric": "suite-mean",
    "zone": [0.45, 0.55],
    "alpha": 0.05,
    "elicitation": ["plain", "tools"],
    "label": "open//-//TLP:GREEN//*",
    "supersedes": None,
}


def written(**changed: object) -> bytes:
    return json.dumps({**GOOD, **changed}).encode()


def test_what_is_written_is_read_again_under_the_same_digest() -> None:
    made = read_specification(written())
    kept = specification_bytes(made)
    assert read_specification(kept) == made
    assert json.loads(kept)["digest"] == made.digest
    assert read_specification(json.dumps(GOOD, indent=3).encode()).digest == made.digest


def test_an_edited_file_is_told_from_a_committed_one() -> None:
    kept = json.loads(specification_bytes(read_specification(written())))
    for name, other in [("alpha", 0.1), ("zone", [0.4, 0.5]), ("meaning", "Else."), ("elicitation", ["plain"])]:
        with pytest.raises(Misuse, match="edited after it was committed") as caught:
            read_specification(json.dumps({**kept, name: other}).encode())
        assert caught.value.code == "threshold-edited"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"zone": [0.55, 0.45]}, "low edge first"),
        ({"zone": [0, 0.5]}, "inside 0–1"),
        ({"zone": [0.4]}, "two numbers"),
        ({"zone": ["0.4", 0.5]}, "in numbers"),
        ({"alpha": 0.5}, "below 0.5"),
        ({"alpha": True}, "in numbers"),
        ({"alpha": 10**400}, "far too large"),
        ({"suite": None}, "one of the two"),
        ({"generator": {"name": "practice", "version": "3"}}, "one of the two"),
        ({"suite": None, "generator": {"name": "practice"}}, "its generator as"),
        ({"suite": "sha256:0"}, "not a digest"),
        ({"suite": 7}, "as a digest or null"),
        ({"metric": "median"}, "one so far"),
        ({"elicitation": []}, "1 to 12 ways"),
        ({"elicitation": ["plain", "plain"]}, "twice"),
        ({"elicitation": [3]}, "way of asking"),
        ({"label": "open"}, "not a label"),
        ({"name": "a\nb"}, "line break"),
        ({"name": 3}, "as text"),
        ({"meaning": " "}, "1 to 5,000"),
        ({"format": "seatrial-threshold/9"}, "this version reads"),
        ({"threshold": 0.5}, "no specification has: threshold"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(changed: dict[str, object], said: str) -> None:
    with pytest.raises(Misuse) as caught:
        read_specification(written(**changed))
    assert said in caught.value.message
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("missing", [name for name in GOOD if name != "supersedes"])
def test_nothing_may_be_missing(missing: str) -> None:
    rest = {name: value for name, value in GOOD.items() if name != missing}
    with pytest.raises(Misuse, match=f"lacks {missing}"):
        read_specification(json.dumps(rest).encode())


@given(st.binary(max_size=200) | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_whatever_else_is_in_a_file_is_refused_and_never_breaks(data: bytes | str) -> None:
    with pytest.raises(SeatrialError):
        read_specification(data if isinstance(data, bytes) else data.encode())


def test_a_specification_speaks_of_its_own_suites_only() -> None:
    of_a_suite = read_specification(written())
    assert threshold_for(of_a_suite, suite=SUITE, generator="g/1").low == 0.45
    with pytest.raises(Misuse, match="committed for the suite"):
        threshold_for(of_a_suite, suite=digest(b"other"), generator="g/1")
    made = read_specification(written(suite=None, generator={"name": "practice", "version": "3"}))
    assert made.generator == Generator("practice", "3")
    other = digest(b"made yesterday")
    assert threshold_for(made, suite=other, generator="practice/3").suite == other
    with pytest.raises(Misuse, match="suites of practice/3"):
        threshold_for(made, suite=other, generator="practice/4")


def test_what_was_not_tried_is_named() -> None:
    assert not_tried(read_specification(written()), ["plain", "tries"]) == ("tools",)
