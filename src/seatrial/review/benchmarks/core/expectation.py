"""What a campaign will take, told before it starts: attempts, money and days for each true rate it may meet.

Found by simulating the very decision that will run (``simulation.py``). Where the suite's items have calibrated shares
of successes these are their difficulties, moved together on the logit scale until their mean is the rate, with noise of
one logit for what another model finds hard; else difficulties are drawn from Beta(2p, 2(1 − p)), which puts a third of
the variance between items.

Attempts in flight when the verdict falls still finish and cost: ``concurrency`` − 1 are added to those counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seatrial.kernel.errors import Misuse
from seatrial.review.benchmarks.core.simulation import simulate
from seatrial.review.benchmarks.types import Manifest, Threshold

CAMPAIGNS = 2000
NOISE = 1.0  # logits by which an item's difficulty differs between models
DAY = 86_400.0

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Price:
    """What one attempt takes. ``per_million`` is the price of a million tokens, in any currency."""

    seconds: float | None = None
    tokens: float | None = None
    per_million: float | None = None


@dataclass(frozen=True, slots=True)
class Expectation:
    """Of campaigns at one true ``rate``. Attempts include those in flight when the verdict falls."""

    rate: float
    attempts: float  # mean
    tenth: int  # one campaign in ten takes no more than this
    ninetieth: int
    meets: float  # share of campaigns that end in this word
    tokens: float | None
    cost: float | None
    days: float | None
    days_ninetieth: float | None
    in_window: float | None  # share of campaigns that end within the window


def expected(
    threshold: Threshold,
    *,
    items: int,
    epochs: int,
    rates: Sequence[float] | None = None,
    predictions: Sequence[float] | None = None,
    concurrency: int = 1,
    price: Price | None = None,
    window_days: float | None = None,
    seed: int = 0,
) -> tuple[Expectation, ...]:
    """One row for each of ``rates`` (from 0.05 to 0.95 and the zone's edges, if not given).

    ``predictions`` has one calibrated share of successes for each item. The same arguments give the same figures.
    Raises ``Misuse``: ``bad-plan`` for numbers that make no campaign, ``bad-threshold``.
    """
    if items < 1 or epochs < 1 or concurrency < 1 or (predictions is not None and len(predictions) != items):
        raise Misuse("bad-plan", "A plan needs items, epochs and concurrency of at least 1, and a prediction an item.")
    price = price or Price()
    if any(
        part is not None and not part >= 0 for part in (price.seconds, price.tokens, price.per_million, window_days)
    ):
        raise Misuse("bad-plan", "Seconds, tokens, prices and days of a plan cannot be negative.")
    wanted = _rates(threshold) if rates is None else tuple(rates)
    if not all(0 < rate < 1 for rate in wanted):
        raise Misuse("bad-plan", "A true rate must lie between 0 and 1.")
    return tuple(
        _row(
            threshold,
            rate,
            items,
            epochs,
            predictions,
            concurrency,
            price,
            window_days,
            np.random.default_rng([seed, at]),
        )
        for at, rate in enumerate(wanted)
    )


def calibrated(manifest: Manifest) -> tuple[float, ...] | None:
    """The share of successes foreseen for each item, ½ where none was calibrated; ``None`` if none was at all."""
    if all(item.difficulty is None for item in manifest.items):
        return None
    return tuple(0.5 if item.difficulty is None else item.difficulty for item in manifest.items)


def _rates(threshold: Threshold) -> tuple[float, ...]:
    middle = (threshold.low + threshold.high) / 2
    usual = [round(step / 20, 2) for step in range(1, 20)]
    return tuple(sorted({*usual, threshold.low, round(middle, 6), threshold.high}))


def _row(
    threshold: Threshold,
    rate: float,
    items: int,
    epochs: int,
    predictions: Sequence[float] | None,
    concurrency: int,
    price: Price,
    window_days: float | None,
    rng: np.random.Generator,
) -> Expectation:
    chances = _chances(rate, items, predictions, rng)
    scores = (rng.random((CAMPAIGNS, items, epochs)) < chances[:, :, None]).astype(np.int32)
    coded = (np.arange(items, dtype=np.int32)[:, None] * 2 + scores).reshape(CAMPAIGNS, items * epochs)
    coded = rng.permuted(coded, axis=1)
    foreseen = None if predictions is None else np.tile(np.asarray(predictions, dtype=np.float64), (CAMPAIGNS, 1))
    verdicts, counted = simulate(coded & 1, threshold, items=coded >> 1, predictions=foreseen)
    started = np.minimum(counted + concurrency - 1, items * epochs)
    mean = float(started.mean())
    days = None if price.seconds is None else started * price.seconds / concurrency / DAY
    tokens = None if price.tokens is None else mean * price.tokens
    return Expectation(
        rate=rate,
        attempts=mean,
        tenth=int(np.quantile(started, 0.1)),
        ninetieth=int(np.quantile(started, 0.9)),
        meets=float((verdicts == 1).mean()),
        tokens=tokens,
        cost=None if tokens is None or price.per_million is None else tokens * price.per_million / 1e6,
        days=None if days is None else float(days.mean()),
        days_ninetieth=None if days is None else float(np.quantile(days, 0.9)),
        in_window=None if days is None or window_days is None else float((days <= window_days).mean()),
    )


def _chances(rate: float, items: int, predictions: Sequence[float] | None, rng: np.random.Generator) -> Floats:
    """Each item's chance of success in each campaign, shape (CAMPAIGNS, items)."""
    if predictions is None:
        return rng.beta(2 * rate, 2 * (1 - rate), size=(CAMPAIGNS, items))
    share = np.clip(np.asarray(predictions, dtype=np.float64), 0.02, 0.98)
    logits = np.log(share / (1 - share)) + NOISE * rng.standard_normal((CAMPAIGNS, items))
    low, high = np.full((CAMPAIGNS, 1), -20.0), np.full((CAMPAIGNS, 1), 20.0)
    for _ in range(40):
        middle = (low + high) / 2
        short = (1 / (1 + np.exp(-logits - middle))).mean(axis=1, keepdims=True) < rate
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    chances: Floats = 1 / (1 + np.exp(-logits - (low + high) / 2))
    return chances
