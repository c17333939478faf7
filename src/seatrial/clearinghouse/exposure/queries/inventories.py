"""Inventories and their systems, for the operator's own people alone."""

from __future__ import annotations

import json

from django.db.models import QuerySet

from seatrial.clearinghouse.exposure.models import InventoryRow, SystemRow
from seatrial.clearinghouse.exposure.types import InventoryView, SystemView
from seatrial.kernel.errors import NotFound
from seatrial.kernel.labels import Label
from seatrial.parties.types import Actor


def inventories(asking: Actor, *, organisation: str = "") -> tuple[InventoryView, ...]:
    """The inventories of the asker's organisations, or of one of them, by name."""
    rows = own_inventories(asking).order_by("organisation", "name")
    if organisation:
        rows = rows.filter(organisation=organisation)
    return tuple(view(row) for row in rows if asking.may_read(Label.parse(row.label)))


def inventory(asking: Actor, inventory_id: str) -> InventoryView:
    """Raises ``NotFound`` (``no-such-inventory``)."""
    return view(own_inventory(asking, inventory_id))


def systems(asking: Actor, inventory_id: str, *, after: str = "", limit: int = 100) -> tuple[SystemView, ...]:
    """Systems of an inventory by name; ``after`` goes on behind that name. Raises ``NotFound``."""
    row = own_inventory(asking, inventory_id)
    rows = SystemRow.objects.filter(inventory=row, name__gt=after).order_by("name")[: max(0, min(limit, 1000))]
    return tuple(SystemView(one.id, row.id, row.organisation_id, one.name, one.components) for one in rows)


def own_inventories(asking: Actor) -> QuerySet[InventoryRow]:
    """The rows of the asker's own organisations; labels are checked besides."""
    return InventoryRow.objects.filter(organisation__in=asking.organisations)


def own_inventory(asking: Actor, inventory_id: str) -> InventoryRow:
    """The row. Raises ``NotFound`` (``no-such-inventory``), also for others'."""
    row = own_inventories(asking).filter(id=inventory_id).first()
    if row is None or not asking.may_read(Label.parse(row.label)):
        raise NotFound("no-such-inventory", f"There is no inventory {inventory_id[:60]!r} of yours.")
    return row


def view(row: InventoryRow) -> InventoryView:
    """The frozen form of a row; whoever calls has checked who asks."""
    return InventoryView(
        id=row.id,
        organisation=row.organisation_id,
        name=row.name,
        form=row.form,
        systems=row.systems,
        components=row.components,
        digest=row.digest,
        notes=tuple(json.loads(row.notes)),
        at=row.at,
        added=row.added,
        removed=row.removed,
    )
