"""Inventories are kept as a whole, by their operators alone; the ledger learns counts and digests, never contents."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import connection, transaction

from seatrial.clearinghouse.exposure.core.keeping import places_by_release
from seatrial.clearinghouse.exposure.models import Holding, InventoryRow, ReleaseRow, SystemRow
from seatrial.clearinghouse.exposure.queries.inventories import own_inventory, view
from seatrial.clearinghouse.exposure.types import InventoryView, Reading, Release
from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import Misuse
from seatrial.kernel.labels import Label
from seatrial.kernel.parts import in_parts
from seatrial.kernel.text import checked
from seatrial.ledger import api as ledger
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, Role

from .meeting import ROWS, insert_many, meet, statements_on, sweep, take_turn

KEEPERS = (Role.DEFENDER, Role.SECURITY)


@transaction.atomic
def keep_inventories(
    *, by: Actor, organisation: str, inventories: Mapping[str, tuple[Reading, Digest]], at: datetime
) -> tuple[InventoryView, ...]:
    """Keep ``inventories`` (what was read and the digest of its files) by their names, each in place of the one that
    had its name; all or none, and matched when this returns. The same again changes nothing.

    Raises ``Forbidden`` (``role-missing``), ``Misuse`` (``inventory-empty``, ``bad-text``), ``NotFound``.
    """
    by.require(organisation, *KEEPERS, to="keep inventories")
    parties.organisation(organisation)
    take_turn()
    names = {checked("The inventory's name", name, longest=200, lines=False): one for name, one in inventories.items()}
    for name, (reading, _) in names.items():
        if not any(system.components for system in reading.systems):
            raise Misuse("inventory-empty", f"{name} names no component that could be matched; nothing was kept.")
    label = Label.among(organisation)
    standing = {row.name: row for row in InventoryRow.objects.filter(organisation=organisation, name__in=names)}
    held = {name: places_by_release(reading) for name, (reading, _) in names.items()}
    rows = _interned({release for one in held.values() for release in one}, at)
    kept = []
    for name, (reading, digest) in names.items():
        row = standing.get(name)
        if row is None or row.digest != digest:
            row = _put(row, by, organisation, name, reading, digest, held[name], rows, label, at)
            facts = {
                "inventory": row.id,
                "digest": digest,
                "systems": row.systems,
                "components": row.components,
                "added": row.added,
                "removed": row.removed,
            }
            ledger.append(log=organisation, kind="inventory.kept", actor=by.person, facts=facts, label=label, at=at)
        kept.append(view(row))
    return tuple(kept)


@transaction.atomic
def remove_inventory(*, by: Actor, inventory: str, at: datetime) -> None:
    """Forget an inventory, its systems and whatever of it nobody else has. Raises ``NotFound``, ``Forbidden``."""
    take_turn()
    row = own_inventory(by, inventory)
    by.require(row.organisation_id, *KEEPERS, to="remove inventories")
    releases = set(row.holdings.values_list("release_id", flat=True))
    facts = {"inventory": row.id, "digest": row.digest}
    label = Label.parse(row.label)
    log = row.organisation_id
    row.delete()
    sweep(releases)
    ledger.append(log=log, kind="inventory.removed", actor=by.person, facts=facts, label=label, at=at)


def _interned(releases: Collection[Release], at: datetime) -> dict[Release, int]:
    """The numbers of ``releases``; those that nobody had are made and matched."""
    found = _numbers(releases)
    new = sorted(set(releases) - found.keys())
    ReleaseRow.objects.bulk_create(
        (ReleaseRow(package=one.package, version=one.version, scheme=one.scheme, distro=one.distro) for one in new),
        batch_size=ROWS,
    )
    made = _numbers(new)
    statements, advisories = statements_on({one.package for one in new})
    meet(made, statements, advisories, at)
    return found | made


def _numbers(releases: Collection[Release]) -> dict[Release, int]:
    """By pairs of package and version, so that what others have of the same packages is not read."""
    wanted, found = set(releases), {}
    with connection.cursor() as cursor:
        for part in in_parts(sorted({(one.package, one.version) for one in wanted})):
            pairs = ", ".join(["(%s, %s)"] * len(part))
            cursor.execute(
                "SELECT id, package, version, scheme, distro FROM exposure_releaserow"  # noqa: S608 - places only
                f" WHERE (package, version) IN (VALUES {pairs})",
                [word for pair in part for word in pair],
            )
            for number, *words in cursor.fetchall():
                if (release := Release(*words)) in wanted:
                    found[release] = number
    return found


def _put(
    row: InventoryRow | None,
    by: Actor,
    organisation: str,
    name: str,
    reading: Reading,
    digest: Digest,
    held: Mapping[Release, bytes],
    releases: Mapping[Release, int],
    label: Label,
    at: datetime,
) -> InventoryRow:
    before = set() if row is None else set(row.holdings.values_list("release_id", flat=True))
    after = {releases[one] for one in held}
    row = row or InventoryRow(organisation_id=organisation, name=name)
    row.form, row.label, row.digest = reading.form[:200], str(label), digest
    row.systems = len(reading.systems)
    row.components = sum(len(one.components) for one in reading.systems)
    row.notes = json.dumps(reading.notes, ensure_ascii=False)
    row.at, row.by = at, by.person
    row.added, row.removed = len(after - before), len(before - after)
    row.save()
    _put_systems(row, reading, fresh=not before)
    Holding.objects.filter(inventory=row).delete()
    insert_many(
        "INSERT INTO exposure_holding (inventory_id, release_id, places) VALUES (%s, %s, %s)",
        [(row.number, releases[one], places) for one, places in held.items()],
    )
    sweep(before - after)
    return row


def _put_systems(row: InventoryRow, reading: Reading, *, fresh: bool) -> None:
    """A system whose name was there keeps its id."""
    known: dict[str, SystemRow] = {} if fresh else {one.name: one for one in SystemRow.objects.filter(inventory=row)}
    new, moved = [], []
    for place, system in enumerate(reading.systems):
        one = known.pop(system.name, None)
        if one is None:
            new.append(SystemRow(inventory=row, name=system.name, place=place, components=len(system.components)))
        elif (one.place, one.components) != (place, len(system.components)):
            one.place, one.components = place, len(system.components)
            moved.append(one)
    for part in in_parts([one.id for one in known.values()]):
        SystemRow.objects.filter(id__in=part).delete()
    SystemRow.objects.bulk_update(moved, ["place", "components"], batch_size=500)
    SystemRow.objects.bulk_create(new, batch_size=ROWS)
