"""The measure on real crash states: its rules, and that the bars hold on the projects nothing was fitted to."""

from __future__ import annotations

import math
import random

import pytest
from benchmarks.findings_parts import ossfuzz

from seatrial.clearinghouse.triage.core.likeness import scores as rules
from seatrial.clearinghouse.triage.core.likeness.scores import Scope, Sketch
from seatrial.clearinghouse.triage.core.likeness.shares import BANDS, measured, sentence

needs_data = pytest.mark.skipif(not ossfuzz.DATA.exists(), reason=f"needs {ossfuzz.DATA}")


def test_b_cubed_is_that_of_its_definition() -> None:
    truth = {"a": 1, "b": 1, "c": 1, "d": 2}
    found = {"a": 1, "b": 1, "c": 2, "d": 2}
    precision = (1 + 1 + 1 / 2 + 1 / 2) / 4
    recall = (2 / 3 + 2 / 3 + 1 / 3 + 1) / 4
    told = ossfuzz.b_cubed(found, truth, truth)
    assert math.isclose(told["f1"], 2 * precision * recall / (precision + recall), abs_tol=1e-4)
    assert (told["pairs joined"], told["pairs right"]) == (2, 1)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (["a", "b", "c"], ["a", "b", "x"], True),
        (["a", "b", "c"], ["x", "a", "b"], True),
        (["a", "x", "b"], ["a", "b", "y"], True),
        (["a", "b", "c"], ["a", "x", "y"], False),
        (["parse_header_v1", "x"], ["parse_header_v2", "x"], True),
        (["a"], ["a"], True),
        (["a"], ["b"], False),
    ],
)
def test_the_peer_compares_as_documented(one: list[str], other: list[str], same: bool) -> None:
    assert ossfuzz.similar(one, other) is same


def test_the_edit_ratio_counts_a_replacement_twice() -> None:
    assert ossfuzz.ratio("abcd", "abcd") == 1.0
    assert ossfuzz.ratio("abcd", "abxd") == 0.75
    assert ossfuzz.ratio("", "") == 1.0


@needs_data
def test_the_halves_share_no_project() -> None:
    crashes = ossfuzz.load()
    tuned, held = ossfuzz.halves(crashes)
    assert not {crashes[name]["project"] for name in tuned} & {crashes[name]["project"] for name in held}
    assert len(tuned) + len(held) == len(crashes) == 2471


@needs_data
def test_what_is_said_of_a_suggestion_is_what_was_counted() -> None:
    crashes = ossfuzz.load()
    truth = {name: crash["flaw"] for name, crash in crashes.items()}
    tuned, held = ossfuzz.halves(crashes)
    scores, _ = ossfuzz.scored(crashes, merged=True)
    found = ossfuzz.shares(scores, truth, {"all": list(crashes), "tuned": tuned, "held out": held})
    for band in BANDS:
        name = f"{band.least:g} and more"
        counted = found["all"][name]
        assert (counted["pairs"], counted["one fix"], counted["in 100"]) == (band.pairs, band.right, band.share)
        assert abs(found["held out"][name]["in 100"] - band.share) <= 3, "it holds where nothing was fitted"
        assert abs(found["tuned"][name]["in 100"] - band.share) <= 3


def test_of_pairs_that_were_not_measured_nothing_is_promised() -> None:
    one = Sketch(("read", "parse"), {"read": 0, "parse": 1}, "memory", "read r.c:1")
    other = Sketch(("read", "parse"), {"read": 0, "parse": 1}, "memory", "read r.c:2")
    assert measured(one, other, Scope(merged=False), 0.9) is None
    assert measured(one, other, Scope(merged=True), 0.9) == BANDS[0]
    assert measured(one, one, Scope(merged=True), 0.9) is None, "they break at one line"
    assert sentence(None).endswith("has not been measured on real crashes.")
    assert sentence(BANDS[1]) == "Of 345 such pairs of real crashes 22 in 100 had one fix."


@needs_data
def test_the_weights_are_those_of_the_tuned_half() -> None:
    fitted = ossfuzz.fit()
    for name, used in fitted["used"].items():
        assert abs(fitted[name] - used) < 0.01, name


@needs_data
def test_the_bars_hold_also_where_nothing_was_fitted() -> None:
    told = ossfuzz.measure(quick=True)
    assert told["bars"]["B3 F1 on the projects held out"]["holds"]
    assert told["bars"]["B3 F1 on real crash states"]["holds"]
    assert told["peers"]["exact type and state"]["f1"] < told["bars"]["B3 F1 on real crash states"]["measured"]
    assert told["peers"]["nothing joined"]["f1"] > 0.86, "the set is not the one that was merged before"


@needs_data
def test_the_order_of_the_reports_changes_no_score() -> None:
    crashes = ossfuzz.load()
    before, _ = ossfuzz.scored(crashes, merged=True)
    names = list(crashes)
    random.Random(7).shuffle(names)
    after, _ = ossfuzz.scored({name: crashes[name] for name in names}, merged=True)
    turned = {(min(pair), max(pair)): value for pair, value in after.items()}
    assert turned.keys() == before.keys()
    assert all(math.isclose(turned[pair], value) for pair, value in before.items())


def test_every_sign_of_likeness_counts_for_it() -> None:
    within = rules.Scope(merged=False, count=20)
    plain = rules.chance(1.0, within, same_family=False, again=False, line=False)
    for sign in ("same_family", "again", "line"):
        assert (
            rules.chance(1.0, within, **({"same_family": False, "again": False, "line": False} | {sign: True})) > plain
        )
    assert rules.chance(2.0, within, same_family=False, again=False, line=False) > plain
