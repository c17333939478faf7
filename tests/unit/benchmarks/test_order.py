"""The committed order: recomputable by anyone, uniform, and bound by its digest."""

import hashlib
from collections import Counter

import pytest

from seatrial.kernel.errors import Misuse
from seatrial.review.benchmarks.core.order import cells_of, committed_order, order_digest


def test_the_order_is_specified_bit_for_bit():
    order = committed_order(cells_of(["a", "b", "c"], 2), "sea trial")
    assert [cell.id for cell in order] == ["b#2", "b#1", "c#2", "c#1", "a#1", "a#2"]


def test_anyone_can_recompute_the_order_from_the_written_rule():
    names = [f"item-{i}#{epoch}" for i in range(20) for epoch in (1, 2, 3)]
    expected = list(names)
    for i in range(len(expected) - 1, 0, -1):
        k = 0
        while True:
            u = int.from_bytes(hashlib.sha256(f"seatrial-order/1\0köln\0{i}\0{k}".encode()).digest()[:8], "big")
            if u < 2**64 - 2**64 % (i + 1):
                break
            k += 1
        j = u % (i + 1)
        expected[i], expected[j] = expected[j], expected[i]
    order = committed_order(cells_of([f"item-{i}" for i in range(20)], 3), "köln")
    assert [cell.id for cell in order] == expected


def test_every_order_is_equally_likely():
    cells = cells_of(["a", "b", "c", "d"], 1)
    seen = Counter(committed_order(cells, str(seed)) for seed in range(12_000))
    assert len(seen) == 24
    assert sum((count - 500) ** 2 / 500 for count in seen.values()) < 50  # chi-square, 23 degrees, p < 0.001


def test_the_digest_binds_cells_and_order():
    cells = cells_of(["a", "b"], 2)
    digests = {order_digest(committed_order(cells, seed)) for seed in "abcdef"}
    assert len(digests) > 1
    assert order_digest(committed_order(cells, "a")) == order_digest(committed_order(cells, "a"))


@pytest.mark.parametrize("epochs", [0, -1, 1001])
def test_a_campaign_without_epochs_is_refused(epochs):
    with pytest.raises(Misuse, match="epochs"):
        cells_of(["a"], epochs)
