"""Real crashes: which of 2,471 OSS-Fuzz states share their fix, from the states alone.

    python -m benchmarks.findings_parts.ossfuzz [--quick] [--fit]

A state is a type, a sanitizer and three functions; the truth is the fixing commit. The set was deduplicated once, by
ClusterFuzz's own comparer, before it was published: equal states in it are, but for a few, different flaws, and
*joining nothing at all* already scores 0.866 (B³ F1). So the bar of 0.84 says how much a method may join wrongly, not
that it is better than nothing; beside it stand the pairs found, how many of those suggested are right, the same figures
for the peers, and what nothing in a state can tell.

Weights were fitted on one half of the projects, by the first byte of the SHA-256 of the project's name (even); the
other half is held out, and ``--fit`` fits them again. Peers: the exact type and state; the top frame; ClusterFuzz's
comparer (two or more equal frames in order, or mean line similarity over 0.8), written here after its documented rule.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from seatrial.clearinghouse.proofs.core.crash import normal
from seatrial.clearinghouse.proofs.types import CrashFacts, Frame
from seatrial.clearinghouse.triage.core.likeness import Index, Item, groups
from seatrial.clearinghouse.triage.core.likeness.index import LEAST
from seatrial.clearinghouse.triage.core.likeness.scores import (
    AGAIN,
    BASE,
    KIND,
    MANY,
    RARE,
    Scope,
    Sketch,
    score,
    sketch,
)
from seatrial.clearinghouse.triage.core.likeness.scores import scope as made
from seatrial.clearinghouse.triage.core.likeness.shares import BANDS

DATA = Path(__file__).parents[3] / "shared" / "data" / "ossfuzz-crashes" / "crashes.jsonl"
F1, RATE = 0.84, 100_000
GRID = tuple(step / 100 for step in range(10, 71, 2))
KINDS = {
    "heap-double-free": "double-free",
    "invalid-free": "bad-free",
    "unknown": "segv",
    "segv on unknown address": "segv",
    "check failed": "assertion-failure",
}
Crash = dict[str, Any]
Labels = Mapping[str, object]
Scores = dict[tuple[str, str], float]


def main() -> int:
    if not DATA.exists():
        print(f"{DATA} is not here.", file=sys.stderr)
        return 1
    if "--fit" in sys.argv[1:]:
        print(json.dumps(fit()))
        return 0
    told = measure(quick="--quick" in sys.argv[1:])
    holds = all(bar["holds"] for bar in told["bars"].values())
    print(
        json.dumps({"claim": "real crash states are compared fast, and few are joined wrongly", "holds": holds, **told})
    )
    return 0 if holds else 1


def measure(*, quick: bool) -> dict[str, Any]:
    """Bars, and beside them what they mean; ``quick`` leaves out the slow peer's clusters."""
    crashes = load()
    truth: Labels = {name: crash["flaw"] for name, crash in crashes.items()}
    tuned, held = halves(crashes)
    parts = {"all": list(crashes), "tuned": tuned, "held out": held}
    scores, rate = scored(crashes, merged=True)

    def told(scores: Scores, least: float) -> dict[str, dict[str, float]]:
        found = {name: group[0] for group in groups(crashes, scores, least) for name in group}
        return {part: b_cubed(found, truth, names) for part, names in parts.items()}

    best = max(GRID, key=lambda least: told(scores, least)["tuned"]["f1"])
    made = told(scores, LEAST)
    return {
        "bars": {
            "B3 F1 on real crash states": bar(F1, made["all"]["f1"]),
            "B3 F1 on the projects held out": bar(F1, made["held out"]["f1"]),
            "pairs compared a second": bar(RATE, round(rate)),
        },
        "crashes": len(crashes),
        f"suggestions, {LEAST} and more": made,
        "suggested pairs": suggested(scores, truth, crashes),
        "suggested pairs held out": suggested(scores, truth, held),
        f"best threshold of the tuned half, {best}": told(scores, best),
        "of 100 pairs with one fix, by band": shares(scores, truth, parts),
        "taken for a source that merged nothing": told(scored(crashes, merged=False)[0], LEAST)["all"],
        "peers": compared(crashes, truth, quick=quick),
        "pairs of one flaw": settled(crashes, scores),
        "pairs a second with the index": round(by_index(crashes)),
    }


def settled(crashes: dict[str, Crash], scores: Scores) -> dict[str, int]:
    """Of the pairs that share their fix: what the states tell of them."""
    same = same_flaw(crashes)
    alien = sum(pair not in scores for pair in same)
    below = sum(0.0 < scores.get(pair, 0.0) < LEAST for pair in same)
    return {
        "all": len(same),
        "without a function in common": alien,
        "with one, under the threshold": below,
        "suggested": len(same) - alien - below,
        "that only a patch settles": alien + below,
    }


# The data ----------------------------------------------------------------------------------------


def load() -> dict[str, Crash]:
    with DATA.open() as lines:
        return {f"{at:04}": json.loads(line) for at, line in enumerate(lines)}


def facts_of(crash: Crash) -> CrashFacts:
    kind, _, rest = crash["crash_type"].partition(" READ")
    access = "read" if rest or crash["crash_type"].endswith(" READ") else ""
    if not access:
        kind, _, rest = crash["crash_type"].partition(" WRITE")
        access = "write" if kind != crash["crash_type"] else ""
    size = int(rest) if rest.strip().isdigit() else None
    kind = KINDS.get(kind.lower(), kind.lower())
    frames = tuple(Frame(normal(name) or name) for name in crash["frames"])
    return CrashFacts(crash["sanitizer"], kind, access, size, frames)


def halves(crashes: dict[str, Crash]) -> tuple[list[str], list[str]]:
    """The names of the crashes of one half of the projects, and of the other."""
    even = [name for name, crash in crashes.items() if hashlib.sha256(crash["project"].encode()).digest()[0] % 2 == 0]
    return even, sorted(set(crashes) - set(even))


def by_project(crashes: dict[str, Crash]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, crash in crashes.items():
        found.setdefault(crash["project"], []).append(name)
    return found


def same_flaw(crashes: dict[str, Crash]) -> list[tuple[str, str]]:
    found: dict[str, list[str]] = {}
    for name, crash in crashes.items():
        found.setdefault(crash["flaw"], []).append(name)
    return [pair for names in found.values() for pair in itertools.combinations(names, 2)]


# Ours --------------------------------------------------------------------------------------------


def scored(crashes: dict[str, Crash], *, merged: bool) -> tuple[Scores, float]:
    """The scores above 0 of all pairs of one project, each compared with each, and how many pairs that is a second."""
    sketches = {name: sketch(facts_of(crash)) for name, crash in crashes.items()}
    projects = by_project(crashes)
    count, scores = 0, {}
    start = time.perf_counter()
    for names in projects.values():
        within = made(([sketches[name]] for name in names), merged=merged)
        for a, b in itertools.combinations(names, 2):
            count += 1
            value = score(sketches[a], sketches[b], within)
            if value:
                scores[(a, b)] = value
    return scores, count / (time.perf_counter() - start)


def by_index(crashes: dict[str, Crash]) -> float:
    """Pairs a second that one new crash after another is spared or compared with, its sentences among it."""
    items = [Item(name, "", crash["project"], facts_of(crash)) for name, crash in crashes.items()]
    start = time.perf_counter()
    index = Index(merged=frozenset(item.scope for item in items))
    for item in items:
        index.add(item)
        index.near(item.id)
    return len(items) * (len(items) - 1) / 2 / (time.perf_counter() - start)


def suggested(scores: Scores, truth: Labels, names: Iterable[str]) -> dict[str, float]:
    """The pairs as they are suggested, how many are right, and the share that is."""
    chosen = set(names)
    found = [truth[a] == truth[b] for (a, b), value in scores.items() if value >= LEAST and a in chosen]
    return {"pairs": len(found), "right": sum(found), "share": round(sum(found) / max(1, len(found)), 3)}


def shares(scores: Scores, truth: Labels, parts: Mapping[str, Sequence[str]]) -> dict[str, dict[str, dict[str, int]]]:
    """For each band of scores (``shares.BANDS``) the pairs, those with one fix, and their share, by part."""
    found: dict[str, dict[str, dict[str, int]]] = {}
    for part, names in parts.items():
        chosen = set(names)
        counted = {band.least: [0, 0] for band in BANDS}
        for (a, b), value in scores.items():
            if a in chosen:
                least = next(band.least for band in BANDS if value >= band.least)
                counted[least][0] += 1
                counted[least][1] += truth[a] == truth[b]
        found[part] = {
            f"{least:g} and more": {"pairs": pairs, "one fix": right, "in 100": round(100 * right / max(1, pairs))}
            for least, (pairs, right) in counted.items()
        }
    return found


def fit() -> dict[str, Any]:
    """The weights of ``score`` by logistic regression (Newton's steps, a small ridge) on the tuned half."""
    import numpy as np

    crashes = load()
    tuned = set(halves(crashes)[0])
    rows, right = [], []
    for names in by_project({name: crash for name, crash in crashes.items() if name in tuned}).values():
        sketches = {name: sketch(facts_of(crashes[name])) for name in names}
        within = made(([each] for each in sketches.values()), merged=True)
        for a, b in itertools.combinations(names, 2):
            row = features(sketches[a], sketches[b], within)
            if row:
                rows.append(row)
                right.append(crashes[a]["flaw"] == crashes[b]["flaw"])
    x, y = np.array(rows), np.array(right, dtype=float)
    weights = np.zeros(x.shape[1])
    ridge = np.diag([0.0] + [1.0] * (x.shape[1] - 1))
    for _ in range(30):
        chance = 1 / (1 + np.exp(-x @ weights))
        step = (x * (chance * (1 - chance))[:, None]).T @ x + ridge
        weights += np.linalg.solve(step, x.T @ (y - chance) - ridge @ weights)
    names_of = ("base", "rare", "kind", "many", "again")
    used = dict(zip(names_of, (BASE, RARE, KIND, MANY, AGAIN[True]), strict=True))
    return {
        **{name: round(float(w), 3) for name, w in zip(names_of, weights, strict=True)},
        "used": used,
        "pairs": len(rows),
    }


def features(a: Sketch, b: Sketch, within: Scope) -> list[float]:
    common = [name for name in a.functions if name in b.places]
    if not common:
        return []
    best = max(within.rarity(name) * 0.7 ** max(a.places[name], b.places[name]) for name in common)
    return [1.0, best, float(a.family == b.family), math.log(within.count), float(a.functions[:2] == b.functions[:2])]


# The peers ---------------------------------------------------------------------------------------


def compared(crashes: dict[str, Crash], truth: Labels, *, quick: bool) -> dict[str, Any]:
    peers: dict[str, Labels] = {
        "nothing joined": {name: name for name in crashes},
        "exact type and state": {n: (c["project"], c["crash_type"], *c["frames"]) for n, c in crashes.items()},
        "top frame": {name: (crash["project"], crash["frames"][0]) for name, crash in crashes.items()},
    }
    pairs = [pair for names in by_project(crashes).values() for pair in itertools.combinations(names, 2)]
    chosen = pairs[:: len(pairs) // 2_000] if quick else pairs
    start = time.perf_counter()
    alike = [(a, b) for a, b in chosen if similar(crashes[a]["frames"], crashes[b]["frames"])]
    rate = round(len(chosen) / (time.perf_counter() - start))
    if not quick:
        peers["ClusterFuzz's comparer"] = chained(crashes, alike)
    told = {name: b_cubed(labels, truth, truth) for name, labels in peers.items()}
    return {**told, "pairs a second of ClusterFuzz's comparer": rate}


def similar(one: Sequence[str], other: Sequence[str]) -> bool:
    """Equal; or a common subsequence of two frames or more; or a mean similarity of lines over 0.8."""
    if one == other:
        return True
    if subsequence(one, other) >= 2:
        return True
    ratios = [ratio(a, b) for a, b in zip(one, other, strict=False)]
    return sum(ratios) / len(ratios) > 0.8


def subsequence(one: Sequence[str], other: Sequence[str]) -> int:
    row = [0] * (len(other) + 1)
    for a in one:
        before = row
        row = [0]
        for at, b in enumerate(other):
            row.append(before[at] + 1 if a == b else max(before[at + 1], row[at]))
    return row[-1]


def ratio(a: str, b: str) -> float:
    """1 less the edit distance over both lengths, a replacement counted as two."""
    row = list(range(len(b) + 1))
    for at, sign in enumerate(a, 1):
        corner, row[0] = row[0], at
        for to, other in enumerate(b, 1):
            corner, row[to] = row[to], corner if sign == other else 1 + min(row[to], row[to - 1], corner + 1)
    length = len(a) + len(b)
    return (length - row[-1]) / length if length else 1.0


def chained(crashes: dict[str, Crash], alike: list[tuple[str, str]]) -> Labels:
    above = {name: name for name in crashes}

    def root(name: str) -> str:
        while above[name] != name:
            above[name] = above[above[name]]
            name = above[name]
        return name

    for a, b in alike:
        above[root(a)] = root(b)
    return {name: root(name) for name in crashes}


# The measures ------------------------------------------------------------------------------------


def b_cubed(found: Labels, truth: Labels, names: Iterable[str]) -> dict[str, float]:
    """B³ precision, recall and F1 (Bagga and Baldwin, 1998), and the same of pairs, over ``names``."""
    chosen = list(names)
    ours, theirs = Counter(found[n] for n in chosen), Counter(truth[n] for n in chosen)
    both = Counter((found[n], truth[n]) for n in chosen)
    precision = sum(k * k / ours[a] for (a, _), k in both.items()) / len(chosen)
    recall = sum(k * k / theirs[b] for (_, b), k in both.items()) / len(chosen)
    right, said = (sum(k * (k - 1) // 2 for k in counts.values()) for counts in (both, ours))
    return {
        "f1": round(2 * precision * recall / (precision + recall), 4),
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "pairs joined": said,
        "pairs right": right,
    }


def bar(asked: float, measured: float) -> dict[str, Any]:
    return {"asked": f">= {asked:g}", "measured": measured, "holds": measured >= asked}


if __name__ == "__main__":
    sys.exit(main())
