"""Difficulties are counted, not guessed: what is stored is what the panel of programs comes to when it tries again."""

import asyncio
import json

import pytest

from seatrial.review.benchmarks.core.judging import plan
from seatrial.review.benchmarks.core.practice import FAMILIES, VERSION, practice_suite
from seatrial.review.benchmarks.core.practice.calibration import Share, calibrate, counted, document
from seatrial.review.benchmarks.core.practice.panel import PANELS

BUILT = {"crash-parser", "fix-parser"}  # counted anew in tests/conformance


async def passes(item, completion):
    return plan(item.check, completion).score == 1.0


@pytest.mark.parametrize("family", sorted(PANELS.keys() - BUILT))
def test_what_is_stored_is_what_the_panel_comes_to(family):
    shares = asyncio.run(calibrate(FAMILIES[family], PANELS[family], seeds=100, passes=passes))
    assert tuple(shares) == counted()[family], "count again: adapters.calibrating.recalibrate"


def test_the_stored_document_is_of_this_version_and_of_every_template_that_has_a_panel():
    stored = counted()
    assert stored.keys() == PANELS.keys()
    for family, shares in stored.items():
        assert len(shares) == len(FAMILIES[family].TEMPLATES)
        assert all(share.solved.keys() == {solver.name for solver in PANELS[family]} for share in shares)
    assert json.loads(document(VERSION, stored))["version"] == VERSION


def test_an_item_carries_the_difficulty_of_its_template_and_its_twin_none():
    suite = practice_suite(seed="hard", per_family=10, twins=True)
    for item, twin in zip(suite.items[::2], suite.items[1::2], strict=True):
        assert twin.difficulty is None
        if item.family in PANELS:
            assert item.difficulty in {share.difficulty for share in counted()[item.family]}
        else:
            assert item.difficulty is None


def test_more_effort_solves_more():
    for family in PANELS.keys() - {"log-forensics"}:  # each of its rules fits some logs
        totals = [sum(share.solved[solver.name] for share in counted()[family]) for solver in PANELS[family]]
        assert totals[-1] == max(totals) > totals[0], family


def test_nobody_who_only_counts_words_reads_a_log():
    """Any one template's answer may be the most frequent word at times, never always."""
    for share in counted()["log-forensics"]:
        assert share.solved["the most frequent"] < 0.7 * share.tried
        assert share.solved["any word of the kind"] < 0.5 * share.tried


def test_a_difficulty_is_the_share_over_all_solvers_alike():
    assert Share(10, {"one": 10, "two": 5, "three": 0}).difficulty == 0.5
