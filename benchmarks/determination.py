"""Attempts, errors and coverage of the sequential decision, against a fixed-sample plan and Wald's test.

    python -m benchmarks.determination [--quick]

1. *The yardstick*: 120 items × 10 epochs, Beta(2p, 2(1 − p)) difficulties, zone 0.45–0.55, α = 0.05. "Items" is what a
   campaign does by itself; "blind" sees scores only; "calibrated" has a difficulty for each item from a weaker
   reference model's ten epochs, which finds four items of five as hard as this one does and the rest not.
2. *The hardest suites*: one success short of the zone, or one beyond it, of 40 to 400 items × 1 to 10 epochs, zones of
   0.02 to 0.10, successes spread evenly or heaped on few items, difficulties foreseen rightly and perversely. A verdict
   is wrong when it contradicts the suite's own mean. Asked is that the upper 99 % bound (Clopper and Pearson) of each
   error is at most α, below and above the zone.
3. *Drawn suites*: items in families, difficulties drawn at the edges of the zone.
4. *Coverage*: how often a bound of the confidence sequence ever leaves the suite's mean, over all cells; each side ≤ α.
5. *Completion in adversarial order*: forty at once and failures first, through ``Prefix``: the same verdict after the
   same number as in the committed order. Beside it, how often counting as they arrive is wrong.

Seeded; exits 1 if a bar is missed. One JSON line last.
"""

from __future__ import annotations

import heapq
import json
import math
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seatrial.kernel.digests import digest
from seatrial.review.benchmarks.core.fixed_sample import fixed_sample, fixed_sample_of_cells, wald_expected
from seatrial.review.benchmarks.core.intervals import clopper_pearson_upper
from seatrial.review.benchmarks.core.prefix import Prefix
from seatrial.review.benchmarks.core.sequential import SequentialTest
from seatrial.review.benchmarks.core.simulation import missed, simulate
from seatrial.review.benchmarks.types import AttemptResult, Threshold, Verdict

Table = NDArray[np.float64]
SUITE = digest(b"simulated")
ITEMS, EPOCHS = 120, 10
ZONE = Threshold(SUITE, "mean", 0.45, 0.55, 0.05)
RATES = (0.1, 0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7, 0.9)
OF_FIXED = {0.3: 0.13, 0.45: 0.47, 0.5: 0.65, 0.55: 0.47, 0.7: 0.13}  # bars
OF_WALD, OF_WALD_CALIBRATED = 0.95, 0.85  # at the edges
SPEED = 1e6
TOGETHER = 8192  # campaigns simulated at once
WORKERS = 40


@dataclass(frozen=True)
class Suites:
    """Simulated campaigns in the order drawn: scores and items (campaigns, cells), predictions (campaigns, items)."""

    scores: Table
    items: NDArray[np.int64]
    predictions: Table

    def known(self, what: str) -> dict[str, Any]:
        full = {"items": self.items, "predictions": self.predictions}
        return {"blind": {}, "items": {"items": self.items}}.get(what, full)


def shuffled(scores: Table, predictions: Table, rng: np.random.Generator) -> Suites:
    """Random orders of suites given as (campaigns, items, epochs)."""
    campaigns, items, epochs = scores.shape
    coded = np.arange(items, dtype=np.int32)[:, None] * 2 + scores.astype(np.int32)
    coded = rng.permuted(coded.reshape(campaigns, items * epochs), axis=1)
    return Suites((coded & 1).astype(np.float64), (coded >> 1).astype(np.int64), predictions)


def drawn(rate: float, campaigns: int, rng: np.random.Generator, items: int = ITEMS, epochs: int = EPOCHS) -> Suites:
    """Beta difficulties, and what the reference model made of them."""
    chance = rng.beta(2 * rate, 2 * (1 - rate), size=(campaigns, items))
    other = np.where(rng.random(chance.shape) < 0.8, chance, rng.beta(2 * rate, 2 * (1 - rate), size=chance.shape))
    scores = (rng.random((campaigns, items, epochs)) < chance[:, :, None]).astype(np.float64)
    return shuffled(scores, (rng.binomial(10, other**1.5) + 0.5) / 11, rng)


def in_families(rate: float, campaigns: int, rng: np.random.Generator, items: int, epochs: int) -> Suites:
    """Families of eight items that are hard or easy together."""
    family = rng.beta(3 * rate, 3 * (1 - rate), size=(campaigns, -(-items // 8))).repeat(8, axis=1)[:, :items]
    family = np.clip(family, 0.01, 0.99)
    chance = rng.beta(4 * family, 4 * (1 - family))
    scores = (rng.random((campaigns, items, epochs)) < chance[:, :, None]).astype(np.float64)
    return shuffled(scores, family, rng)


@dataclass(frozen=True)
class Hard:
    """A suite just outside the zone. ``heaped``: whole items succeed or fail; ``knows`` as of ``Suites.known``."""

    items: int
    epochs: int
    low: float
    high: float
    alpha: float = 0.05
    heaped: bool = False
    knows: str = "blind"
    times: int = 1  # as many campaigns, where an error close to α takes more to be told from one beyond it

    @property
    def threshold(self) -> Threshold:
        return Threshold(SUITE, "mean", self.low, self.high, self.alpha)

    @property
    def name(self) -> str:
        zone = f"{self.low:.2f}-{self.high:.2f} α {self.alpha}"
        return f"{self.items}×{self.epochs} {zone} {'heaped' if self.heaped else 'even'} {self.knows}"

    def suites(self, above: bool, campaigns: int, rng: np.random.Generator) -> Iterator[Suites]:
        cells = self.items * self.epochs
        successes = math.floor(self.high * cells + 1e-9) + 1 if above else math.ceil(self.low * cells - 1e-9) - 1
        one = (np.arange(cells) < successes).astype(np.float64)
        table = one.reshape(self.items, self.epochs) if self.heaped else one.reshape(self.epochs, self.items).T
        foreseen = table.mean(axis=1) if self.knows == "calibrated" else 1 - table.mean(axis=1)
        for start in range(0, campaigns, TOGETHER):
            size = min(TOGETHER, campaigns - start)
            yield shuffled(np.tile(table, (size, 1, 1)), np.tile(foreseen, (size, 1)), rng)


QUICK = (
    Hard(40, 10, 0.45, 0.55),
    Hard(40, 10, 0.45, 0.55, heaped=True, knows="items"),
    Hard(40, 10, 0.60, 0.65, heaped=True, knows="calibrated"),
    Hard(40, 10, 0.45, 0.55, heaped=True, knows="misled"),
    Hard(40, 1, 0.45, 0.55),
    Hard(100, 3, 0.49, 0.51),
)
FULL = (
    *QUICK,
    *(
        Hard(items, epochs, low, high, 0.05, heaped, knows, 4 if (items, high) == (120, 0.55) else 1)
        for items, epochs in ((120, 10), (400, 1), (60, 5))
        for low, high in ((0.45, 0.55), (0.49, 0.51), (0.06, 0.10))
        for heaped, knows in ((False, "blind"), (True, "items"))
    ),
    Hard(120, 10, 0.45, 0.55, heaped=True, knows="calibrated"),
    Hard(120, 10, 0.45, 0.55, heaped=True, knows="misled", times=4),
    Hard(120, 10, 0.88, 0.95, heaped=True, knows="items", times=4),
    Hard(120, 10, 0.45, 0.55, 0.01),
    Hard(120, 10, 0.45, 0.55, 0.1, heaped=True, knows="items"),
    Hard(400, 10, 0.45, 0.55, heaped=True, knows="items", times=8),
    Hard(400, 10, 0.49, 0.51, times=2),
)


def contradicted(scores: Table, verdicts: NDArray[np.int64], zone: Threshold) -> int:
    """In how many campaigns the verdict contradicts the suite's own mean."""
    mean = scores.mean(axis=1)
    return int((((verdicts == 1) & (mean < zone.low - 1e-12)) | ((verdicts == -1) & (mean > zone.high + 1e-12))).sum())


def wald(scores: Table) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Wald's sequential test with the same errors promised, as ``simulate`` gives it (0 where it never ends)."""
    up, down = math.log(ZONE.high / ZONE.low), math.log((1 - ZONE.high) / (1 - ZONE.low))
    walk = np.where(scores > 0, up, down).cumsum(axis=1)
    beyond = np.abs(walk) >= math.log((1 - ZONE.alpha) / ZONE.alpha)
    ended = beyond.any(axis=1)
    last = np.where(ended, beyond.argmax(axis=1), scores.shape[1] - 1)
    return (np.sign(walk[np.arange(len(walk)), last]) * ended).astype(np.int64), last + 1


class Bars:
    """What was asked, what was measured, and whether it holds."""

    def __init__(self) -> None:
        self.found: dict[str, dict[str, Any]] = {}

    def at_most(self, name: str, measured: float, asked: float) -> None:
        self.found[name] = {"asked": f"≤ {asked}", "measured": round(measured, 4), "holds": measured <= asked}

    def at_least(self, name: str, measured: float, asked: float) -> None:
        self.found[name] = {"asked": f"≥ {asked:g}", "measured": float(f"{measured:.3g}"), "holds": measured >= asked}

    @property
    def kept(self) -> bool:
        return all(bar["holds"] for bar in self.found.values())


def yardstick(campaigns: int, rng: np.random.Generator, bars: Bars) -> tuple[int, list[dict[str, Any]]]:
    fixed, rows, speeds = fixed_sample(ZONE), [], {"blind": 0.0, "items": 0.0, "calibrated": 0.0}
    print(f"{'rate':>5} {'knows':>10} {'attempts':>15} {'p90':>5} {'of fixed':>9} {'of bound':>9} {'of Wald':>8} wrong")
    for rate in RATES:
        suites = drawn(rate, campaigns, rng)
        theirs = float(wald(suites.scores)[1].mean())
        for knows in speeds:
            started = time.process_time()
            verdicts, counted = simulate(suites.scores, ZONE, **suites.known(knows))
            speeds[knows] = max(speeds[knows], float(counted.sum()) / (time.process_time() - started))
            attempts, error = float(counted.mean()), float(counted.std() / math.sqrt(campaigns))
            wrong = contradicted(suites.scores, verdicts, ZONE)
            row = {
                "rate": rate,
                "knows": knows,
                "attempts": round(attempts, 1),
                "standard_error": round(error, 2),
                "p90": int(np.quantile(counted, 0.9)),
                "of_fixed": round(attempts / fixed, 3),
                "of_walds_bound": round(attempts / wald_expected(ZONE, rate), 3),
                "of_walds_test": round(attempts / theirs, 3),
                "wrong": wrong / campaigns,
            }
            rows.append(row)
            print(
                f"{rate:5} {knows:>10} {attempts:9.1f} ± {error:3.1f} {row['p90']:5} {row['of_fixed']:9} "
                f"{row['of_walds_bound']:9} {row['of_walds_test']:8} {row['wrong']:.2%}",
                flush=True,
            )
            bars.at_most(f"wrong at {rate}, {knows}, upper bound", clopper_pearson_upper(wrong, campaigns), ZONE.alpha)
            if rate in OF_FIXED and knows != "blind":
                bars.at_most(f"attempts at {rate} of the fixed sample, {knows}", attempts / fixed, OF_FIXED[rate])
    edges = {
        knows: [row["of_walds_bound"] for row in rows if row["knows"] == knows and row["rate"] in (0.45, 0.55)]
        for knows in speeds
    }
    bars.at_most("attempts at the edges of Wald's bound, items", sum(edges["items"]) / 2, OF_WALD)
    bars.at_most("attempts at the edges of Wald's bound, calibrated", sum(edges["calibrated"]) / 2, OF_WALD_CALIBRATED)
    for knows, speed in speeds.items():
        bars.at_least(f"updates a second of one processor, {knows}", speed, SPEED)
    return campaigns * len(rows), rows


def hardest(case: Hard, campaigns: int, rng: np.random.Generator, bars: Bars) -> tuple[int, dict[str, Any]]:
    row: dict[str, Any] = {"suite": case.name, "campaigns": campaigns}
    for above in (False, True):
        wrong, attempts, undecided, most = 0, 0, 0, 0
        for suites in case.suites(above, campaigns, rng):
            verdicts, counted = simulate(suites.scores, case.threshold, **suites.known(case.knows))
            wrong += contradicted(suites.scores, verdicts, case.threshold)
            attempts, undecided = attempts + int(counted.sum()), undecided + int((verdicts == 0).sum())
            most = max(most, int(counted.max()))
        side = "above" if above else "below"
        upper = clopper_pearson_upper(wrong, campaigns)
        row[side] = {"wrong": wrong / campaigns, "upper": round(upper, 5), "attempts": round(attempts / campaigns, 1)}
        bars.at_most(f"wrong {side} {case.name}, upper bound", upper, case.alpha)
        bars.at_most(f"undecided {side} {case.name}", undecided, 0)
        bars.at_most(f"most attempts {side} {case.name}", most, case.items * case.epochs)
    print(
        f"{case.name:45}",
        *(f"{side}: {row[side]['wrong']:.3%} (≤ {row[side]['upper']:.3%})" for side in ("below", "above")),
        flush=True,
    )
    return 2 * campaigns, row


def families(campaigns: int, rng: np.random.Generator, bars: Bars) -> int:
    done = 0
    for items, epochs, zone in (
        (40, 5, Threshold(SUITE, "mean", 0.45, 0.55, 0.05)),
        (120, 3, Threshold(SUITE, "mean", 0.2, 0.26, 0.05)),
    ):
        for rate in (zone.low, zone.high):
            suites = in_families(rate, campaigns, rng, items, epochs)
            verdicts, counted = simulate(suites.scores, zone, **suites.known("calibrated"))
            wrong = contradicted(suites.scores, verdicts, zone)
            print(
                f"families {items}×{epochs} at {rate}: {wrong / campaigns:.3%} wrong after {counted.mean():.0f}",
                flush=True,
            )
            upper = clopper_pearson_upper(wrong, campaigns)
            bars.at_most(f"wrong in families {items}×{epochs} at {rate}, upper bound", upper, zone.alpha)
            done += campaigns
    return done


def coverage(campaigns: int, rng: np.random.Generator, bars: Bars) -> int:
    """Suites whose mean is a point of the grid, so that nothing is given away between points."""
    done = 0
    for successes, knows in ((48, "blind"), (60, "items"), (66, "calibrated"), (18, "items")):
        zone = Threshold(SUITE, "mean", 0.45, 0.55, 0.05)
        table = (np.arange(120) < successes).astype(np.float64).reshape(40, 3)
        foreseen = np.tile(table.mean(axis=1), (campaigns, 1))
        suites = shuffled(np.tile(table, (campaigns, 1, 1)), foreseen, rng)
        for side, left in zip(("lower", "upper"), missed(suites.scores, zone, **suites.known(knows)), strict=True):
            name = f"{side} bound leaves the mean {successes / 120}, {knows}"
            print(f"{name}: {left.mean():.3%}", flush=True)
            bars.at_most(f"{name}, upper bound", clopper_pearson_upper(int(left.sum()), campaigns), zone.alpha)
        done += campaigns
    return done


def arrivals(scores: Table) -> list[int]:
    """The sequence in which cells finish when a failure takes a tenth of a success's time."""
    pool: list[float] = []
    finished = []
    for cell, score in enumerate(scores):
        start = heapq.heappop(pool) if len(pool) == WORKERS else 0.0
        end = start + (1.0 if score else 0.1)
        heapq.heappush(pool, end)
        finished.append((end, cell))
    return [cell for _, cell in sorted(finished)]


def adversary(campaigns: int, through_prefix: int, rng: np.random.Generator, bars: Bars) -> int:
    case = Hard(60, 5, 0.45, 0.55, heaped=True, knows="items")
    suites = next(case.suites(True, campaigns, rng))
    sequences = [arrivals(row) for row in suites.scores]
    naive, _ = simulate(np.array([row[seen] for row, seen in zip(suites.scores, sequences, strict=True)]), ZONE)
    verdicts, counted = simulate(suites.scores, ZONE, items=suites.items)
    words = {1: Verdict.MEETS, -1: Verdict.BELOW}
    differing = 0
    for row in range(through_prefix):
        epoch: dict[int, int] = {}
        order = []
        for item in suites.items[row]:
            epoch[int(item)] = epoch.get(int(item), 0) + 1
            order.append(f"item-{item}#{epoch[int(item)]}")
        prefix = Prefix(order, ZONE)
        for cell in sequences[row]:
            if prefix.over:
                break
            score = float(suites.scores[row, cell])
            prefix.record(AttemptResult(order[cell], score, 1.0, SUITE, 0, 0, "model", False))
        decision = prefix.decision
        differing += (decision.verdict, decision.counted) != (words[int(verdicts[row])], int(counted[row]))
    wrong, arrived = contradicted(suites.scores, verdicts, ZONE), contradicted(suites.scores, naive, ZONE)
    shares = f"{arrived / campaigns:.1%} as they arrive, {wrong / campaigns:.1%} by prefix"
    print(f"wrong with failures first, {WORKERS} at once: {shares}")
    bars.at_most("campaigns that completion order changed", differing, 0)
    bars.at_most("wrong with failures first, upper bound", clopper_pearson_upper(wrong, campaigns), ZONE.alpha)
    return campaigns


def main() -> int:
    quick = "--quick" in sys.argv[1:]
    rng, bars = np.random.default_rng(14409), Bars()
    done, rows = yardstick(3000 if quick else 20_000, rng, bars)
    hard = []
    for case in QUICK if quick else FULL:
        size = 40_000 if quick else 100_000 if case.items * case.epochs <= 1200 else 40_000
        campaigns, row = hardest(case, size * (1 if quick else case.times), rng, bars)
        done += campaigns
        hard.append(row)
    done += families(3000 if quick else 20_000, rng, bars)
    done += coverage(40_000 if quick else 100_000, rng, bars)
    done += adversary(4000, 40 if quick else 300, rng, bars)
    suites = drawn(0.5, 1, rng)
    test, started = SequentialTest(ITEMS * EPOCHS, ZONE, items=list(suites.items[0])), time.process_time()
    for score in suites.scores[0]:
        test.update(score)
    single = (time.process_time() - started) / (ITEMS * EPOCHS)
    missed_bars = [name for name, bar in bars.found.items() if not bar["holds"]]
    print(f"one update with its funnel: {single * 1e6:.0f} µs")
    print(f"{done} campaigns; bars missed: {missed_bars or 'none'}")
    worst = max(row[side]["upper"] for row in hard for side in ("below", "above") if "α 0.05" in row["suite"])
    print(
        json.dumps(
            {
                "claim": "honest verdicts after few attempts",
                "bars": bars.found,
                "campaigns": done,
                "worst_upper_bound": worst,
                "fixed_sample": fixed_sample(ZONE),
                "fixed_sample_of_cells": fixed_sample_of_cells(ZONE, ITEMS * EPOCHS),
                "microseconds_an_update_with_funnel": round(single * 1e6),
                "yardstick": rows,
                "hardest": hard,
            },
            ensure_ascii=False,
        )
    )
    return 0 if bars.kept else 1


if __name__ == "__main__":
    sys.exit(main())
