"""Where statements and releases meet: hits are worked out and kept."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef

from seatrial.clearinghouse.exposure.core.keeping import from_text
from seatrial.clearinghouse.exposure.core.matching import Statements
from seatrial.clearinghouse.exposure.models import Holding, ReleaseRow, StatementRow, Turn
from seatrial.clearinghouse.exposure.types import Hit, Release
from seatrial.kernel.parts import in_parts

ROWS = 5_000  # rows in one insert


def take_turn() -> None:
    """One writer of inventories or statements at a time; until the transaction ends."""
    Turn.objects.get_or_create(id=1)
    Turn.objects.select_for_update().get(id=1)


def statements_on(packages: Collection[str]) -> tuple[Statements, Mapping[str, int]]:
    """Everything that is said of ``packages``, and the rows of the advisories by their names."""
    rows: list[tuple[str, int, str]] = []
    for part in in_parts(sorted(packages)):
        rows += StatementRow.objects.filter(package__in=part).values_list("data", "advisory_id", "advisory__name")
    return Statements(from_text(data) for data, _, _ in rows), {name: number for _, number, name in rows}


def meet(
    releases: Mapping[Release, int],
    statements: Statements,
    advisories: Mapping[str, int],
    at: datetime,
    since: Mapping[tuple[int, int], datetime] = MappingProxyType({}),
) -> int:
    """Keeps the hits of ``releases`` among ``statements``; how many. ``since`` says from when those of an advisory and
    a release are that were there before."""
    made = []
    for release, number in releases.items():
        for hit in statements.of(release):
            advisory = advisories[hit.advisory]
            made.append(_row(hit, number, advisory, since.get((advisory, number), at)))
    insert_many(
        'INSERT INTO exposure_hitrow (advisory_id, release_id, "where", names, verdict, reason, exact, since)'
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        made,
    )
    return len(made)


def insert_many(statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Where there are tens of thousands of rows: a model's instance for each costs ten times as much."""
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(statement, rows)


def sweep(releases: Collection[int]) -> None:
    """Forgets those of ``releases`` that nobody has any more, and with them what was said of them."""
    for part in in_parts(sorted(releases)):
        held = Exists(Holding.objects.filter(release=OuterRef("id")))
        ReleaseRow.objects.filter(~held, id__in=part).delete()


def _row(hit: Hit, release: int, advisory: int, since: datetime) -> tuple[Any, ...]:
    """A row of hits, in the order of ``meet``'s insert."""
    moment = connection.ops.adapt_datetimefield_value(since)
    names = json.dumps(hit.names, ensure_ascii=False)
    return advisory, release, hit.where[:200], names, hit.verdict.value, hit.reason, hit.exact, moment
