"""Writes ``observed.json``: what each flaw's crashes look like, and which flaws look alike.

    python -m benchmarks.findings_parts.corpus.observe

A *look* is tool, kind and the three innermost functions, as ``facts_of`` reads them from a symbolised report. One flaw
with several looks, and one look of several flaws, are what makes the corpus hard: no stack key tells them apart.
"""

from __future__ import annotations

import collections
import itertools
import json
from concurrent.futures import ThreadPoolExecutor

from seatrial.clearinghouse.proofs.core.crash import facts_of

from . import HERE, Flaw, flaws, variants
from .truth import Bench, run

SAMPLE = 12


def main() -> int:
    bench = Bench()
    asked = [flaw for flaw in flaws() if flaw.oracle in ("sanitizer", "status")]
    with ThreadPoolExecutor(2) as pool:
        found = dict(zip((flaw.id for flaw in asked), pool.map(lambda flaw: looks(flaw, bench), asked), strict=True))
    (HERE / "observed.json").write_text(json.dumps(found, indent=1) + "\n")
    print(json.dumps(summary(found)))
    return 0


def looks(flaw: Flaw, bench: Bench) -> list[str]:
    """The looks of a sample of a flaw's variants on the shipped program, most frequent first."""
    known = variants(flaw.id)
    seen: collections.Counter[str] = collections.Counter()
    for variant in known[:: max(1, len(known) // SAMPLE)]:
        outcome = run(bench.shipped(flaw.program), variant.data, symbols=True)
        facts = facts_of(outcome.stdout, outcome.stderr, outcome.status or 0)
        if facts is not None:
            names = " < ".join(frame.function for frame in facts.frames[:3])
            seen[f"{flaw.program}: {facts.tool} {facts.kind} in {names}"] += 1
    return [look for look, _ in seen.most_common()]


def summary(found: dict[str, list[str]]) -> dict[str, int]:
    """How many flaws have several looks, and how many share a look with another flaw."""
    owners: dict[str, set[str]] = collections.defaultdict(set)
    for flaw, seen in found.items():
        for look in seen:
            owners[look].add(flaw)
    shared = set(itertools.chain.from_iterable(who for who in owners.values() if len(who) > 1))
    return {
        "flaws": len(found),
        "looks": len(owners),
        "flaws with several looks": sum(len(seen) > 1 for seen in found.values()),
        "flaws that share a look with another": len(shared),
    }


if __name__ == "__main__":
    raise SystemExit(main())
