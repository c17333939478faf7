"""A random sample that anybody draws again: each entry's place in line is a hash of the seed and where it stands."""

from __future__ import annotations

from collections.abc import Iterable

from seatrial.kernel.digests import digest_of


def drawn(seed: str, log: str, indexes: Iterable[int], n: int) -> tuple[int, ...]:
    """The ``n`` entries with the least hashes, in the order of the log. Fewer if there are fewer."""
    line = sorted(indexes, key=lambda index: digest_of([seed, log, index]))
    return tuple(sorted(line[:n]))
