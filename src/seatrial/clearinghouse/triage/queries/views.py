"""Findings and clusters as somebody may see them: every list passes over what the asker's label rules keep back."""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from seatrial.clearinghouse.proofs.types import OracleKind, PatchVerdict, Verdict
from seatrial.clearinghouse.triage.core.clusters import first_report
from seatrial.clearinghouse.triage.core.facts import read_facts
from seatrial.clearinghouse.triage.core.likeness import Index, Item, Link, Objection
from seatrial.clearinghouse.triage.core.priority.cvss import suggest
from seatrial.clearinghouse.triage.core.priority.evidence import POINTS, assess
from seatrial.clearinghouse.triage.core.priority.order import Place as Standing
from seatrial.clearinghouse.triage.core.priority.order import why_before
from seatrial.clearinghouse.triage.models import Decision, Judgement, Named, Patch, Place, Said
from seatrial.clearinghouse.triage.queries.evidence import Known, known
from seatrial.clearinghouse.triage.queries.grouping import touched, touching, worked_out
from seatrial.clearinghouse.triage.queries.places import readable_place, readable_places
from seatrial.clearinghouse.triage.types import (
    Act,
    ClusterView,
    DecisionView,
    FindingView,
    Flow,
    FlowPoint,
    JudgementView,
    LinkView,
    PatchView,
    PointView,
    QueueLine,
    SuggestionView,
)
from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import NotFound
from seatrial.kernel.labels import Label
from seatrial.parties.types import Actor

_MOST_COMPARED = 2_000
MOST = 500  # lines of the queue at once
_AGES = (("today", 1), ("this week", 7), ("this month", 30), ("longer", None))


def queue(asking: Actor, *, limit: int = 50, after: str = "") -> tuple[QueueLine, ...]:
    """What waits, one line a cluster, first come first in the order of ``core.priority.order``.

    ``after`` goes on behind the line of that report. A cluster is listed under the first of its reports that the asker
    may read.
    """
    wanted = min(max(limit, 1), MOST)
    rows = readable_places(asking).filter(head=True, waiting=True).order_by(*Place.ORDER)
    if after:
        rows = rows.filter(_behind(readable_place(asking, after)))
    return lines(asking, list(rows[: wanted + 1]))[:wanted]


def lines(asking: Actor, rows: list[Place]) -> tuple[QueueLine, ...]:
    """Rows that the asker may read, in the order given, as the queue shows them."""
    return _lines(asking, rows, known([row.report_id for row in rows]))


def _lines(asking: Actor, rows: list[Place], facts: Mapping[str, Known]) -> tuple[QueueLine, ...]:
    clusters = [row.cluster for row in rows]
    sizes = Counter(readable_places(asking).filter(cluster__in=clusters).values_list("cluster", flat=True))
    found = []
    for row, following in zip(rows, [*rows, None][1:], strict=True):
        next_one = _standing(facts[following.report_id]) if following else None
        before = why_before(_standing(facts[row.report_id]), next_one) if next_one else ""
        found.append(_line(row, facts[row.report_id], sizes[row.cluster], before))
    return tuple(found)


def finding(asking: Actor, report: str) -> FindingView:
    """Everything that is known of one report. Raises ``NotFound`` (``no-such-finding``)."""
    row = readable_place(asking, report)
    facts = known([report])[report]
    assessment, severity = assess(facts.evidence, facts.said), suggest(facts.evidence)
    said_by = {said.point: said.by for said in Said.objects.filter(report=report).order_by("at", "id")}
    [line] = _lines(asking, [row], {report: facts})
    return FindingView(
        line=line,
        report=facts.view,
        judgements=judgements(asking, report),
        points=tuple(
            PointView(
                point,
                str(getattr(assessment.points, point)),
                assessment.reasons[point],
                said_by.get(point, "") if point in assessment.said else "",
            )
            for point in POINTS
        ),
        action=str(assessment.action),
        vector=severity.vector,
        metrics=tuple(
            PointView(part.split(":")[0], part.split(":")[1], severity.reasons[part.split(":")[0]])
            for part in severity.vector.split("/")[1:]
        ),
        patches=tuple(_patch(patch) for patch in Patch.objects.filter(report=report).order_by("-at", "id")),
    )


def judgements(asking: Actor, report: str) -> tuple[JudgementView, ...]:
    """The report's judgements, the one that counts first. Raises ``NotFound`` (``no-such-finding``)."""
    readable_place(asking, report)
    rows = Judgement.objects.filter(report=report).defer("transcript").order_by("-latest", "-at", "id")
    return tuple(_judgement(row) for row in rows)


def transcript(asking: Actor, judgement: str) -> Mapping[str, Any]:
    """What ran and what was seen, in the form that ``proofs`` can run again.

    Raises ``NotFound`` (``no-such-judgement``).
    """
    row = Judgement.objects.filter(id=judgement).first()
    label = Place.objects.filter(report=row.report_id).values_list("label", flat=True).first() if row else None
    if row is None or label is None or not asking.may_read(Label.parse(label)):
        raise NotFound("no-such-judgement", f"There is no judgement {judgement[:60]!r} that you may read.")
    found: Mapping[str, Any] = json.loads(zlib.decompress(row.transcript))
    return found


def cluster_reports(asking: Actor, cluster: str) -> tuple[str, tuple[QueueLine, ...]]:
    """The cluster's name now and its reports that the asker may read; one that was joined to another is found there.

    Raises ``NotFound`` (``no-such-cluster``).
    """
    first = Place.objects.filter(report=first_report(cluster)).first()
    name = first.cluster if first else cluster
    rows = list(readable_places(asking).filter(cluster=name).order_by("-waiting", *Place.ORDER))
    if not rows:
        raise NotFound("no-such-cluster", f"There is no cluster {cluster[:60]!r} that you may read.")
    return name, lines(asking, rows)


def cluster(asking: Actor, name: str) -> ClusterView:
    """A cluster with everything that is known of it; one that was joined to another is found under the name of that.

    Raises ``NotFound`` (``no-such-cluster``).
    """
    found, reports = cluster_reports(asking, name)
    seen = {line.report for line in reports}
    every = touched(seen)
    worked = next(one for one in worked_out(every) if seen & set(one.items))
    return ClusterView(
        id=found,
        reports=reports,
        links=tuple(_link(link) for link in worked.links if {link.a, link.b} <= seen),
        objections=tuple(_link(one) for one in worked.objections if {one.a, one.b} & seen),
        decisions=_decisions(asking, seen),
        suggestions=_suggestions(asking, reports[0].report),
    )


def _decisions(asking: Actor, reports: set[str]) -> tuple[DecisionView, ...]:
    """Those that name one of ``reports``, latest first, undone ones too; of all of whose reports the asker may read."""
    named = Named.objects.filter(report__in=reports).values("decision")
    rows = list(Decision.objects.filter(id__in=named).order_by("-id").prefetch_related("names"))
    every = {one.report_id for row in rows for one in row.names.all()}
    visible = set(readable_places(asking).filter(report__in=every).values_list("report_id", flat=True))
    return tuple(_decision(row) for row in rows if {one.report_id for one in row.names.all()} <= visible)


def _suggestions(asking: Actor, head: str) -> tuple[SuggestionView, ...]:
    """What looks like a cluster's first report among the first ones of the product's other clusters."""
    mine = Place.objects.get(report=head)
    heads = readable_places(asking).filter(scope=mine.scope, head=True).exclude(cluster=mine.cluster)
    wanted = [head, *heads.values_list("report_id", flat=True)[:_MOST_COMPARED]]
    rows = Judgement.objects.filter(report__in=wanted, latest=True, crash__isnull=False).defer("transcript")
    items = [Item(row.report_id, row.target, mine.scope, read_facts(row.crash)) for row in rows if row.crash]
    if head not in {item.id for item in items}:
        return ()
    apart = {one.report_id for row in touching(head) for one in row.names.all()}
    near = Index(items).near(head).suggestions
    found = [(one.b if one.a == head else one.a, one) for one in near]
    kept = [(other, one) for other, one in found if other not in apart]
    return tuple(SuggestionView(head, other, one.share, one.reason, one.worth) for other, one in kept)


def flow(asking: Actor, *, days: int, at: datetime) -> Flow:
    """What came in, was judged, reproduced and distinct by day, and the age of what waits; all as the asker reads."""
    since = (at - timedelta(days=days - 1)).date()
    mine = readable_places(asking)
    arrived = Counter(moment.date() for moment in mine.filter(since__date__gte=since).values_list("since", flat=True))
    judged: Counter[Any] = Counter()
    shown: Counter[Any] = Counter()
    rows = Judgement.objects.filter(latest=True, at__date__gte=since, report__in=mine.values("report"))
    for verdict, moment in rows.values_list("verdict", "at"):
        judged[moment.date()] += 1
        shown[moment.date()] += verdict == Verdict.REPRODUCED
    heads = mine.filter(proven=0, since__date__gte=since)
    distinct = Counter(moment.date() for moment in heads.filter(head=True).values_list("since", flat=True))
    every = [since + timedelta(days=number) for number in range(days)]
    waiting = list(mine.filter(waiting=True).order_by("since").values_list("since", flat=True))
    ages = {name: 0 for name, _ in _AGES}
    for moment in waiting:
        old = (at - moment).total_seconds() / 86_400
        ages[next(name for name, most in _AGES if most is None or old < most)] += 1
    return Flow(
        days=tuple(FlowPoint(day, arrived[day], judged[day], shown[day], distinct[day]) for day in every),
        waiting=len(waiting),
        oldest=waiting[0] if waiting else None,
        ages=ages,
    )


def _behind(row: Place) -> Q:
    """The rows that come after ``row`` in the queue's order."""
    condition = Q()
    for depth, name in enumerate(Place.ORDER):
        same = {other: getattr(row, other) for other in Place.ORDER[:depth]}
        condition |= Q(**same, **{f"{name}__gt": getattr(row, name)})
    return condition


def _standing(one: Known) -> Standing:
    return Standing(one.evidence, assess(one.evidence, one.said), suggest(one.evidence), one.view.at)


def _line(row: Place, one: Known, reports: int, before: str) -> QueueLine:
    crash, report = one.evidence.crash, one.view
    return QueueLine(
        report=row.report_id,
        title=report.title,
        product=report.product,
        version=report.version,
        verdict=one.evidence.verdict,
        crash=(crash.summary or crash.kind) if crash else "",
        action=row.action,
        score=-row.score,
        word=row.word,
        cluster=row.cluster,
        reports=reports,
        why=row.why,
        before=before,
        label=report.label,
        at=report.at,
    )


def _judgement(row: Judgement) -> JudgementView:
    return JudgementView(
        id=row.id,
        report=row.report_id,
        verdict=Verdict(row.verdict),
        reason=row.reason,
        fired=row.fired,
        runs=row.runs,
        oracle=OracleKind(row.oracle) if row.oracle else None,
        over_network=row.over_network,
        crash=read_facts(row.crash) if row.crash else None,
        target=row.target,
        recipe=row.recipe,
        environment=row.environment,
        seconds=row.seconds,
        at=row.at,
    )


def _link(one: Link | Objection) -> LinkView:
    return LinkView(one.a, one.b, str(one.how), one.reason)


def _decision(row: Decision) -> DecisionView:
    sides: tuple[list[str], list[str]] = ([], [])
    for named in row.names.all():
        sides[named.right].append(named.report_id)
    return DecisionView(
        number=row.id,
        act=Act(row.act),
        left=tuple(sorted(sides[0])),
        right=tuple(sorted(sides[1])),
        reason=row.reason,
        by=row.by,
        at=row.at,
        undone_by=row.undone_by,
        undone_at=row.undone_at,
    )


def _patch(row: Patch) -> PatchView:
    return PatchView(
        id=row.id,
        report=row.report_id,
        digest=Digest(row.digest),
        verdict=PatchVerdict(row.verdict) if row.verdict else None,
        reason=row.reason,
        checks=tuple((name, passed, why) for name, passed, why in row.checks),
        stopped=tuple(row.stopped),
        untouched=tuple(row.untouched),
        by=row.by,
        at=row.at,
    )
