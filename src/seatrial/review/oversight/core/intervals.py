"""Shares and spreads. The interval is Wilson's (1927), which stays inside 0 and 1 and is fit for few."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from seatrial.review.oversight.types import Share, Spread

_Z = 1.959963984540054  # 95 %, both sides


def share(k: int, n: int) -> Share:
    """``k`` of ``n`` with its interval."""
    if n == 0:
        return Share(0, 0, None, None)
    p, z2 = k / n, _Z * _Z
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return Share(k, n, 0.0 if k == 0 else middle - half, 1.0 if k == n else middle + half)


def spread(values: Sequence[float]) -> Spread:
    """How many, the middle one, the largest."""
    if not values:
        return Spread(0, None, None)
    return Spread(len(values), float(statistics.median(values)), float(max(values)))
