"""The random order of a campaign's cells: drawn from a seed by a rule that anyone can recompute.

Cells stand first in their natural order: items as in the suite, and for each item epochs 1, 2, ….
Then Fisher and Yates: for i = M − 1 down to 1 swap cells i and j, where j is uniform on 0 … i:

    u = the first 8 bytes, big-endian, of SHA-256("seatrial-order/1" ␀ seed ␀ i ␀ k)     k = 0, 1, …
    take the first k for which u < 2⁶⁴ − (2⁶⁴ mod (i + 1));   j = u mod (i + 1)

(␀ is one zero byte, the seed is UTF-8, i and k are decimal digits.) The ledger gets a salted commitment
to the seed and the digest of the order before the first attempt, and the seed when the campaign ends.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from seatrial.kernel.digests import Digest, digest_of
from seatrial.kernel.errors import Misuse
from seatrial.review.benchmarks.types import Cell

_SPAN = 2**64


def cells_of(items: Sequence[str], epochs: int) -> tuple[Cell, ...]:
    """Every (item, epoch) in natural order. Raises ``Misuse`` (``bad-epochs``) unless epochs is 1 to 1,000."""
    if not 1 <= epochs <= 1000:
        raise Misuse("bad-epochs", f"{epochs} epochs cannot be run; use 1 to 1000.")
    return tuple(Cell(item, epoch) for item in items for epoch in range(1, epochs + 1))


def cell_of(text: str) -> Cell:
    """The cell whose id this is."""
    item, _, epoch = text.rpartition("#")
    return Cell(item, int(epoch))


def committed_order(cells: Sequence[Cell], seed: str) -> tuple[Cell, ...]:
    """``cells`` in the order that ``seed`` fixes."""
    order = list(cells)
    for i in range(len(order) - 1, 0, -1):
        j = _draw(seed, i)
        order[i], order[j] = order[j], order[i]
    return tuple(order)


def order_digest(order: Sequence[Cell]) -> Digest:
    """SHA-256 of the canonical JSON list of cell ids in this order."""
    return digest_of([cell.id for cell in order])


def _draw(seed: str, i: int) -> int:
    limit = _SPAN - _SPAN % (i + 1)
    k = 0
    while True:
        text = b"\0".join([b"seatrial-order/1", seed.encode(), str(i).encode(), str(k).encode()])
        u = int.from_bytes(hashlib.sha256(text).digest()[:8], "big")
        if u < limit:
            return u % (i + 1)
        k += 1
