"""The door to triage: what machines found, which reports are one flaw, what comes first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.conf import settings

from seatrial.compute.api import Executor, ExecutorKind
from seatrial.kernel.clock import now

from . import actions
from .actions import (
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
from .queries import cluster, finding, flow, judgements, queue, transcript

__all__ = [
    "cluster",
    "finding",
    "flow",
    "flow_figure",
    "import_exploit_scores",
    "import_known_exploited",
    "judge_waiting",
    "judgements",
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


def _judges() -> Judges:
    """As SEATRIAL_EXECUTOR says."""
    executor, shelf = Executor.parse(settings.SEATRIAL.executor), settings.SEATRIAL.artefacts / "targets"
    return OwnJudges(shelf, AT_ONCE) if executor.kind is ExecutorKind.INLINE else CrewJudges(executor, shelf, AT_ONCE)
