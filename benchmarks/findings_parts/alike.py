"""Planted flaws: are the inputs that show one flaw put together, and those of different flaws kept apart?

    python -m benchmarks.findings_parts.alike [--quick]

Every stored input of every program is run once as the program is shipped, without names, and its crash is read and
named afterwards. Then the fixes come, one a flaw, as they would come from maintainers: those that ``wanted`` asks for
are tried on the inputs that it asks for, in real builds. Measured over pairs: how many of those joined are right, and
how many of those that are one flaw are joined, by the exact key alone, by the key and what patches showed, and by
ClusterFuzz's comparer (three functions, chained) on the same crashes. Programs that serve requests are left out here:
they do not crash. ``--quick``: every ninth input of three programs.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.findings_parts import corpus
from benchmarks.findings_parts.corpus import truth as real
from benchmarks.findings_parts.ossfuzz import similar

from seatrial.clearinghouse.proofs.core.crash import Place, facts_of, symbolised, unnamed
from seatrial.clearinghouse.proofs.types import CrashFacts
from seatrial.clearinghouse.triage.core.likeness import Item, clusters, exact_key, relations, wanted

PRECISION, RECALL, CORES = 0.995, 0.97, 2
Labels = Mapping[str, object]


def main() -> int:
    told = measure(quick="--quick" in sys.argv[1:])
    holds = all(bar["holds"] for bar in told["bars"].values())
    claim = "inputs that show one planted flaw are put together, and no others"
    print(json.dumps({"claim": claim, "holds": holds, **told}))
    return 0 if holds else 1


def measure(*, quick: bool) -> dict[str, Any]:
    """Bars over pairs, and the figures beside them."""
    names = [one.name for one in corpus.programs() if not one.service and _inputs(one.name)]
    inputs = [variant for name in (names[:3] if quick else names) for variant in _inputs(name)[:: 9 if quick else 1]]
    flaw_of = {variant.id: variant.flaw for variant in inputs}
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as home, ThreadPoolExecutor(CORES) as pool:
        bench = real.Bench(Path(home))
        for name in {variant.program for variant in inputs}:
            bench.shipped(name)
        read = dict(zip(flaw_of, pool.map(lambda one: crash(bench, one), inputs), strict=True))
        facts = named(read)
        items = [Item(one.id, one.program, one.program, facts[one.id]) for one in inputs]
        crashed = time.perf_counter() - start
        results = tried(bench, pool, items, {one.id: one for one in inputs})
    exact = {item.id: exact_key(item) or item.id for item in items}
    decided = {name: cluster.id for cluster in clusters(items, relations(results)) for name in cluster.items}
    ours, key, peer = (pairs(found, flaw_of) for found in (decided, exact, chained(items)))
    return {
        "bars": {
            "joined pairs that are one flaw": bar(PRECISION, ours["right"]),
            "pairs of one flaw that are joined": bar(RECALL, ours["found"]),
            "better than ClusterFuzz's comparer on both": {
                "asked": "yes",
                "measured": f"{ours['right']} and {ours['found']} against {peer['right']} and {peer['found']}",
                "holds": ours["right"] > peer["right"] and ours["found"] > peer["found"],
            },
        },
        "exact key and patches": ours,
        "exact key alone": key,
        "ClusterFuzz's comparer": peer,
        "inputs": len(inputs),
        "flaws": len(set(flaw_of.values())),
        "clusters": len(set(decided.values())),
        "patches tried": len(results),
        "of all that could be": sum(len(corpus.program(one.program).flaws) for one in inputs),
        "seconds": {"to crash": round(crashed, 1), "in all": round(time.perf_counter() - start, 1)},
    }


def _inputs(name: str) -> list[corpus.Variant]:
    return [one for one in corpus.variants() if one.program == name]


# Crashes -----------------------------------------------------------------------------------------


def crash(bench: real.Bench, one: corpus.Variant) -> CrashFacts | None:
    outcome = real.run(bench.shipped(one.program), one.data)
    return None if outcome.status is None else facts_of(outcome.stdout, outcome.stderr, outcome.status)


def named(read: Mapping[str, CrashFacts | None]) -> dict[str, CrashFacts | None]:
    """The facts with names, each binary asked once."""
    places: dict[str, set[int]] = {}
    for facts in read.values():
        for module, offset in unnamed(facts) if facts else ():
            places.setdefault(module, set()).add(offset)
    names = {(m, o): found for m, offsets in places.items() for o, found in lines_of(m, sorted(offsets)).items()}
    return {name: symbolised(facts, names) if facts else None for name, facts in read.items()}


def lines_of(module: str, offsets: list[int]) -> dict[int, list[Place]]:
    asked = ["addr2line", "-aifCe", module, *map(hex, offsets)]
    found: dict[int, list[Place]] = {}
    said = iter(subprocess.run(asked, capture_output=True, text=True, check=False).stdout.splitlines())
    for line in said:
        if line.startswith("0x"):
            frames = found[int(line, 16)] = []
        else:
            path, _, number = next(said).partition(" ")[0].rpartition(":")
            frames.append((line, path, int(number) if number.isdigit() else None))
    return found


# Patches -----------------------------------------------------------------------------------------


def tried(
    bench: real.Bench, pool: ThreadPoolExecutor, items: list[Item], inputs: Mapping[str, corpus.Variant]
) -> dict[tuple[str, str], bool]:
    """(flaw whose fix was tried, input) → whether the input's own claim no longer shows; what ``wanted`` asks for."""
    shown = {one.flaw: one.program for one in inputs.values()}
    results: dict[tuple[str, str], bool] = {}

    def stops(asked: tuple[str, str]) -> bool:
        fix, name = asked
        own = corpus.flaw(inputs[name].flaw)
        return not real.fires(bench.without(corpus.flaw(fix)), own, inputs[name].data)

    while asked := wanted(items, shown, results):
        results |= dict(zip(asked, pool.map(stops, asked), strict=True))
    return results


# Measures ----------------------------------------------------------------------------------------


def chained(items: Iterable[Item]) -> Labels:
    """ClusterFuzz's comparer on the three innermost functions of each crash, within a program, as single links."""
    states: dict[tuple[str, ...], list[str]] = {}
    for item in items:
        functions = [frame.function for frame in item.facts.frames[:3]] if item.facts else []
        states.setdefault((item.target, *functions) if functions else (item.target, item.id, ""), []).append(item.id)
    above = {state: state for state in states}

    def root(state: tuple[str, ...]) -> tuple[str, ...]:
        while above[state] != state:
            state = above[state]
        return state

    for one, other in itertools.combinations(states, 2):
        if one[0] == other[0] and "" not in (one[-1], other[-1]) and similar(one[1:], other[1:]):
            above[root(one)] = root(other)
    return {name: root(state) for state, names in states.items() for name in names}


def pairs(found: Labels, truth: Labels) -> dict[str, Any]:
    both = Counter((found[name], truth[name]) for name in truth)
    right, joined, there = (_pairs(sizes) for sizes in (both, Counter(found.values()), Counter(truth.values())))
    return {
        "right": round(right / joined, 4) if joined else 1.0,
        "found": round(right / there, 4),
        "joined": joined,
        "wrong": joined - right,
        "clusters": len(set(found.values())),
    }


def _pairs(sizes: Counter[Any]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes.values())


def bar(asked: float, measured: float) -> dict[str, Any]:
    return {"asked": f">= {asked:g}", "measured": measured, "holds": measured >= asked}


if __name__ == "__main__":
    sys.exit(main())
