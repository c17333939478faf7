"""What a suggestion is worth: how many in 100 pairs of its band had one fix, as measured on real crashes.

A score orders pairs and promises more than it holds, so nobody is shown it. Shown is the share of its band:

    score            pairs   one fix   in 100   fitted half   held out
    under 0.1        4,348       188        4             4          5
    0.1 up to 0.2      846       129       15            16         13
    0.2 up to 0.4      345        76       22            22         21
    0.4 and more        50        15       30            31         29

Source: all pairs of one project with a function in common among 2,471 OSS-Fuzz crash states (n132/ARVO-Meta); one fix
is one fixing commit. ``benchmarks/findings_parts/ossfuzz.py`` counts them again. That set had been merged
by ClusterFuzz's rule and has no lines. So of a pair that begins alike in a source that merges nothing, or breaks at one
line, nothing is known from it; ``None`` says so.
"""

from __future__ import annotations

from dataclasses import dataclass

from .scores import Scope, Sketch


@dataclass(frozen=True, slots=True)
class Band:
    """Scores from ``least`` up to the next band's: how many pairs were counted, and how many of them had one fix."""

    least: float
    pairs: int
    right: int

    @property
    def share(self) -> int:
        """In 100."""
        return round(100 * self.right / self.pairs)


BANDS = (Band(0.4, 50, 15), Band(0.2, 345, 76), Band(0.1, 846, 129), Band(0.0, 4348, 188))  # the highest first


def measured(a: Sketch, b: Sketch, within: Scope, value: float) -> Band | None:
    """The band of a pair with the score ``value``; ``None`` for one of a kind that was not measured."""
    begins_alike = a.functions[:2] == b.functions[:2] and not within.merged
    if begins_alike or (a.line and a.line == b.line):
        return None
    return next(band for band in BANDS if value >= band.least)


def sentence(band: Band | None) -> str:
    """What people read beside a suggestion."""
    if band is None:
        return "How many pairs that begin or break so alike have one fix has not been measured on real crashes."
    return f"Of {band.pairs:,} such pairs of real crashes {band.share} in 100 had one fix."
