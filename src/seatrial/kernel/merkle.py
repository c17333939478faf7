"""The Merkle tree of RFC 6962: roots, inclusion proofs, consistency proofs, and their verification.

A *node* (level, index) is the root of the complete subtree over the leaves [index·2^level, (index+1)·2^level);
level 0 is the leaves. Complete nodes never change, so they can be stored once. Proofs are made from a
``look`` function that returns a complete node's hash, and cost O(log n) looks. Verification follows
RFC 9162, sections 2.1.3.2 and 2.1.4.2, which state the algorithms RFC 6962 leaves to the reader.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Sequence

Hash = bytes  # 32 bytes
Coordinate = tuple[int, int]  # (level, index)
Look = Callable[[Coordinate], Hash]

EMPTY_ROOT: Hash = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> Hash:
    """MTH of one entry: SHA-256(0x00 || data)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: Hash, right: Hash) -> Hash:
    """SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def grow(size: int, frontier: Sequence[Hash], leaf: Hash) -> tuple[list[Hash], list[tuple[Coordinate, Hash]]]:
    """Append ``leaf`` to a tree of ``size`` leaves.

    ``frontier`` holds the roots of the complete subtrees that make up the tree, largest first (one for each
    one-bit of ``size``). Returns the new frontier and the complete nodes of level 1 and up that came to be.
    """
    grown, made = list(frontier), []
    level, index, hash_ = 0, size, leaf
    while index & 1:
        hash_ = node_hash(grown.pop(), hash_)
        level, index = level + 1, index >> 1
        made.append(((level, index), hash_))
    grown.append(hash_)
    return grown, made


def root_of(frontier: Sequence[Hash]) -> Hash:
    """The tree's root, from its frontier."""
    if not frontier:
        return EMPTY_ROOT
    root = frontier[-1]
    for left in reversed(frontier[:-1]):
        root = node_hash(left, root)
    return root


def frontier_coordinates(size: int) -> list[Coordinate]:
    """Where the frontier of a tree of ``size`` leaves stands, largest first."""
    found, start = [], 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            found.append((level, start >> level))
            start += 1 << level
    return found


def number(at: Coordinate) -> int:
    """A node's place in in-order numbering: one number for each, so that many can be asked for at once.

    Leaves are even; a node stands between its left and its right subtree (level 1: 1, 5, 9, …; level 2: 3, 11, …).
    """
    level, index = at
    return (index << level + 1) + (1 << level) - 1


def range_root(look: Look, start: int, end: int) -> Hash:
    """MTH of the leaves [start, end), where ``start`` is a multiple of the largest subtree in it."""
    count = end - start
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return look((level, start >> level))
    middle = start + _split(count)
    return node_hash(range_root(look, start, middle), range_root(look, middle, end))


def inclusion_path(look: Look, index: int, size: int) -> list[Hash]:
    """PATH(index, D[size]) of RFC 6962, section 2.1.1; needs 0 ≤ index < size."""
    path: list[Hash] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(range_root(look, middle, end))
            end = middle
        else:
            path.append(range_root(look, start, middle))
            start = middle
    return path[::-1]


def consistency_path(look: Look, old: int, new: int) -> list[Hash]:
    """PROOF(old, D[new]) of RFC 6962, section 2.1.2; needs 0 < old ≤ new."""
    path: list[Hash] = []
    start, end, whole = 0, new, True
    while end > old:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(range_root(look, middle, end))
            end = middle
        else:
            path.append(range_root(look, start, middle))
            start, whole = middle, False
    if not whole:
        path.append(range_root(look, start, end))
    return path[::-1]


def coordinates(make: Callable[[Look], object]) -> list[Coordinate]:
    """Which complete nodes ``make`` would look at, so that they can be fetched at once."""
    seen: list[Coordinate] = []

    def record(at: Coordinate) -> Hash:
        seen.append(at)
        return EMPTY_ROOT

    make(record)
    return seen


def verify_inclusion(leaf: Hash, index: int, size: int, path: Iterable[Hash], root: Hash) -> bool:
    """True if ``path`` proves that ``leaf`` stands at ``index`` in the tree of ``size`` with ``root``."""
    if not 0 <= index < size:
        return False
    position, last, hash_ = index, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if position & 1 or position == last:
            hash_ = node_hash(step, hash_)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            hash_ = node_hash(hash_, step)
        position, last = position >> 1, last >> 1
    return last == 0 and hmac.compare_digest(hash_, root)


def verify_consistency(old: int, new: int, path: Sequence[Hash], old_root: Hash, new_root: Hash) -> bool:
    """True if ``path`` proves that the tree of ``new`` leaves starts with the tree of ``old`` leaves."""
    if not 0 <= old <= new:
        return False
    if old == 0:
        return not path and hmac.compare_digest(old_root, EMPTY_ROOT)
    if old == new:
        return not path and hmac.compare_digest(old_root, new_root)
    steps = list(path)
    if old & (old - 1) == 0:
        steps.insert(0, old_root)
    if not steps:
        return False
    position, last = old - 1, new - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    was = now = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            was, now = node_hash(step, was), node_hash(step, now)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            now = node_hash(now, step)
        position, last = position >> 1, last >> 1
    return last == 0 and hmac.compare_digest(was, old_root) and hmac.compare_digest(now, new_root)


def _split(count: int) -> int:
    """The largest power of two smaller than ``count``."""
    return 1 << (count - 1).bit_length() - 1
