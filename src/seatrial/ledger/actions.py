"""Every write of the ledger: appending an entry, signing a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from seatrial.kernel.canonical import canonical
from seatrial.kernel.labels import Label

from .core.entry import entry_bytes, openings_of
from .core.merkle import frontier_coordinates, grow, leaf_hash, root_of
from .core.note import Checkpoint, signed
from .models import CheckpointRow, EntryRow, Log, NodeRow
from .ports import Signer
from .queries import damaged, looker, recomputed_leaves
from .types import MAIN, EntryRef


def append(
    *, log: str = MAIN, kind: str, actor: str, facts: Mapping[str, Any], label: Label, at: datetime, origin: str
) -> EntryRef:
    """Append one entry in the caller's transaction: it stands if and only if the change it records stands.

    ``facts`` and ``actor`` are committed to, each with its own salt, and can be opened by those whom ``label``
    lets read. Raises ``RuntimeError`` outside a transaction, which would be a defect of the caller.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"the ledger entry {kind} was appended outside a transaction")
    Log.objects.get_or_create(name=log)
    head = Log.objects.select_for_update().get(name=log)
    index = head.size
    openings = openings_of({**facts, "actor": actor})
    data = entry_bytes(origin=origin, log=log, index=index, at=at, kind=kind, openings=openings)
    leaf = leaf_hash(data)
    EntryRow(
        log=head,
        index=index,
        at=at,
        kind=kind,
        review=str(facts.get("review", "")),
        data=data.decode(),
        leaf=leaf.hex(),
        label=str(label),
        openings=canonical(openings).decode(),
    ).save()
    frontier, made = grow(index, [bytes.fromhex(node) for node in head.frontier], leaf)
    NodeRow.objects.bulk_create(
        [NodeRow(log=head, level=level, index=place, hash=node.hex()) for (level, place), node in made]
    )
    head.size, head.frontier = index + 1, [node.hex() for node in frontier]
    head.save()
    return EntryRef(log, index, leaf.hex())


@transaction.atomic
def checkpoint(*, log: str = MAIN, at: datetime, origin: str, name: str, signer: Signer) -> CheckpointRow:
    """The signed checkpoint of the log as it stands; the last one if nothing was appended since.

    Before signing, the leaves since the last checkpoint are hashed again from their stored bytes, and the
    new root must grow from the last signed one. Raises ``Unavailable`` (``ledger-damaged``) otherwise:
    a checkpoint is never signed over bytes that do not hash to it.
    """
    Log.objects.get_or_create(name=log)
    head = Log.objects.select_for_update().get(name=log)
    last = CheckpointRow.objects.filter(log=head).order_by("-size").first()
    if last is not None and last.size == head.size:
        return last
    start, frontier = _signed_frontier(log, last)
    for index, leaf in recomputed_leaves(log, start, head.size):
        frontier, _ = grow(index, frontier, leaf)
    root = root_of(frontier)
    if root != root_of([bytes.fromhex(node) for node in head.frontier]):
        raise damaged(log, "its entries do not hash to its head")
    made = Checkpoint(f"{origin}/{log}", head.size, root)
    note = signed(made.text(), name, signer.public(), signer.sign(made.text().encode()))
    row = CheckpointRow(log=head, size=head.size, root=root.hex(), note=note, at=at)
    row.save()
    return row


def _signed_frontier(log: str, last: CheckpointRow | None) -> tuple[int, list[bytes]]:
    """Size and frontier of the last signed tree, checked against what was signed."""
    if last is None:
        return 0, []
    places = frontier_coordinates(last.size)
    look = looker(log, places)
    frontier = [look(place) for place in places]
    if root_of(frontier).hex() != last.root:
        raise damaged(log, f"its first {last.size} entries are no longer those of its last checkpoint")
    return last.size, frontier
