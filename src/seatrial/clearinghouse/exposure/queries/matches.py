"""Matches: hits joined with holdings. What stands is worked out of those advisories that the reader may know of."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

import numpy as np
from django.db import connection
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray

from seatrial.clearinghouse.exposure.core.keeping import expanded, from_text, match_id, places, vulnerability
from seatrial.clearinghouse.exposure.core.matching import settle
from seatrial.clearinghouse.exposure.models import AdvisoryRow, HitRow, Holding, InventoryRow, StatementRow
from seatrial.clearinghouse.exposure.types import AdvisoryLine, Hit, MatchView, Reach, Release, Settled, Verdict
from seatrial.kernel.errors import NotFound
from seatrial.kernel.labels import Label
from seatrial.kernel.parts import in_parts
from seatrial.parties.types import Actor

from .inventories import own_inventories, own_inventory

_HOLDINGS = 50_000  # read at once


@dataclass(frozen=True, slots=True)
class Columns:
    """Matches in columns, for counting and telling: the inventory's number, the system's place in it, the hit."""

    inventories: NDArray[np.int64]
    places: NDArray[np.uint16]
    hits: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.places)


def matches(
    asking: Actor, *, organisation: str = "", inventory: str = "", verdict: Verdict | None = None
) -> Iterator[MatchView]:
    """Matches of the systems of the asker's organisations, of one, or of one inventory. Raises ``NotFound``."""
    rows: Iterable[InventoryRow]
    if inventory:
        rows = [own_inventory(asking, inventory)]
    else:
        own = own_inventories(asking).order_by("number")
        rows = own.filter(organisation=organisation) if organisation else own
    for row in rows:
        if asking.may_read(Label.parse(row.label)):
            yield from _of_inventory(asking, row, verdict)


def match(asking: Actor, match_id: str) -> MatchView:
    """One of the asker's matches. Raises ``NotFound`` (``no-such-match``)."""
    found = next((one for one in matches(asking) if one.id == match_id), None)
    if found is None:
        raise NotFound("no-such-match", f"There is no match {match_id[:60]!r} of yours; it may be over.")
    return found


def advisories(asking: Actor, *, after: str = "", limit: int = 100) -> tuple[AdvisoryLine, ...]:
    """The advisories that are matched and the asker may know of, by name."""
    rows = AdvisoryRow.objects.filter(name__gt=after, label__in=_readable(asking)).order_by("name")
    return tuple(
        AdvisoryLine(row.name, row.revision, row.title, tuple(json.loads(row.notes)), row.at)
        for row in rows[: max(0, min(limit, 1000))]
    )


def every_match(advisory: str) -> Columns:
    """All matches of one advisory whoever has them: for the house itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT hit.id, holding.inventory_id, holding.places FROM exposure_advisoryrow advisory"
            " JOIN exposure_hitrow hit ON hit.advisory_id = advisory.id"
            " JOIN exposure_holding holding ON holding.release_id = hit.release_id WHERE advisory.name = %s",
            [advisory],
        )
        return _columns(cursor.fetchall())


def all_matches() -> Iterator[Columns]:
    """All matches of everything, a release at a time: for the house itself. Holdings are read once, however many
    advisories speak of what they hold."""
    hits: dict[int, list[int]] = defaultdict(list)
    for release, hit in HitRow.objects.order_by("id").values_list("release_id", "id"):
        hits[release].append(hit)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT release_id, inventory_id, places FROM exposure_holding"
            " WHERE release_id IN (SELECT release_id FROM exposure_hitrow) ORDER BY release_id"
        )
        for release, rows in groupby(_rows(cursor), key=itemgetter(0)):
            own, spoken = list(rows), hits[release]
            pieces, spread = expanded([row[2] for row in own])
            inventories = np.fromiter((row[1] for row in own), np.int64, len(own))[pieces]
            times = len(spoken)
            yield Columns(
                np.tile(inventories, times), np.tile(spread, times), np.repeat(np.array(spoken, np.int64), len(spread))
            )


def _rows(cursor: CursorWrapper) -> Iterator[tuple[int, int, bytes]]:
    while rows := cursor.fetchmany(_HOLDINGS):
        yield from rows


def reach(advisory: str) -> tuple[Reach, ...]:
    """How many systems of which organisation an advisory speaks of: for the house itself, which tells each its own."""
    found = every_match(advisory)
    verdicts = dict(HitRow.objects.filter(advisory__name=advisory).values_list("id", "verdict"))
    owners: dict[int, str] = {}
    for part in in_parts(np.unique(found.inventories).tolist()):
        owners |= dict(InventoryRow.objects.filter(number__in=part).values_list("number", "organisation_id"))
    spoken: dict[tuple[str, str], set[tuple[int, int]]] = defaultdict(set)
    for number, place, hit in zip(found.inventories.tolist(), found.places.tolist(), found.hits.tolist(), strict=True):
        spoken[owners[number], verdicts[hit]].add((number, place))
    return tuple(Reach(owner, Verdict(verdict), len(systems)) for (owner, verdict), systems in sorted(spoken.items()))


def marks() -> dict[str, str]:
    """By organisation with an inventory, a word that changes when its matches may have: for the house itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inventory.organisation_id, MAX(inventory.number), MAX(inventory.at),"
            " COUNT(DISTINCT inventory.number), MAX(hit.id), COUNT(DISTINCT hit.id)"
            " FROM exposure_inventoryrow inventory"
            " LEFT JOIN exposure_holding holding ON holding.inventory_id = inventory.number"
            " LEFT JOIN exposure_hitrow hit ON hit.release_id = holding.release_id GROUP BY inventory.organisation_id"
        )
        return {str(organisation): "/".join(map(str, rest)) for organisation, *rest in cursor.fetchall()}


def fixed_in(advisory: str, package: str) -> tuple[str, ...]:
    """The versions from which on an advisory says affected of a package no more: for the house itself."""
    rows = StatementRow.objects.filter(advisory__name=advisory, package=package).values_list("data", flat=True)
    said = [one for one in map(from_text, rows) if one.verdict is Verdict.AFFECTED]
    return tuple(dict.fromkeys(span.high for one in said for span in one.spans if span.high and not span.with_high))


def verdicts(asking: Actor, inventory: str) -> dict[str, Counter[Verdict]]:
    """How many matches of each verdict each system of an inventory has, by its id. Raises ``NotFound``."""
    found: dict[str, Counter[Verdict]] = defaultdict(Counter)
    for one in matches(asking, inventory=inventory):
        found[one.system][one.verdict] += 1
    return found


def _of_inventory(asking: Actor, row: InventoryRow, verdict: Verdict | None) -> Iterator[MatchView]:
    held = dict(
        Holding.objects.filter(inventory=row, release__hits__isnull=False)
        .distinct()
        .values_list("release_id", "places")
    )
    if not held:
        return
    systems = {place: (id_, name) for place, id_, name in row.members.values_list("place", "id", "name")}
    readable = _readable(asking)
    for part in in_parts(sorted(held)):
        hits: dict[int, list[HitRow]] = defaultdict(list)
        found = HitRow.objects.filter(release__in=part, advisory__label__in=readable)
        for hit in found.select_related("advisory", "release").order_by("id"):
            hits[hit.release_id].append(hit)
        for release, own in hits.items():
            yield from _of_release(row, own, verdict, [systems[one] for one in places(held[release]).tolist()])


def _of_release(
    row: InventoryRow, own: Sequence[HitRow], verdict: Verdict | None, systems: Sequence[tuple[str, str]]
) -> Iterator[MatchView]:
    values = {_hit(one): one for one in own}
    for settled in settle(list(values)):
        if verdict is not None and settled.hit.verdict is not verdict:
            continue
        standing = values[settled.hit]
        since = min(values[one].since for one in (settled.hit, *settled.others))
        for system, name in systems:
            yield MatchView(
                id=match_id(system, settled.release, settled.names),
                organisation=row.organisation_id,
                inventory=row.id,
                system=system,
                system_name=name,
                package=settled.release.package,
                version=settled.release.version,
                advisory=standing.advisory.name,
                title=standing.advisory.title,
                vulnerability=vulnerability(settled.names),
                names=settled.names,
                verdict=settled.hit.verdict,
                reason=settled.hit.reason,
                gave_way=_reasons(settled),
                since=since,
            )


def _reasons(settled: Settled) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.reason for one in settled.others))


def _hit(row: HitRow) -> Hit:
    return Hit(
        release=Release(row.release.package, row.release.version, row.release.scheme, row.release.distro),
        advisory=row.advisory.name,
        names=tuple(json.loads(row.names)),
        verdict=Verdict(row.verdict),
        where=row.where,
        reason=row.reason,
        exact=row.exact,
    )


def _columns(rows: Sequence[tuple[int, int, bytes]]) -> Columns:
    pieces, spread = expanded([row[2] for row in rows])
    hits = np.fromiter((row[0] for row in rows), np.int64, len(rows))
    inventories = np.fromiter((row[1] for row in rows), np.int64, len(rows))
    return Columns(inventories[pieces], spread, hits[pieces])


def _readable(asking: Actor) -> list[str]:
    """The labels of advisories that the asker may read; there are few."""
    labels = AdvisoryRow.objects.order_by("label").values_list("label", flat=True).distinct()
    return asking.readable(labels)
