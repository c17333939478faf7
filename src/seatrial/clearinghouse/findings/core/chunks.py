"""Many reports, one ledger entry: the entry holds the root of a Merkle tree (RFC 6962) over a leaf for each report.

A leaf binds a report's id to the digest of its content. The id has 80 random bits, so whoever sees the leaf of another
report in a path learns nothing of it. A reporter's receipt is the entry's own receipt and the path to its root.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seatrial.kernel.canonical import canonical
from seatrial.kernel.errors import Misuse, SeatrialError
from seatrial.kernel.merkle import Coordinate, Hash, grow, inclusion_path, leaf_hash, root_of, verify_inclusion
from seatrial.ledger.types import Verified

RECEIVED, CHUNK_RECEIVED = "report.received", "report.chunk-received"


def leaf(report: str, content: str) -> Hash:
    """What stands for one report."""
    return leaf_hash(canonical([report, content]))


def root(leaves: Sequence[Hash]) -> Hash:
    """What stands for all of them."""
    frontier: list[Hash] = []
    for place, one in enumerate(leaves):
        frontier, _ = grow(place, frontier, one)
    return root_of(frontier)


def path(leaves: Sequence[Hash], place: int) -> list[Hash]:
    """What shows that the leaf at ``place`` is under the root."""
    nodes: dict[Coordinate, Hash] = {}
    frontier: list[Hash] = []
    for number, one in enumerate(leaves):
        frontier, made = grow(number, frontier, one)
        nodes[(0, number)] = one
        nodes.update(made)
    return inclusion_path(nodes.__getitem__, place, len(leaves))


def check_receipt(receipt: dict[str, Any], entry: Verified) -> None:
    """That ``entry``, whose own receipt was verified, records the report that ``receipt`` names.

    Raises ``Misuse`` (``receipt-invalid``).
    """
    try:
        report, content = str(receipt["report"]), str(receipt["content"])
        facts = entry.facts
        if entry.kind == RECEIVED:
            sound = (facts["report"], facts["content"]) == (report, content)
        elif entry.kind == CHUNK_RECEIVED:
            said = receipt["chunk"]
            steps = [bytes.fromhex(step) for step in said["path"]]
            stands_for, top = leaf(report, content), bytes.fromhex(facts["root"])
            sound = verify_inclusion(stands_for, said["place"], facts["reports"], steps, top)
        else:
            sound = False
    except (KeyError, TypeError, ValueError, SeatrialError) as error:
        raise _unsound("it cannot be read") from error
    if not sound:
        raise _unsound("the entry records another report")


def _unsound(why: str) -> Misuse:
    return Misuse("receipt-invalid", f"This receipt of a report does not verify: {why}; ask for it again.")
