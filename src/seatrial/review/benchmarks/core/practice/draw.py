"""Seeded draws that come out alike on every machine and every Python.

Python promises that ``random.Random(seed).random()`` never changes its sequence; it promises nothing of
``choice`` or ``shuffle``. So everything here is made from ``random()`` alone, seeded with a SHA-256.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

from seatrial.kernel.digests import digest_of

T = TypeVar("T")


class Draw:
    """A stream of draws that ``path`` alone decides, e.g. ``Draw(seed, family, index)``."""

    def __init__(self, *path: str | int) -> None:
        seed = int(digest_of(list(path)).removeprefix("sha256:"), 16)
        self._random = random.Random(seed)  # noqa: S311 - reproducible by design; nothing here is a secret

    def below(self, bound: int) -> int:
        """A whole number of 0 … ``bound`` - 1, for bounds up to 2**40 (beyond, the bias would show)."""
        return int(self._random.random() * bound)

    def between(self, least: int, most: int) -> int:
        """A whole number of ``least`` … ``most``, both included."""
        return least + self.below(most - least + 1)

    def chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def pick(self, things: Sequence[T]) -> T:
        return things[self.below(len(things))]

    def order(self, things: Sequence[T]) -> list[T]:
        """All of ``things``, shuffled (Fisher and Yates)."""
        left = list(things)
        for last in range(len(left) - 1, 0, -1):
            other = self.below(last + 1)
            left[last], left[other] = left[other], left[last]
        return left

    def some(self, things: Sequence[T], count: int) -> list[T]:
        """``count`` different ones of ``things``."""
        return self.order(things)[:count]

    def bytes(self, count: int) -> bytes:
        return bytes(self.below(256) for _ in range(count))

    def apart(self) -> Draw:
        """Draws of another stream that this one decides: for a twin, whose answer must not be its item's."""
        return Draw("apart", self.below(2**40))
