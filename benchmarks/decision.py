"""Attempts and errors of the sequential decision, against a fixed-sample plan and Wald's test.

    python -m benchmarks.decision [--quick]

Suites of 120 items × 10 epochs with Beta(2p, 2(1 − p)) difficulties, zone 0.45–0.55, α = 0.05. A verdict is
wrong when it contradicts the suite's own mean. "Of bound" is against Wald's expected number for independent
draws, "of Wald" against his test on the same suites. Bars are figures measured before; the run fails
(exit 1) if one is missed by more than its sampling error or a promise is broken. One JSON line last.
"""

from __future__ import annotations

import json
import math
import sys
import time

import numpy as np
from numpy.typing import NDArray

from seatrial.kernel.digests import digest
from seatrial.review.benchmarks.core.fixed_sample import fixed_sample, fixed_sample_of_cells, wald_expected
from seatrial.review.benchmarks.core.sequential import SequentialTest
from seatrial.review.benchmarks.core.simulation import simulate
from seatrial.review.benchmarks.types import Threshold

ITEMS, EPOCHS = 120, 10
ZONE = Threshold(digest(b"simulated"), "mean", 0.45, 0.55, 0.05)
BARS = {0.1: 14, 0.3: 34, 0.4: 73, 0.45: 118, 0.5: 150, 0.55: 118, 0.6: 73, 0.7: 34, 0.9: 14}  # attempts, mean


def suites(rate: float, campaigns: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Scores in random order, shape (campaigns, ITEMS · EPOCHS)."""
    chance = rng.beta(2 * rate, 2 * (1 - rate), size=(campaigns, ITEMS))
    scores = (rng.random((campaigns, ITEMS, EPOCHS)) < chance[:, :, None]).reshape(campaigns, -1)
    return rng.permuted(scores.astype(np.float64), axis=1)


def wald(scores: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Wald's sequential test with the same errors promised, as ``simulate`` gives it (0 where it never ends)."""
    up, down = math.log(ZONE.high / ZONE.low), math.log((1 - ZONE.high) / (1 - ZONE.low))
    walk = np.where(scores > 0, up, down).cumsum(axis=1)
    beyond = np.abs(walk) >= math.log((1 - ZONE.alpha) / ZONE.alpha)
    ended = beyond.any(axis=1)
    last = np.where(ended, beyond.argmax(axis=1), scores.shape[1] - 1)
    return (np.sign(walk[np.arange(len(walk)), last]) * ended).astype(np.int64), last + 1


def contradicted(scores: NDArray[np.float64], verdicts: NDArray[np.int64]) -> float:
    """How often the verdict contradicts the suite's own mean."""
    mean = scores.mean(axis=1)
    return float((((verdicts == 1) & (mean < ZONE.low)) | ((verdicts == -1) & (mean > ZONE.high))).mean())


def main() -> int:
    quick = "--quick" in sys.argv[1:]
    campaigns = 1000 if quick else 4000
    rng = np.random.default_rng(14409)
    fixed = fixed_sample(ZONE)
    rows, kept = [], True
    print(
        f"{'rate':>5} {'attempts':>9} {'p90':>5} {'of fixed':>9} {'of bound':>9} {'of Wald':>8} {'wrong':>7} {'bar':>5}"
    )
    for rate, bar in BARS.items():
        scores = suites(rate, campaigns, rng)
        verdicts, counted = simulate(scores, ZONE)
        wrong = contradicted(scores, verdicts)
        walds_verdicts, walds_attempts = wald(scores)
        attempts, error = float(counted.mean()), float(counted.std() / math.sqrt(campaigns))
        kept &= wrong <= ZONE.alpha and bool((verdicts != 0).all()) and attempts <= bar + 0.5 + 3 * error
        row = {
            "rate": rate,
            "attempts": round(attempts, 1),
            "p90": int(np.quantile(counted, 0.9)),
            "of_fixed": round(attempts / fixed, 2),
            "of_walds_bound": round(attempts / wald_expected(ZONE, rate), 2),
            "of_walds_test": round(attempts / float(walds_attempts.mean()), 2),
            "walds_wrong": contradicted(scores, walds_verdicts),
            "wrong": wrong,
            "bar": bar,
        }
        rows.append(row)
        print(
            f"{rate:5} {attempts:9.1f} {row['p90']:5} {row['of_fixed']:9} {row['of_walds_bound']:9} "
            f"{row['of_walds_test']:8} {wrong:7.2%} {bar:5}",
            flush=True,
        )
    hardest = np.zeros((campaigns, ITEMS * EPOCHS))
    hardest[:, : math.ceil(ZONE.low * ITEMS * EPOCHS) - 1] = 1.0
    verdicts, _ = simulate(rng.permuted(hardest, axis=1), ZONE)
    at_edge = float((verdicts == 1).mean())
    kept &= at_edge <= ZONE.alpha
    test, started = SequentialTest(ITEMS * EPOCHS, ZONE), time.perf_counter()
    for score in suites(0.5, 1, rng)[0]:
        test.update(score)
    per_update = (time.perf_counter() - started) / (ITEMS * EPOCHS)
    print(
        f"suites one success below the zone: {at_edge:.2%} wrong; one update with its funnel: {per_update * 1e6:.0f} µs"
    )
    print(
        json.dumps(
            {
                "claim": "honest verdicts after few attempts",
                "bars": {
                    "attempts and errors, every row": {
                        "asked": "as determinations.md states",
                        "measured": max(at_edge, *(row["wrong"] for row in rows)),
                        "holds": kept,
                    }
                },
                "campaigns_a_row": campaigns,
                "fixed_sample": fixed,
                "fixed_sample_of_cells": fixed_sample_of_cells(ZONE, ITEMS * EPOCHS),
                "alpha": ZONE.alpha,
                "worst_wrong": max(at_edge, *(row["wrong"] for row in rows)),
                "wrong_at_the_hardest_suite": at_edge,
                "microseconds_an_update": round(per_update * 1e6),
                "rows": rows,
            }
        )
    )
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
