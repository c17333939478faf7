"""Where a report stands is worked out again whenever something changes that it rests on."""

from __future__ import annotations

from collections.abc import Iterable

from seatrial.clearinghouse.triage.core.clusters import cluster_name
from seatrial.clearinghouse.triage.core.priority.cvss import suggest
from seatrial.clearinghouse.triage.core.priority.evidence import assess
from seatrial.clearinghouse.triage.core.priority.order import Place as Standing
from seatrial.clearinghouse.triage.core.priority.order import key, why
from seatrial.clearinghouse.triage.models import Place
from seatrial.clearinghouse.triage.queries.evidence import Known, known

_COLUMNS = ("proven", "urgency", "unused", "exposed", "score", "epss")


def place(reports: Iterable[str]) -> None:
    """Work out anew where ``reports`` stand; each that stands nowhere yet is a cluster of its own."""
    clusters = set()
    for one in known(reports).values():
        row = Place.objects.filter(report=one.view.id).first()
        if row is None:
            row = Place(report_id=one.view.id, cluster=cluster_name(one.view.id), head=False)
        _fill(row, one)
        row.save()
        clusters.add(row.cluster)
    for cluster in sorted(clusters):
        set_head(cluster)


def set_head(cluster: str) -> None:
    """Let the first of a cluster's reports stand for it: of those that wait, if any do."""
    first = Place.objects.filter(cluster=cluster).order_by("-waiting", *Place.ORDER).first()
    others = Place.objects.filter(cluster=cluster, head=True)
    others.exclude(report=first.report_id if first else "").update(head=False)
    if first is not None and not first.head:
        Place.objects.filter(report=first.report_id).update(head=True)


def _fill(row: Place, one: Known) -> None:
    assessment = assess(one.evidence, one.said)
    standing = Standing(one.evidence, assessment, suggest(one.evidence), one.view.at)
    for column, value in zip(_COLUMNS, key(standing), strict=False):
        setattr(row, column, value)
    row.since, row.label, row.waiting, row.scope = one.view.at, str(one.view.label), one.waiting, one.scope
    row.action, row.why, row.cves = assessment.action, why(standing), " ".join(one.cves)
    row.score, row.word, row.vector = -standing.severity.score, standing.severity.word, standing.severity.vector
