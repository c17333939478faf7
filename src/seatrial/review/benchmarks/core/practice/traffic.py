"""What lines of logs and captures are made of: addresses, and what several sources say in one sequence."""

from __future__ import annotations

from collections.abc import Sequence

from seatrial.review.benchmarks.core.practice.draw import Draw


def outside(draw: Draw, count: int) -> list[str]:
    """Different addresses out on the net (RFC 5737's)."""
    nets = ("192.0.2", "198.51.100", "203.0.113")
    return [f"{draw.pick(nets)}.{last}" for last in draw.some(range(2, 250), count)]


def woven(draw: Draw, *strands: Sequence[str]) -> list[str]:
    """All strands in one sequence that keeps the order within each."""
    turns = draw.order([number for number, strand in enumerate(strands) for _ in strand])
    left = [iter(strand) for strand in strands]
    return [next(left[turn]) for turn in turns]
