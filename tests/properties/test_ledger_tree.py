"""The tree against another implementation, pymerkle's: the same roots and proofs, each side verifying the other's.

And as a state machine: whatever is appended, checkpointed and asked for in whatever order, old promises stay kept.
"""

from __future__ import annotations

import random
from typing import Any

import pymerkle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from seatrial.kernel.merkle import (
    EMPTY_ROOT,
    consistency_path,
    coordinates,
    frontier_coordinates,
    grow,
    inclusion_path,
    leaf_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

LARGE = 4096 + 77


class Tree:
    """Leaves appended one by one; every complete node that came to be, and every root."""

    def __init__(self) -> None:
        self.nodes: dict[tuple[int, int], bytes] = {}
        self.frontier: list[bytes] = []
        self.roots = [EMPTY_ROOT]

    def append(self, data: bytes) -> None:
        leaf, size = leaf_hash(data), len(self.roots) - 1
        self.nodes[0, size] = leaf
        self.frontier, made = grow(size, self.frontier, leaf)
        self.nodes.update(made)
        self.roots.append(root_of(self.frontier))

    def look(self, at: tuple[int, int]) -> bytes:
        return self.nodes[at]


@pytest.fixture(scope="module")
def pair() -> tuple[Tree, Any, list[bytes]]:
    chance = random.Random(6962)
    entries = [chance.randbytes(chance.randint(0, 40)) for _ in range(LARGE)]
    ours, theirs = Tree(), pymerkle.InmemoryTree(algorithm="sha256")
    for entry in entries:
        ours.append(entry)
        theirs.append_entry(entry)
    return ours, theirs, entries


def through_theirs(index: int, size: int, leaf: bytes, path: list[bytes]) -> Any:
    """Our inclusion path in pymerkle's form, which starts with the leaf and says on which side each step stands."""
    rule, _ = pymerkle.core._inclusion_path_layout(index + 1, size)
    return pymerkle.InclusionProof("sha256", True, size, index + 1, rule, [leaf, *path])


def test_every_proof_up_to_sixty_four_is_theirs_step_for_step(pair: tuple[Tree, Any, list[bytes]]) -> None:
    ours, theirs, entries = pair
    for size in range(1, 65):
        assert theirs.get_root(size) == ours.roots[size]
        for index in range(size):
            path = inclusion_path(ours.look, index, size)
            assert theirs.prove_inclusion(index + 1, size).path == [leaf_hash(entries[index]), *path]
        for old in range(1, size + 1):
            check_consistency(ours, theirs, old, size)


def check_consistency(ours: Tree, theirs: Any, old: int, new: int) -> None:
    """Our proof and theirs verify under both sides' roots (theirs names every subtree, so the forms differ)."""
    path = consistency_path(ours.look, old, new)
    assert verify_consistency(old, new, path, theirs.get_root(old), theirs.get_root(new))
    pymerkle.verify_consistency(ours.roots[old], ours.roots[new], theirs.prove_consistency(old, new), old, new)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_in_a_large_tree_each_side_verifies_the_others_proofs(
    pair: tuple[Tree, Any, list[bytes]], data: st.DataObject
) -> None:
    ours, theirs, entries = pair
    size = data.draw(st.integers(1, LARGE) | st.sampled_from([1, 2, 4095, 4096, 4097, LARGE]))
    index = data.draw(st.integers(0, size - 1))
    leaf = leaf_hash(entries[index])
    path = inclusion_path(ours.look, index, size)
    pymerkle.verify_inclusion(leaf, theirs.get_root(size), through_theirs(index, size, leaf, path), index + 1, size)
    assert verify_inclusion(leaf, index, size, theirs.prove_inclusion(index + 1, size).path[1:], ours.roots[size])
    check_consistency(ours, theirs, data.draw(st.integers(1, size)), size)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_proofs_look_at_logarithmically_many_nodes_and_all_are_stored(
    pair: tuple[Tree, Any, list[bytes]], data: st.DataObject
) -> None:
    ours, _, _ = pair
    size = data.draw(st.integers(1, LARGE))
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    for wanted in (
        coordinates(lambda look: inclusion_path(look, index, size)),
        coordinates(lambda look: consistency_path(look, old, size)),
        frontier_coordinates(size),
    ):
        assert len(wanted) <= 2 * size.bit_length()
        assert all(place in ours.nodes for place in wanted)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_proof_is_good_for_its_place_and_its_tree_only(
    pair: tuple[Tree, Any, list[bytes]], data: st.DataObject
) -> None:
    ours, _, entries = pair
    size = data.draw(st.integers(2, LARGE))
    index, other = data.draw(st.lists(st.integers(0, size - 1), min_size=2, max_size=2, unique=True))
    path = inclusion_path(ours.look, index, size)
    assert not verify_inclusion(leaf_hash(entries[index]), other, size, path, ours.roots[size])
    another = data.draw(st.integers(index + 1, LARGE).filter(lambda n: n != size))
    assert not verify_inclusion(leaf_hash(entries[index]), index, size, path, ours.roots[another])
    inner = ours.nodes[1, index >> 1] if (1, index >> 1) in ours.nodes else ours.roots[size]
    assert not verify_inclusion(inner, index, size, path, ours.roots[size]), "an inner node passed for a leaf"


@settings(max_examples=300, deadline=None)
@given(
    leaf=st.binary(min_size=32, max_size=32),
    index=st.integers(-5, 2**70),
    size=st.integers(-5, 2**70),
    path=st.lists(st.binary(max_size=40), max_size=80),
    root=st.binary(min_size=32, max_size=32),
)
def test_verification_of_anything_ends_with_no(
    leaf: bytes, index: int, size: int, path: list[bytes], root: bytes
) -> None:
    assert not verify_inclusion(leaf, index, size, path, root)
    if index != size and not (index == 0 and leaf == EMPTY_ROOT and not path):
        assert not verify_consistency(index, size, path, leaf, root)


class History(RuleBasedStateMachine):
    """One log, its readers and its witnesses: each keeps what it was once given."""

    def __init__(self) -> None:
        super().__init__()
        self.tree, self.entries = Tree(), list[bytes]()
        self.checkpoints: list[tuple[int, bytes]] = [(0, EMPTY_ROOT)]
        self.receipts: list[tuple[int, int, list[bytes]]] = []

    @rule(data=st.lists(st.binary(max_size=8), min_size=1, max_size=9))
    def append(self, data: list[bytes]) -> None:
        for entry in data:
            self.tree.append(entry)
            self.entries.append(entry)

    @rule()
    def sign(self) -> None:
        self.checkpoints.append((len(self.entries), self.tree.roots[-1]))

    @rule(share=st.floats(0, 1))
    def take_a_receipt(self, share: float) -> None:
        size = self.checkpoints[-1][0]
        if size:
            index = min(int(share * size), size - 1)
            self.receipts.append((index, size, inclusion_path(self.tree.look, index, size)))

    @invariant()
    def every_receipt_ever_given_verifies_under_its_checkpoint(self) -> None:
        roots = dict(self.checkpoints)
        for index, size, path in self.receipts:
            assert verify_inclusion(leaf_hash(self.entries[index]), index, size, path, roots[size])

    @invariant()
    def every_checkpoint_grows_from_every_earlier_one(self) -> None:
        for old, old_root in self.checkpoints:
            for new, new_root in self.checkpoints:
                if 0 < old <= new:
                    path = consistency_path(self.tree.look, old, new)
                    assert verify_consistency(old, new, path, old_root, new_root)
                elif old > new:
                    assert not verify_consistency(old, new, [], old_root, new_root)

    @invariant()
    def the_tree_is_what_another_would_have_built(self) -> None:
        theirs = pymerkle.InmemoryTree(algorithm="sha256")
        theirs.append_entries(self.entries)
        assert theirs.get_root() == self.tree.roots[-1]


History.TestCase.settings = settings(max_examples=40, stateful_step_count=15, deadline=None)
TestHistory = History.TestCase
