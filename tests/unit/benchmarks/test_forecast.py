"""Will it fit? Said from what the campaign took so far; whatever runs out first is named, with its time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from seatrial.review.benchmarks.core.forecast import ENOUGH, Means, Pace, forecast
from seatrial.review.benchmarks.types import Decision, Verdict

NOW = datetime(2026, 7, 1, 9, tzinfo=UTC)
NO_EVIDENCE = Decision(Verdict.UNDECIDED, 10, 100, 0.5, 0.0, 1.0, 1.0, 1.0)  # so all 90 are left
PACE = Pace(scored=10, seconds=20.0, calls=12, tokens=4_000)  # 2 s, 1.2 calls and 400 tokens each
PLENTY = Means(NOW + timedelta(days=1), 1_000, 1_000_000)


def said(**changes):
    return forecast(NO_EVIDENCE, 0.05, PACE, replace(PLENTY, **changes), NOW)


def test_the_finish_follows_from_the_pace_and_what_is_left():
    found = said()
    assert (found.attempts_left, found.finish_at, found.fits, found.short) == (
        90,
        NOW + timedelta(seconds=180),
        True,
        None,
    )


def test_evidence_shortens_it_and_a_campaign_that_decides_nothing_runs_every_cell():
    near = replace(NO_EVIDENCE, wealth_meets=10.0)
    assert forecast(near, 0.05, PACE, PLENTY, NOW).attempts_left < 10
    assert forecast(near, 0.05, PACE, PLENTY, NOW, decides=False).attempts_left == 90


@pytest.mark.parametrize(
    ("changes", "what", "when"),
    [
        ({"until": NOW + timedelta(seconds=120)}, "access ends", "09:02"),
        ({"calls": 36}, "the consented requests run out", "09:01"),
        ({"tokens": 24_000}, "the consented tokens run out", "09:02"),
        ({"money": 36_000, "a_call": 1_000.0}, "the consented money runs out", "09:01"),
        ({"calls": 0, "tokens": 24_000}, "the consented requests run out", "09:00"),
    ],
)
def test_what_runs_out_first_is_said_with_its_time(changes, what, when):
    found = said(**changes)
    assert not found.fits
    assert "about 90 attempts are left, until 2026-07-01T09:03" in found.short
    assert f"but {what} at 2026-07-01T{when}" in found.short


def test_nothing_bounds_a_model_that_is_called_elsewhere():
    assert forecast(NO_EVIDENCE, 0.05, PACE, Means(None, None, None), NOW).fits


def test_nothing_is_said_before_there_is_something_to_go_by():
    assert forecast(NO_EVIDENCE, 0.05, replace(PACE, scored=ENOUGH - 1), PLENTY, NOW) is None
    assert forecast(replace(NO_EVIDENCE, counted=0), 0.05, PACE, PLENTY, NOW) is None
    assert forecast(replace(NO_EVIDENCE, counted=100), 0.05, PACE, PLENTY, NOW) is None


def test_a_pace_beyond_all_time_is_a_date_all_the_same():
    found = forecast(NO_EVIDENCE, 0.05, replace(PACE, seconds=1e15), PLENTY, NOW)
    assert not found.fits
