"""The measure on planted flaws: its rules, and one program of the corpus from crash to cluster in real builds."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from benchmarks.findings_parts import alike, corpus
from benchmarks.findings_parts.corpus import truth as real

from seatrial.clearinghouse.proofs.types import CrashFacts, Frame
from seatrial.clearinghouse.triage.core.likeness import Item, clusters, relations


def test_pairs_are_counted_as_defined() -> None:
    truth = {"a": 1, "b": 1, "c": 1, "d": 2}
    told = alike.pairs({"a": "x", "b": "x", "c": "y", "d": "y"}, truth)
    assert (told["joined"], told["wrong"], told["right"], told["found"]) == (2, 1, 0.5, round(1 / 3, 4))


def test_the_peer_joins_along_a_chain_and_within_a_program() -> None:
    def item(name: str, *functions: str, target: str = "t") -> Item:
        return Item(name, target, target, CrashFacts("asan", "segv", frames=tuple(map(Frame, functions))))

    found = alike.chained(
        [
            item("a", "read", "parse", "main"),
            item("b", "read", "parse", "show"),
            item("c", "parse", "show", "main"),
            item("d", "other", "thing"),
            item("e", "read", "parse", "main", target="u"),
            Item("f", "t", "t"),
        ]
    )
    assert found["a"] == found["b"] == found["c"]
    assert len({found[name] for name in "adef"}) == 4


@pytest.mark.compiler
@pytest.mark.skipif(not (shutil.which("gcc") and shutil.which("addr2line")), reason="needs gcc and addr2line")
def test_one_program_from_crash_to_cluster(tmp_path: Path) -> None:
    inputs = {one.id: one for one in corpus.variants() if one.program == "tlvdump" and one.number < 3}
    bench = real.Bench(tmp_path)
    facts = alike.named({name: alike.crash(bench, one) for name, one in inputs.items()})
    assert all(found is not None and found.frames for found in facts.values())
    items = [Item(name, "tlvdump", "tlvdump", facts[name]) for name in inputs]
    with ThreadPoolExecutor(2) as pool:
        results = alike.tried(bench, pool, items, inputs)
    decided = {name: cluster.id for cluster in clusters(items, relations(results)) for name in cluster.items}
    told = alike.pairs(decided, {name: one.flaw for name, one in inputs.items()})
    assert (told["right"], told["found"]) == (1.0, 1.0)
