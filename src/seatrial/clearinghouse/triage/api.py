"""The door to triage: what machines found, which reports are one flaw, what comes first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

from django.conf import settings

from seatrial.clearinghouse.findings import api as findings
from seatrial.clearinghouse.proofs import api as proofs
from seatrial.clearinghouse.proofs.types import PatchCheck, PatchVerdict, Proof
from seatrial.compute.api import Executor, ExecutorKind
from seatrial.kernel.canonical import canonical
from seatrial.kernel.clock import now
from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Misuse

from . import actions, queries
from .actions import (
    give_patch,
    import_exploit_scores,
    import_known_exploited,
    say_apart,
    say_point,
    say_same,
    undo_decision,
)
from .adapters.flow_figure import flow_figure
from .adapters.judges import CrewJudges, OwnJudges
from .ports import Judges
from .queries import checked_patches, cluster, finding, flow, judgements, known_use, members, queue, transcript

__all__ = [
    "check_waiting_patches",
    "checked_patches",
    "cluster",
    "finding",
    "flow",
    "flow_figure",
    "give_patch",
    "import_exploit_scores",
    "import_known_exploited",
    "judge_waiting",
    "judgements",
    "known_use",
    "members",
    "queue",
    "say_apart",
    "say_point",
    "say_same",
    "transcript",
    "undo_decision",
]

AT_ONCE = 4  # proofs side by side in one process


def judge_waiting(
    *,
    most: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    judges: Judges | None = None,
    clock: Callable[[], datetime] = now,
) -> int:
    """Run the proofs of what waits until nothing does, or ``most`` were judged; how many were.

    Blocks. ``progress`` is told how many were judged and how many wait still. What is cut off is judged by the next
    call. Raises ``Unavailable`` (``no-sandbox``, ``no-cluster``, ``judging-failed``), and ``Conflict``
    (``judged-elsewhere``) while another process of this instance does it.
    """
    docket = actions.WaitingDocket(most=most, progress=progress, clock=clock)
    docket.serve(partial((judges or _judges()).run, docket))
    return docket.judged


def check_waiting_patches(*, most: int | None = None, clock: Callable[[], datetime] = now) -> int:
    """Check candidate patches until none waits, or ``most`` were; how many were. Blocks.

    Raises ``Unavailable`` (``no-sandbox``): then the rest waits still.
    """
    done = 0
    while (most is None or done < most) and (job := queries.next_patch()) is not None:
        check = _checked(job)
        told = {recipe: report for recipe, report in job.recipes.items() if report != job.report}
        actions.record_patch_check(
            patch=job.patch,
            check=check,
            stopped=[told[recipe] for recipe in check.stopped if recipe in told],
            untouched=[told[recipe] for recipe in check.untouched if recipe in told],
            at=clock(),
        )
        done += 1
    return done


def _checked(job: queries.PatchJob) -> PatchCheck:
    proof = _proof(job.report)
    if proof is None:
        reason = "The report brings no proof that a machine can run, so nothing tells whether the patch stops it."
        where = asyncio.run(proofs.environment_digest())
        return PatchCheck(PatchVerdict.NEEDS_A_PERSON, reason, (), digest(job.diff), digest(b""), where)
    variants, others = ([one for one in map(_proof, several) if one] for several in (job.variants, job.others))
    shelf = proofs.Shelf(_targets())
    return asyncio.run(proofs.check_patch(proof, job.diff, shelf=shelf, variants=variants, others=others))


def _proof(report: str) -> Proof | None:
    recipe = findings.stated([report])[report].document.get("proof", {}).get("recipe")
    if recipe is None:
        return None
    try:
        parsed, inline = proofs.parse(canonical(recipe))
    except Misuse:
        return None
    return Proof(parsed, {**findings.files_of(report), **inline})


def _targets() -> Path:
    """Where built targets are kept."""
    return Path(settings.SEATRIAL.artefacts / "targets")


def _judges() -> Judges:
    """As SEATRIAL_EXECUTOR says."""
    executor, shelf = Executor.parse(settings.SEATRIAL.executor), _targets()
    return OwnJudges(shelf, AT_ONCE) if executor.kind is ExecutorKind.INLINE else CrewJudges(executor, shelf, AT_ONCE)
