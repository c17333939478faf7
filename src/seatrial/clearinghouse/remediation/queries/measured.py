"""How long exposures last: one's own for an operator, and sums for those who coordinate that tell of nobody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db.models import Count, QuerySet

from seatrial.clearinghouse.advisories import api as advisories
from seatrial.clearinghouse.coordination import api as coordination
from seatrial.clearinghouse.findings.api import CLEARINGHOUSE
from seatrial.clearinghouse.remediation.core.sectors import LEAST, hidden
from seatrial.clearinghouse.remediation.core.survival import Spell, Step, curve, days_until
from seatrial.clearinghouse.remediation.models import ExposureRow, PaceRow
from seatrial.clearinghouse.remediation.queries.loading import own
from seatrial.clearinghouse.remediation.types import Protected, SectorView
from seatrial.parties.types import Actor, Role

_DAY = 86_400.0
ALL = "all operators"
YOURS = "yours"


def curves(asking: Actor, now: datetime, *, advisory: str = "") -> Mapping[str, tuple[Step, ...]]:
    """Name → steps: the asker's own, and for an analyst of the clearinghouse all operators' and each sector's, of one
    advisory or of all. A curve behind which fewer than ``LEAST`` operators stand is left out.
    """
    found: dict[str, tuple[Step, ...]] = {}
    mine = _of(own(asking), advisory)
    if mine.exists():
        found[YOURS] = curve(_spells(mine, now))
    if asking.has(Role.ANALYST, CLEARINGHOUSE):
        every = _of(ExposureRow.objects.all(), advisory)
        if _operators(every) >= LEAST:
            found[ALL] = curve(_spells(every, now))
        for sector, members in sorted(_members().items()):
            rows = every.filter(organisation__in=members)
            if _operators(rows) >= LEAST:
                found[sector] = curve(_spells(rows, now))
    return found


def sectors(asking: Actor, now: datetime) -> tuple[SectorView, ...]:
    """Each sector that operators named, for the clearinghouse and for operators of that sector."""
    analyst = asking.has(Role.ANALYST, CLEARINGHOUSE)
    members = _members()
    shown = {sector: homes for sector, homes in sorted(members.items()) if analyst or homes & set(asking.organisations)}
    found = []
    for sector, homes in shown.items():
        rows = ExposureRow.objects.filter(organisation__in=homes)
        operators = _operators(rows)
        steps = curve(_spells(rows, now)) if operators >= LEAST else ()
        found.append(
            SectorView(
                sector,
                hidden(rows.filter(over="").count(), operators),
                hidden(rows.exclude(over="").count(), operators),
                days_until(steps, 0.5),
                days_until(steps, 0.95),
            )
        )
    return tuple(found)


def protected(advisories: Iterable[str]) -> tuple[Protected, ...]:
    """What to tell those who reported the flaws: how many systems are exposed no more. In order of the advisories."""
    wanted = list(dict.fromkeys(advisories))
    rows = ExposureRow.objects.filter(advisory__in=wanted).exclude(over="")
    counts = {
        advisory: (systems, operators)
        for advisory, systems, operators in rows.values_list("advisory").annotate(
            Count("id"), Count("organisation", distinct=True)
        )
    }
    return tuple(Protected(one, hidden(*counts.get(one, (0, 0)))) for one in wanted)


def protected_by(reports: Collection[str]) -> dict[str, int]:
    """By report, how many systems are exposed no more to what was reported; only where a number may be shown."""
    cases = coordination.cases_of(reports)
    names = advisories.advisories_of(set(cases.values()))
    shown = {one.advisory: one.systems for one in protected(name for several in names.values() for name in several)}
    sums = {report: sum(shown[name] or 0 for name in names.get(case, ())) for report, case in cases.items()}
    return {report: count for report, count in sums.items() if count}


def _of(rows: QuerySet[ExposureRow], advisory: str) -> QuerySet[ExposureRow]:
    return rows.filter(advisory=advisory) if advisory else rows


def _operators(rows: QuerySet[ExposureRow]) -> int:
    return rows.order_by().values("organisation").distinct().count()


def _members() -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for organisation, sector in PaceRow.objects.exclude(sector="").values_list("organisation_id", "sector"):
        found[sector].add(organisation)
    return found


def _spells(rows: QuerySet[ExposureRow], now: datetime) -> list[Spell]:
    return [
        Spell(((over_at or now) - since).total_seconds() / _DAY, over_at is not None)
        for since, over_at in rows.values_list("since", "over_at").iterator()
    ]
