"""The door to triage: what machines found, which reports are one flaw, what comes first."""

from __future__ import annotations

from seatrial.parties.types import Actor

from . import queries
from .actions import (
    import_exploit_scores,
    import_known_exploited,
    say_apart,
    say_point,
    say_same,
    undo_link,
)
from .adapters.flow_figure import flow_figure
from .queries import finding, flow, judgements, queue, transcript
from .types import ClusterView

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
    "undo_link",
]


def cluster(asking: Actor, name: str) -> ClusterView:
    """A cluster's reports that the asker may read, and the links between them, those undone too.

    One that was joined to another is found under the name of that. Raises ``NotFound`` (``no-such-cluster``).
    """
    found, reports = queries.cluster_reports(asking, name)
    return ClusterView(found, reports, queries.links(line.report for line in reports), ())
