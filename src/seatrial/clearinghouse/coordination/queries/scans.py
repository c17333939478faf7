"""Where scans overlap: of each pair both sides see the other, and nobody else sees either."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db.models import Count, QuerySet

from seatrial.clearinghouse.coordination.core.scanning import DAY
from seatrial.clearinghouse.coordination.core.scanning import overlaps as overlap
from seatrial.clearinghouse.coordination.models import ScanRow, ToldOverlap
from seatrial.clearinghouse.coordination.types import OverlapView, ScanView
from seatrial.kernel.clock import Window
from seatrial.kernel.parts import in_parts
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, Role

REGISTERS = (Role.SECURITY, Role.GOVERNANCE, Role.EVALUATOR, Role.ANALYST, Role.MAINTAINER)


def scans(asking: Actor, now: datetime, limit: int = 1000) -> tuple[ScanView, ...]:
    """The registrations of the asker's organisations, newest first."""
    rows = list(_own(asking).order_by("-registered_at", "-id")[: max(0, limit)])
    found = Counter(mine.id for mine, _ in pairs(rows))
    return tuple(
        ScanView(
            row.id, row.organisation_id, Window(row.opens, row.closes), row.identity, row.registered_at, found[row.id]
        )
        for row in rows
    )


def overlaps(asking: Actor, now: datetime) -> tuple[OverlapView, ...]:
    """Whom the asker's organisations meet, in windows that are not over; by their own registration."""
    found = list(pairs(_own(asking).filter(closes__gt=now).order_by("registered_at", "id")))
    names = parties.names({other.organisation_id for _, other in found})
    return tuple(
        OverlapView(
            scan=mine.id,
            organisation=other.organisation_id,
            name=names.get(other.organisation_id, other.organisation_id),
            window=Window(other.opens, other.closes),
            identity=other.identity,
        )
        for mine, other in found
    )


def untold(now: datetime) -> tuple[tuple[ScanRow, ScanRow], ...]:
    """Pairs in windows that are not over whose first has not been told of the second; for the house itself."""
    running = ScanRow.objects.filter(closes__gt=now)
    labs = Count("organisation", distinct=True)
    shared = running.values("digest").annotate(labs=labs).filter(labs__gt=1).values("digest")
    rows = list(running.filter(digest__in=shared).order_by("registered_at", "id"))
    told = set(ToldOverlap.objects.filter(scan__digest__in=shared).values_list("scan_id", "other_id"))
    return tuple(pair for pair in pairs(rows) if (pair[0].id, pair[1].id) not in told)


def in_a_day(organisation: str, now: datetime) -> int:
    """How many packages an organisation registered in the last 24 hours."""
    return ScanRow.objects.filter(organisation=organisation, registered_at__gt=now - DAY).count()


def pairs(rows: Iterable[ScanRow]) -> Iterator[tuple[ScanRow, ScanRow]]:
    """Each of ``rows`` with every registration of another organisation for the same package at the same time."""
    mine = list(rows)
    others = defaultdict(list)
    for part in in_parts(sorted({row.digest for row in mine})):
        for row in ScanRow.objects.filter(digest__in=part).order_by("registered_at", "id"):
            others[row.digest].append(row)
    for row in mine:
        for other in others[row.digest]:
            meet = overlap(Window(row.opens, row.closes), Window(other.opens, other.closes))
            if other.organisation_id != row.organisation_id and meet:
                yield row, other


def _own(asking: Actor) -> QuerySet[ScanRow]:
    homes = {home for home, role in asking.roles if role in REGISTERS}
    return ScanRow.objects.filter(organisation__in=homes)
