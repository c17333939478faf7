"""What a plan foretells, against the campaigns it stands for."""

import time

import pytest

from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Misuse
from seatrial.review.benchmarks.core.expectation import Price, expected
from seatrial.review.benchmarks.core.fixed_sample import fixed_sample, smallest_error
from seatrial.review.benchmarks.core.planning import power_lost
from seatrial.review.benchmarks.types import Threshold

ZONE = Threshold(digest(b"suite"), "mean", 0.45, 0.55, 0.05)


def test_a_plan_foretells_the_attempts_of_the_yardstick():
    rows = {row.rate: row for row in expected(ZONE, items=120, epochs=10, rates=(0.3, 0.5, 0.9))}
    assert rows[0.3].attempts == pytest.approx(34, abs=2)
    assert rows[0.5].attempts == pytest.approx(143, rel=0.08)
    assert rows[0.9].attempts == pytest.approx(13, abs=1)
    assert rows[0.3].meets < 0.01 < 0.4 < rows[0.5].meets < 0.6 < 0.99 < rows[0.9].meets
    assert all(row.tenth <= row.attempts <= row.ninetieth <= 1200 for row in rows.values())


def test_calibrated_items_need_fewer_attempts():
    shares = [(at % 20 + 0.5) / 20 for at in range(120)]
    [blind] = expected(ZONE, items=120, epochs=10, rates=(0.45,))
    [seeing] = expected(ZONE, items=120, epochs=10, rates=(0.45,), predictions=shares)
    assert seeing.attempts < 0.85 * blind.attempts


def test_cost_days_and_window_follow_from_what_an_attempt_takes():
    price = Price(seconds=3600, tokens=50_000, per_million=10.0)
    [row] = expected(ZONE, items=40, epochs=5, rates=(0.5,), concurrency=4, price=price, window_days=1.0)
    assert row.tokens == pytest.approx(row.attempts * 50_000)
    assert row.cost == pytest.approx(row.attempts * 0.5)
    assert row.days == pytest.approx(row.attempts * 3600 / 4 / 86400)
    assert row.days <= row.days_ninetieth
    assert 0 < row.in_window < 1
    [alone] = expected(ZONE, items=40, epochs=5, rates=(0.5,))
    assert (alone.cost, alone.days, alone.in_window) == (None, None, None)
    assert row.attempts == pytest.approx(alone.attempts + 3, abs=1.5)


def test_a_plan_takes_seconds_and_is_the_same_each_time():
    started = time.process_time()
    rows = expected(ZONE, items=60, epochs=5)
    assert time.process_time() - started < 20
    assert rows == expected(ZONE, items=60, epochs=5)
    assert {0.45, 0.5, 0.55} <= {row.rate for row in rows}


@pytest.mark.parametrize(
    "wrong",
    [
        {"items": 0},
        {"epochs": 0},
        {"concurrency": 0},
        {"predictions": [0.5]},
        {"rates": (1.0,)},
        {"price": Price(seconds=-1.0)},
        {"window_days": -1.0},
    ],
)
def test_a_plan_for_no_campaign_is_refused(wrong):
    with pytest.raises(Misuse) as caught:
        expected(ZONE, **{"items": 10, "epochs": 2, **wrong})
    assert caught.value.code == "bad-plan"


def test_exclusions_cost_the_error_at_which_a_rate_is_settled():
    assert smallest_error(ZONE, fixed_sample(ZONE)) == pytest.approx(0.05, abs=2e-4)
    lost = power_lost(ZONE, cells_before=400, cells_after=200)
    assert lost.error_before < 0.05 < lost.error_after
    assert lost.attempts_before > lost.attempts_after
    assert lost.swing == 0.5
    assert "50% of the scale" in lost.sentence
    with pytest.raises(Misuse, match="keep at least one"):
        power_lost(ZONE, cells_before=3, cells_after=0)
