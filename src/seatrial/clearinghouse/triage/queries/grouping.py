"""What decides which reports are one flaw, gathered for ``core.likeness``. For the house itself."""

from __future__ import annotations

from collections.abc import Iterable, Set

from django.db.models import Q, QuerySet

from seatrial.clearinghouse.triage.core.clusters import first_report
from seatrial.clearinghouse.triage.core.facts import read_facts
from seatrial.clearinghouse.triage.core.likeness import Cluster, Item, clusters
from seatrial.clearinghouse.triage.core.likeness import Decision as Word
from seatrial.clearinghouse.triage.core.likeness import Relation as Shown
from seatrial.clearinghouse.triage.core.likeness.values import Act
from seatrial.clearinghouse.triage.models import Decision, Judgement, Named, Place, Relation


def touched(reports: Iterable[str]) -> set[str]:
    """``reports``, their clusters, and every cluster that something that stands ties to those."""
    found: set[str] = set()
    more = set(reports)
    while more:
        found |= more
        near = set(more)
        for one, other in _relations(more).values_list("one", "other"):
            near |= {one, other}
        for decision in _decisions(more):
            near |= {named.report_id for named in decision.names.all()}
        keys = Judgement.objects.filter(report__in=more, latest=True).exclude(key="").values("key")
        near |= set(Judgement.objects.filter(key__in=keys, latest=True).values_list("report_id", flat=True))
        names = Place.objects.filter(report__in=near).values("cluster")
        more = set(Place.objects.filter(cluster__in=names).values_list("report_id", flat=True)) - found
    return found


def is_plain(reports: Iterable[str]) -> bool:
    """Whether no patch and no person has said anything of ``reports``: then the exact key alone decides."""
    several = list(reports)
    return not _relations(several).exists() and not Named.objects.filter(report__in=several).exists()


def worked_out(reports: Set[str]) -> tuple[Cluster, ...]:
    """The clusters of ``reports``, from facts, patches and people."""
    rows = {row.report_id: row for row in Judgement.objects.filter(report__in=reports, latest=True).defer("transcript")}
    items = []
    for report, scope in Place.objects.filter(report__in=reports).values_list("report_id", "scope"):
        row = rows.get(report)
        facts = read_facts(row.crash) if row is not None and row.crash else None
        items.append(Item(report, row.target if row else "", scope, facts))
    relations = [Shown(row.one_id, row.other_id, row.same, row.patch) for row in _relations(reports)]
    return clusters(items, relations, map(_word, _decisions(reports)))


def members(clusters: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """For each cluster, by the name it had once, the reports of the one that its first report is in now."""
    firsts = {first_report(name): name for name in clusters}
    now = dict(Place.objects.filter(report__in=list(firsts)).values_list("report_id", "cluster"))
    found: dict[str, list[str]] = {name: [] for name in now.values()}
    for report, cluster in Place.objects.filter(cluster__in=list(found)).values_list("report_id", "cluster"):
        found[cluster].append(report)
    return {firsts[first]: tuple(sorted(found[cluster])) for first, cluster in now.items()}


def touching(report: str) -> QuerySet[Decision]:
    """The decisions that stand and name ``report``, with their names."""
    return _decisions([report])


def _relations(reports: Iterable[str]) -> QuerySet[Relation]:
    several = list(reports)
    return Relation.objects.filter(Q(one__in=several) | Q(other__in=several))


def _decisions(reports: Iterable[str]) -> QuerySet[Decision]:
    named = Named.objects.filter(report__in=list(reports)).values("decision")
    return Decision.objects.filter(id__in=named, undone_at=None).order_by("id").prefetch_related("names")


def _word(row: Decision) -> Word:
    sides: tuple[set[str], set[str]] = (set(), set())
    for named in row.names.all():
        sides[named.right].add(named.report_id)
    return Word(row.id, Act(row.act), frozenset(sides[0]), frozenset(sides[1]), row.by, row.reason)
