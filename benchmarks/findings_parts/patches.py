"""Candidate patches against planted flaws: honest ones hold, hostile ones do not.

Each is checked with the seed of its flaw, held-out variants of it, the target's other proofs and ordinary inputs.
*Caught* is any verdict but *holds*; which check said so stands beside it.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.findings_parts.corpus import flaw, flaws, variants
from benchmarks.findings_parts.corpus.claims import Patch, patches
from benchmarks.findings_parts.corpus.recipes import of_variant, ordinary

from seatrial.clearinghouse.proofs.types import PatchCheck, PatchVerdict

ENOUGH = 20
_VARIANTS = 4  # held out, with each patch


def measure(quick: bool) -> dict[str, Any]:
    every = patches()
    chosen = [*_some(every, True, 1), *_some(every, False, 2)] if quick else list(every)
    with tempfile.TemporaryDirectory() as place:
        found = asyncio.run(_all(chosen, Path(place)))
    honest = [one for one in found if one[0].honest]
    hostile = [one for one in found if not one[0].honest]
    failed = [f"{patch.id}: {check.verdict}: {check.reason}" for patch, check in honest if not _holds(check)]
    missed = [f"{patch.id}: {check.reason}" for patch, check in hostile if _holds(check)]
    least = (1, 2) if quick else (ENOUGH, ENOUGH)
    passed, caught = len(honest) - len(failed), len(hostile) - len(missed)
    return {
        "bars": {
            "honest patches that pass": {
                "asked": f">= {least[0]}, all of {len(honest)}",
                "measured": passed,
                "holds": passed >= least[0] and not failed,
            },
            "hostile patches caught": {
                "asked": f">= {least[1]}, all of {len(hostile)}",
                "measured": caught,
                "holds": caught >= least[1] and not missed,
            },
        },
        "verdicts": Counter(f"{'honest' if patch.honest else 'hostile'}: {check.verdict}" for patch, check in found),
        "honest_that_fail": failed,
        "hostile_that_pass": missed,
    }


def _some(every: tuple[Patch, ...], honest: bool, count: int) -> list[Patch]:
    return [one for one in every if one.honest is honest][:count]


def _holds(check: PatchCheck) -> bool:
    return check.verdict is PatchVerdict.HOLDS


async def _all(chosen: list[Patch], place: Path) -> list[tuple[Patch, PatchCheck]]:
    from seatrial.clearinghouse.proofs import api as proofs

    shelf, gate = proofs.Shelf(place), asyncio.Semaphore(2)

    async def one(patch: Patch) -> tuple[Patch, PatchCheck]:
        known = variants(patch.flaw)
        held_out = [of_variant(variant).proof for variant in known[1 : 1 + _VARIANTS]]
        others = [
            of_variant(variants(each.id)[0]).proof for each in flaws() if each.program == flaw(patch.flaw).program
        ]
        async with gate:
            check = await proofs.check_patch(
                of_variant(known[0]).proof,
                patch.text,
                shelf=shelf,
                variants=held_out,
                others=others,
                benign=ordinary(patch.program),
            )
        print(f"  {patch.id}: {check.verdict}", flush=True)
        return patch, check

    return list(await asyncio.gather(*(one(patch) for patch in chosen)))
