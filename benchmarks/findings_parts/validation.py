"""Planted flaws and decoys: what is *reproduced*, and how many proofs a second two processors run.

The rate is of prebuilt AddressSanitizer targets that end at once, three runs a proof in fresh boxes, over two
processes; *runs a second* beside it. Results of the corpus are kept for this process, since others measure on them.
"""

from __future__ import annotations

import asyncio
import io
import multiprocessing
import statistics
import subprocess
import tarfile
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.findings_parts.corpus import flaws
from benchmarks.findings_parts.corpus.recipes import Case, recipes

from seatrial.clearinghouse.proofs.types import Validation, Verdict

TRUE_FOUND, A_SECOND = 0.99, 50
_OF_A_FLAW = 1  # variants of every other flaw, and a decoy of each kind for each program, with ``quick``
_PROOFS, _ROUNDS = 150, 3


@dataclass(frozen=True, slots=True)
class Judged:
    """A case of the corpus, and what was found of it."""

    case: Case
    validation: Validation


def measure(quick: bool) -> dict[str, Any]:
    judged, seconds = corpus(quick)
    wrong = [one.case.id for one in judged if not one.case.true and one.validation.verdict is Verdict.REPRODUCED]
    true = [one for one in judged if one.case.true]
    found = [one for one in true if one.validation.verdict is Verdict.REPRODUCED]
    missed = [f"{one.case.id}: {one.validation.verdict}" for one in true if one not in found]
    rates = [rate(_PROOFS // 5 if quick else _PROOFS) for _ in range(1 if quick else _ROUNDS)]
    a_second = statistics.median(rates)
    share = len(found) / len(true)
    planted, programs = len({one.case.flaw for one in true}), len({one.case.program for one in true})
    return {
        "bars": {
            "false reproduced": {"asked": "0", "measured": len(wrong), "holds": not wrong},
            "true ones found": {"asked": f">= {TRUE_FOUND}", "measured": round(share, 4), "holds": share >= TRUE_FOUND},
            "validations a second": {
                "asked": f">= {A_SECOND}",
                "measured": round(a_second, 1),
                "holds": a_second >= A_SECOND,
            },
            "planted flaws": {"asked": ">= 40", "measured": planted, "holds": planted >= 40},
            "programs": {"asked": ">= 12", "measured": programs, "holds": programs >= 12},
        },
        "proofs": len(judged),
        "decoys": len(judged) - len(true),
        "verdicts": Counter(str(one.validation.verdict) for one in judged),
        "wrong": wrong[:20],
        "missed": missed[:20],
        "proofs_a_second_built_first": round(len(judged) / seconds, 1),
    }


@cache
def corpus(quick: bool) -> tuple[tuple[Judged, ...], float]:
    """Every case judged, and the seconds it took."""
    cases = _sample() if quick else list(recipes())
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        validations = asyncio.run(_all(cases, Path(place)))
    return tuple(map(Judged, cases, validations)), time.monotonic() - begun


def _sample() -> list[Case]:
    seen: Counter[str] = Counter()
    every_other = {flaw.id for flaw in flaws()[::2]}
    chosen = []
    for case in recipes():
        if case.true and case.flaw not in every_other:
            continue
        kind = case.flaw or f"{case.program} {case.id.split('/')[1] if '/' in case.id else case.id}"
        seen[kind] += 1
        if seen[kind] <= (_OF_A_FLAW if case.true else 1):
            chosen.append(case)
    return chosen


async def _all(cases: list[Case], place: Path) -> list[Validation]:
    from seatrial.clearinghouse.proofs import api as proofs

    found: dict[int, Validation] = {}
    shelf = proofs.Shelf(place)
    async for number, validation in proofs.validate_many([case.proof for case in cases], shelf=shelf):
        found[number] = validation
        if len(found) % 200 == 0:
            print(f"  {len(found)} of {len(cases)} proofs", flush=True)
    return [found[number] for number in range(len(cases))]


SOURCE = "int main(int argc, char **argv) { char row[8]; return row[argc + 7]; }\n"


def rate(proofs: int) -> float:
    """Proofs a second of a prebuilt target over two processes, once each has run one."""
    context = multiprocessing.get_context("spawn")
    packed = _prebuilt()
    ready, go = context.Semaphore(0), context.Event()
    spans = context.Queue()
    workers = [context.Process(target=_work, args=(packed, proofs // 2, ready, go, spans)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for _ in workers:
        ready.acquire()
    go.set()
    ends = [spans.get() for _ in workers]
    for worker in workers:
        worker.join()
    return (proofs // 2 * 2) / (max(end for _, end in ends) - min(begun for begun, _ in ends))


def _prebuilt() -> bytes:
    with tempfile.TemporaryDirectory() as place:
        source, program = Path(place, "crash.c"), Path(place, "crash")
        source.write_text(SOURCE)
        subprocess.run(["cc", "-g", "-O1", "-fsanitize=address", str(source), "-o", str(program)], check=True)
        made = io.BytesIO()
        with tarfile.open(fileobj=made, mode="w") as tar:
            tar.add(program, "crash")
        return made.getvalue()


def _work(packed: bytes, count: int, ready: Any, go: Any, spans: Any) -> None:
    import django

    django.setup()
    from seatrial.clearinghouse.proofs import api as proofs
    from seatrial.clearinghouse.proofs.types import Oracle, OracleKind, Proof, Recipe, Step, Target, TargetKind
    from seatrial.kernel.digests import digest

    target = Target(TargetKind.PREBUILT, digest(packed), name="crash")
    proof = Proof(
        Recipe(target, Oracle(OracleKind.SANITIZER, tool="asan"), reproduce=Step(("./crash",))), {target.digest: packed}
    )

    async def run(shelf: proofs.Shelf, several: int) -> None:
        async for _, validation in proofs.validate_many([proof] * several, shelf=shelf, at_once=2):
            if validation.verdict is not Verdict.REPRODUCED:
                raise RuntimeError(validation.reason)

    with tempfile.TemporaryDirectory() as place:
        shelf = proofs.Shelf(Path(place))
        asyncio.run(run(shelf, 1))
        ready.release()
        go.wait()
        begun = time.monotonic()
        asyncio.run(run(shelf, count))
        spans.put((begun, time.monotonic()))
