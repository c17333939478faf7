"""The tree against RFC 6962's definitions and against two independent implementations."""

from __future__ import annotations

import hashlib

import pymerkle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sigstore._internal import merkle as sigstore_merkle

from seatrial.kernel.merkle import (
    EMPTY_ROOT,
    consistency_path,
    coordinates,
    frontier_coordinates,
    grow,
    inclusion_path,
    leaf_hash,
    number,
    root_of,
    verify_consistency,
    verify_inclusion,
)

# The eight entries and roots that the Certificate Transparency implementations share as test vectors.
CT_LEAVES = [
    bytes.fromhex(h)
    for h in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
CT_ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


class Tree:
    """A whole tree in memory, grown by the code under test."""

    def __init__(self, entries: list[bytes]) -> None:
        self.nodes: dict[tuple[int, int], bytes] = {}
        self.roots = [EMPTY_ROOT]
        self.frontier: list[bytes] = []
        for index, entry in enumerate(entries):
            leaf = leaf_hash(entry)
            self.nodes[0, index] = leaf
            self.frontier, made = grow(index, self.frontier, leaf)
            self.nodes.update(made)
            self.roots.append(root_of(self.frontier))

    def look(self, at: tuple[int, int]) -> bytes:
        return self.nodes[at]


def by_definition(leaves: list[bytes]) -> bytes:
    """MTH as RFC 6962, section 2.1 writes it."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + by_definition(leaves[:k]) + by_definition(leaves[k:])).digest()


ENTRIES = [f"entry {number}".encode() for number in range(70)]
TREE = Tree(ENTRIES)


@pytest.mark.parametrize("size", CT_ROOTS)
def test_the_shared_vectors_of_certificate_transparency(size: int) -> None:
    assert Tree(CT_LEAVES[:size]).roots[size].hex() == CT_ROOTS[size]


def test_every_root_is_the_one_the_rfc_defines() -> None:
    for size in range(len(ENTRIES) + 1):
        assert TREE.roots[size] == by_definition(ENTRIES[:size])


def test_every_root_agrees_with_an_independent_tree() -> None:
    peer = pymerkle.InmemoryTree(algorithm="sha256")
    for size, entry in enumerate(ENTRIES, 1):
        peer.append_entry(entry)
        assert peer.get_root() == TREE.roots[size]


def test_the_frontier_stands_where_it_is_said_to() -> None:
    for size in range(1, len(ENTRIES) + 1):
        places = frontier_coordinates(size)
        assert root_of([TREE.nodes[place] for place in places]) == TREE.roots[size]


def test_every_node_has_a_number_of_its_own_between_those_of_its_subtrees() -> None:
    numbers = {number((level, index)) for level in range(7) for index in range(64 >> level)}
    assert numbers == set(range(127))
    for level in range(1, 7):
        for index in range(64 >> level):
            left, right = (level - 1, 2 * index), (level - 1, 2 * index + 1)
            assert number(left) < number((level, index)) < number(right)


def test_every_inclusion_proof_up_to_seventy_verifies_here_and_by_an_independent_verifier() -> None:
    for size in range(1, len(ENTRIES) + 1):
        for index in range(size):
            path = inclusion_path(TREE.look, index, size)
            assert verify_inclusion(leaf_hash(ENTRIES[index]), index, size, path, TREE.roots[size])
            inner, border = sigstore_merkle._decomp_inclusion_proof(index, size)
            assert len(path) == inner + border
            found = sigstore_merkle._chain_inner(sigstore_merkle._hash_leaf(ENTRIES[index]), path[:inner], index)
            assert sigstore_merkle._chain_border_right(found, path[inner:]) == TREE.roots[size]


def test_a_proof_as_long_as_a_tree_of_another_size_would_not_have_it_is_refused() -> None:
    """Also where the hashes come out right: the root of a smaller tree does not pass for a larger one's."""
    assert not verify_inclusion(leaf_hash(b"alone"), 0, 2, [], leaf_hash(b"alone"))
    for size in range(1, 34):
        for index in range(size):
            path = inclusion_path(TREE.look, index, size)
            for claimed in range(index + 1, 70):
                if sum(sigstore_merkle._decomp_inclusion_proof(index, claimed)) != len(path):
                    assert not verify_inclusion(leaf_hash(ENTRIES[index]), index, claimed, path, TREE.roots[size])


def test_every_consistency_proof_up_to_seventy_verifies() -> None:
    for new in range(1, len(ENTRIES) + 1):
        for old in range(1, new + 1):
            path = consistency_path(TREE.look, old, new)
            assert verify_consistency(old, new, path, TREE.roots[old], TREE.roots[new])


def test_a_consistency_proof_too_short_for_the_size_it_claims_is_refused() -> None:
    for new in range(2, 34):
        for old in range(1, new):
            path = consistency_path(TREE.look, old, new)
            for claimed in range(new + 1, 70):
                if len(consistency_path(TREE.look, old, claimed)) > len(path):
                    assert not verify_consistency(old, claimed, path, TREE.roots[old], TREE.roots[new])


def test_proofs_look_at_few_nodes() -> None:
    entries = [str(number).encode() for number in range(1000)]
    tree = Tree(entries)
    for index in (0, 1, 499, 998, 999):
        assert len(coordinates(lambda look, index=index: inclusion_path(look, index, 1000))) <= 20
    assert verify_inclusion(leaf_hash(b"999"), 999, 1000, inclusion_path(tree.look, 999, 1000), tree.roots[1000])


@settings(max_examples=300)
@given(st.data())
def test_a_proof_with_anything_altered_is_refused(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 70))
    index = data.draw(st.integers(0, size - 1))
    path = inclusion_path(TREE.look, index, size)
    step = data.draw(st.integers(0, len(path) - 1))
    flipped = [bytes([hash_[0] ^ 1]) + hash_[1:] if place == step else hash_ for place, hash_ in enumerate(path)]
    leaf, root = leaf_hash(ENTRIES[index]), TREE.roots[size]
    assert not verify_inclusion(leaf, index, size, flipped, root)
    assert not verify_inclusion(leaf, index, size, path[:-1], root)
    assert not verify_inclusion(leaf, index, size, [*path, root], root)
    assert not verify_inclusion(leaf_hash(b"another"), index, size, path, root)
    assert not verify_inclusion(leaf, index, size, path, TREE.roots[size - 1])
    assert not verify_inclusion(leaf, size, size, path, root)
    assert not verify_inclusion(leaf, -1, size, path, root)


@settings(max_examples=300)
@given(st.data())
def test_a_history_that_was_rewritten_cannot_prove_consistency(data: st.DataObject) -> None:
    new = data.draw(st.integers(2, 70))
    old = data.draw(st.integers(1, new - 1))
    changed = data.draw(st.integers(0, old - 1))
    forged = Tree([b"forged" if place == changed else entry for place, entry in enumerate(ENTRIES[:new])])
    path = consistency_path(forged.look, old, new)
    assert not verify_consistency(old, new, path, TREE.roots[old], forged.roots[new])
    assert not verify_consistency(old, new, [], TREE.roots[old], TREE.roots[new])
    assert not verify_consistency(new, old, path, TREE.roots[new], TREE.roots[old])


def test_the_empty_tree_is_consistent_with_every_tree_and_a_tree_with_itself() -> None:
    assert verify_consistency(0, 5, [], EMPTY_ROOT, TREE.roots[5])
    assert verify_consistency(5, 5, [], TREE.roots[5], TREE.roots[5])
    assert not verify_consistency(5, 5, [], TREE.roots[5], TREE.roots[6])
    assert not verify_consistency(0, 5, [], TREE.roots[1], TREE.roots[5])
