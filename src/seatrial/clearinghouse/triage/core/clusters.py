"""Names of clusters. A cluster is named after its first report, so that undoing a step also brings the name back."""

from __future__ import annotations


def cluster_name(report: str) -> str:
    """The cluster that has ``report`` as its first."""
    return f"cluster-{report.removeprefix('report-')}"


def first_report(cluster: str) -> str:
    """The report that ``cluster`` is named after; it may have moved to another since."""
    return f"report-{cluster.removeprefix('cluster-')}"
