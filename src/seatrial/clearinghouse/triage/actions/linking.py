"""Reports are put together and apart; each step has its reason, and its way back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from seatrial.clearinghouse.triage.actions.placing import set_head
from seatrial.clearinghouse.triage.actions.recording import check_analyst, note
from seatrial.clearinghouse.triage.core.clusters import cluster_name
from seatrial.clearinghouse.triage.models import Decision, Judgement, Named, Place
from seatrial.clearinghouse.triage.queries.grouping import is_plain, touched, worked_out
from seatrial.clearinghouse.triage.queries.places import readable_place
from seatrial.clearinghouse.triage.types import Act
from seatrial.kernel.errors import Conflict, Misuse, NotFound
from seatrial.parties.types import Actor


@transaction.atomic
def say_same(*, by: Actor, reports: Sequence[str], reason: str, at: datetime) -> int:
    """All of ``reports`` are one flaw; the decision's number. Raises ``Misuse``, ``Forbidden``, ``NotFound``."""
    return _decide(by, Act.MERGE, reports, (), reason, at)


@transaction.atomic
def say_apart(*, by: Actor, left: Sequence[str], right: Sequence[str], reason: str, at: datetime) -> int:
    """Nothing of ``left`` is the flaw of anything of ``right``, whatever machines say; the decision's number."""
    return _decide(by, Act.SPLIT, left, right, reason, at)


@transaction.atomic
def undo_decision(*, by: Actor, decision: int, at: datetime) -> None:
    """Take a person's word back: from then on it is as if it had never been.

    Raises ``NotFound`` (``no-such-decision``), ``Conflict`` (``undone-already``).
    """
    check_analyst(by, to="undo a decision")
    row = Decision.objects.select_for_update().filter(id=decision).first()
    if row is None:
        raise NotFound("no-such-decision", f"There is no decision {decision} that you may see.")
    reports = list(row.names.values_list("report_id", flat=True))
    for report in reports:
        readable_place(by, report)
    if row.undone_at is not None:
        raise Conflict("undone-already", f"The decision {decision} was undone already.")
    row.undone_by, row.undone_at = by.person, at
    row.save(update_fields=["undone_by", "undone_at"])
    regroup(reports)
    note("triage.undone", by.person, {"decision": decision}, reports, at)


def join_equal(report: str) -> None:
    """Put a report that was just judged where its crash says; part of the caller's transaction."""
    key = Judgement.objects.filter(report=report, latest=True).values_list("key", flat=True).first()
    place = Place.objects.get(report=report)
    alone = not Place.objects.filter(cluster=place.cluster).exclude(report=report).exists()
    equal = Judgement.objects.filter(key=key, latest=True).exclude(report=report) if key else Judgement.objects.none()
    twin = equal.values_list("report_id", flat=True).first()
    if alone and twin is None:
        return
    cluster = Place.objects.filter(report=twin).values_list("cluster", flat=True).first() if twin else None
    members = Place.objects.filter(cluster=cluster)
    if alone and cluster and is_plain([report]) and is_plain(members.values_list("report_id", flat=True)):
        Place.objects.filter(report=report).update(cluster=cluster, head=False)
        name = min(cluster, cluster_name(report))
        if name != cluster:
            members.update(cluster=name)
        set_head(name)
    else:
        regroup([report])


def regroup(reports: Iterable[str]) -> None:
    """Work out anew the clusters that ``reports`` are in, or might be."""
    every = touched(reports)
    before = dict(Place.objects.filter(report__in=every).values_list("report_id", "cluster"))
    after = {
        report: cluster_name(cluster.items[0]) for cluster in worked_out(every) for report in sorted(cluster.items)
    }
    moved = sorted(report for report, cluster in after.items() if before[report] != cluster)
    Place.objects.filter(report__in=moved).update(head=False)
    for report in moved:
        Place.objects.filter(report=report).update(cluster=after[report])
    for cluster in {after[report] for report in moved} | {before[report] for report in moved}:
        set_head(cluster)


def _decide(by: Actor, act: Act, left: Sequence[str], right: Sequence[str], reason: str, at: datetime) -> int:
    check_analyst(by, to="say which reports are one flaw")
    if not reason.strip():
        raise Misuse("reason-missing", "Say in a few words why; everybody who handles these reports reads it.")
    sides = [dict.fromkeys(left), dict.fromkeys(right)]
    if set(sides[0]) & set(sides[1]) or len(sides[0]) + len(sides[1]) < 2 or (act is Act.SPLIT and not all(sides)):
        raise Misuse("same-report", "Name two reports or more; for two flaws, some on each side and none on both.")
    reports = [*sides[0], *sides[1]]
    for report in reports:
        readable_place(by, report)
    row = Decision.objects.create(act=act, reason=reason.strip(), by=by.person, at=at)
    Named.objects.bulk_create(
        Named(decision=row, report_id=report, right=bool(side)) for side in (0, 1) for report in sides[side]
    )
    regroup(reports)
    facts = {"decision": row.id, "act": str(act), "left": [*sides[0]], "right": [*sides[1]], "reason": row.reason}
    note("triage.decided", by.person, facts, reports, at)
    return row.id
