"""Which of the reproduced proofs are one flaw: by equal crashes alone, with the fixes tried, and as ClusterFuzz would.

Truth is the flaw that was planted. *Precision* and *recall* are of pairs of reproduced proofs. With the fixes: one of
each group of equal crashes is tried with every fix of its program, and what a fix stops is one flaw
(``core/likeness/checks``). The peer is the rule that ClusterFuzz documents: two or more equal top frames in order, or a
mean similarity of lines over 0.8.
"""

from __future__ import annotations

import asyncio
import difflib
import itertools
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.findings_parts.corpus import archive, flaws, program
from benchmarks.findings_parts.validation import Judged, corpus

from seatrial.clearinghouse.proofs.types import CrashFacts, Proof, Verdict
from seatrial.clearinghouse.triage.core.likeness import Item, checks, clusters
from seatrial.kernel.digests import digest

PRECISION, RECALL = 0.995, 0.97


def measure(quick: bool) -> dict[str, Any]:
    judged = [one for one in corpus(quick)[0] if one.case.true and one.validation.verdict is Verdict.REPRODUCED]
    items = [
        Item(one.case.id, one.case.proof.recipe.target.digest, one.case.program, one.validation.crash) for one in judged
    ]
    truth = {one.case.id: one.case.flaw for one in judged}
    alone = _scores(truth, _groups(clusters(items)))
    results, runs = _tried(judged, items)
    ours = _scores(truth, _groups(clusters(items, checks.relations(results))))
    peer = _scores(truth, _peer(judged))
    return {
        "bars": {
            "pairwise precision": {"asked": f">= {PRECISION}", "measured": ours[0], "holds": ours[0] >= PRECISION},
            "pairwise recall": {"asked": f">= {RECALL}", "measured": ours[1], "holds": ours[1] >= RECALL},
            "precision above ClusterFuzz's rule": {
                "asked": f"> {peer[0]}",
                "measured": ours[0],
                "holds": ours[0] > peer[0],
            },
            "recall above ClusterFuzz's rule": {
                "asked": f"> {peer[1]}",
                "measured": ours[1],
                "holds": ours[1] > peer[1],
            },
        },
        "proofs": len(items),
        "equal_crashes_alone": alone,
        "with_fixes_tried": ours,
        "runs_with_fixes": runs,
        "of_all_possible": round(runs / max(1, sum(len(program(item.scope).flaws) for item in items)), 3),
        "clusterfuzz_rule": peer,
    }


def _tried(judged: list[Judged], items: list[Item]) -> tuple[dict[tuple[str, str], bool], int]:
    """What each fix that was worth trying did to each proof, and how many proofs were run for it."""
    proofs = {one.case.id: one.case.proof for one in judged}
    targets = {item.scope: item.target for item in items}
    patches = {flaw.id: targets[flaw.program] for flaw in flaws() if flaw.program in targets}
    results: dict[tuple[str, str], bool] = {}
    with tempfile.TemporaryDirectory() as place:
        while asked := checks.wanted(items, patches, results):
            results |= asyncio.run(_run(asked, proofs, Path(place)))
    return results, len(results)


async def _run(
    asked: Iterable[tuple[str, str]], proofs: Mapping[str, Proof], place: Path
) -> dict[tuple[str, str], bool]:
    from seatrial.clearinghouse.proofs import api

    pairs = list(asked)
    fixed = [_with_fix(proofs[finding], patch) for patch, finding in pairs]
    found = {}
    async for number, validation in api.validate_many(fixed, shelf=api.Shelf(place)):
        found[pairs[number]] = validation.verdict is Verdict.NOT_REPRODUCED
    return found


def _with_fix(proof: Proof, patch: str) -> Proof:
    """The proof run on its program with one flaw mended."""
    name = proof.recipe.target.name
    packed = archive(name, [flaw for flaw in program(name).flaws if flaw != patch])
    target = replace(proof.recipe.target, digest=digest(packed))
    attachments = {key: data for key, data in proof.attachments.items() if key != proof.recipe.target.digest}
    return Proof(replace(proof.recipe, target=target, repeats=1), {**attachments, target.digest: packed})


def _groups(found: Iterable[Any]) -> dict[str, str]:
    return {item: cluster.id for cluster in found for item in cluster.items}


def _peer(judged: list[Judged]) -> dict[str, str]:
    """Groups by ClusterFuzz's documented rule, joined transitively, as it groups."""
    above = {one.case.id: one.case.id for one in judged}

    def root(name: str) -> str:
        while above[name] != name:
            name = above[name]
        return name

    by_program: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        by_program[one.case.program].append(one)
    for several in by_program.values():
        states: dict[tuple[str, ...], list[Judged]] = defaultdict(list)
        for one in several:
            states[_state(one.validation.crash)].append(one)
        firsts = {state: ones[0].case.id for state, ones in states.items()}
        for ones in states.values():
            for one in ones[1:]:
                above[root(one.case.id)] = root(ones[0].case.id)
        for one, other in itertools.combinations(firsts, 2):
            if one and other and _alike(one, other):
                above[root(firsts[other])] = root(firsts[one])
    return {name: root(name) for name in above}


def _state(crash: CrashFacts | None) -> tuple[str, ...]:
    """What ClusterFuzz calls the crash state: the top three frames."""
    return tuple(frame.function for frame in crash.frames[:3]) if crash else ()


def _alike(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    in_order = _longest(one, other) >= 2
    similar = [difflib.SequenceMatcher(None, a, b).ratio() for a, b in zip(one, other, strict=False)]
    return in_order or (len(similar) > 0 and sum(similar) / max(len(one), len(other)) > 0.8)


def _longest(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """Of the longest common subsequence."""
    lengths = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i, a in enumerate(one):
        for j, b in enumerate(other):
            lengths[i + 1][j + 1] = lengths[i][j] + 1 if a == b else max(lengths[i][j + 1], lengths[i + 1][j])
    return lengths[-1][-1]


def _scores(truth: Mapping[str, str], groups: Mapping[str, str]) -> tuple[float, float]:
    """Precision and recall of pairs."""
    joined, same = _pairs(truth, groups.get), _pairs(truth, truth.get)
    right = _pairs(truth, lambda name: (groups[name], truth[name]))
    return round(right / joined, 4) if joined else 1.0, round(right / same, 4) if same else 1.0


def _pairs(names: Iterable[str], key: Callable[[str], object]) -> int:
    """How many pairs of ``names`` have the same key."""
    sizes: dict[object, int] = defaultdict(int)
    for name in names:
        sizes[key(name)] += 1
    return sum(size * (size - 1) // 2 for size in sizes.values())
