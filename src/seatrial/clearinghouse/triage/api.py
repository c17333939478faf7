"""The door to triage: what machines found, which reports are one flaw, what comes first."""

from __future__ import annotations

from .actions import (
    import_exploit_scores,
    import_known_exploited,
    say_apart,
    say_point,
    say_same,
    undo_decision,
)
from .adapters.flow_figure import flow_figure
from .queries import cluster, finding, flow, judgements, queue, transcript

__all__ = [
    "cluster",
    "finding",
    "flow",
    "flow_figure",
    "import_exploit_scores",
    "import_known_exploited",
    "judgements",
    "queue",
    "say_apart",
    "say_point",
    "say_same",
    "transcript",
    "undo_decision",
]
