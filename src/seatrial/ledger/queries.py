"""Every read of the ledger. An entry is shown to those whom its label lets read, to others not at all."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Q

from seatrial.kernel.errors import Misuse, NotFound, Unavailable
from seatrial.kernel.labels import Label, Reader

from .core.merkle import (
    Coordinate,
    Hash,
    Look,
    consistency_path,
    coordinates,
    grow,
    inclusion_path,
    leaf_hash,
    root_of,
)
from .models import CheckpointRow, EntryRow, Log, NodeRow
from .types import MAIN, Audit, Entry

_CHUNK = 200


def head(log: str = MAIN) -> int:
    """How many entries ``log`` has; 0 for a log that nobody has written to."""
    return Log.objects.filter(name=log).values_list("size", flat=True).first() or 0


def entries(
    asking: Reader,
    *,
    log: str = MAIN,
    after: int = -1,
    before: int | None = None,
    kind: str | None = None,
    review: str | None = None,
    limit: int = 100,
    newest_first: bool = False,
) -> tuple[Entry, ...]:
    """At most ``limit`` entries the asker may read, with after < index < before; ``kind`` is a prefix.

    ``review`` keeps the entries whose fact of that name is that review's id.
    """
    rows = EntryRow.objects.filter(log_id=log, index__gt=after)
    if before is not None:
        rows = rows.filter(index__lt=before)
    if kind:
        rows = rows.filter(kind__startswith=kind)
    if review:
        rows = rows.filter(review=review)
    found: list[Entry] = []
    for row in rows.order_by("-index" if newest_first else "index").iterator(chunk_size=_CHUNK):
        if asking.may_read(Label.parse(row.label)):
            found.append(view(row))
            if len(found) == limit:
                break
    return tuple(found)


def entry_row(asking: Reader, log: str, index: int) -> EntryRow:
    """Raises ``NotFound`` (``no-such-entry``), also for an entry one may not read."""
    row = EntryRow.objects.filter(log_id=log, index=index).first() if 0 <= index < 2**63 else None
    if row is None or not asking.may_read(Label.parse(row.label)):
        raise NotFound("no-such-entry", f"There is no entry {index} in the log {log!r} that you may read.")
    return row


def receipt(asking: Reader, *, log: str, index: int, checkpoint: CheckpointRow) -> dict[str, Any]:
    """The receipt of an entry under ``checkpoint``, JSON-ready. Raises ``NotFound`` (``no-such-entry``)."""
    row = entry_row(asking, log, index)
    path = inclusion_path(looker(log, inclusion_nodes(index, checkpoint.size)), index, checkpoint.size)
    return {
        "entry": json.loads(row.data),
        "openings": json.loads(row.openings),
        "inclusion": {"index": index, "size": checkpoint.size, "path": [step.hex() for step in path]},
        "checkpoint": checkpoint.note,
    }


def consistency(*, log: str = MAIN, old: int, new: int) -> list[str]:
    """The proof (hex) that the log of ``new`` entries starts with that of ``old``.

    Raises ``Misuse`` (``no-such-size``).
    """
    if not 0 < old <= new <= head(log):
        raise Misuse("no-such-size", f"The log {log!r} has {head(log)} entries; ask for sizes 1 ≤ old ≤ new ≤ that.")
    look = looker(log, coordinates(lambda record: consistency_path(record, old, new)))
    return [step.hex() for step in consistency_path(look, old, new)]


def inclusion_nodes(index: int, size: int) -> list[Coordinate]:
    """The complete nodes that an inclusion proof is made from."""
    return coordinates(lambda record: inclusion_path(record, index, size))


def looker(log: str, wanted: Iterable[Coordinate]) -> Look:
    """A function that knows the hashes of the ``wanted`` nodes, fetched in two queries at most."""
    leaves, inner = [], Q(pk__in=[])
    for level, index in wanted:
        if level == 0:
            leaves.append(index)
        else:
            inner |= Q(level=level, index=index)
    known: dict[Coordinate, Hash] = {
        (0, index): bytes.fromhex(leaf)
        for index, leaf in EntryRow.objects.filter(log_id=log, index__in=leaves).values_list("index", "leaf")
    }
    for level, index, hash_ in NodeRow.objects.filter(inner, log_id=log).values_list("level", "index", "hash"):
        known[level, index] = bytes.fromhex(hash_)
    return known.__getitem__


def recomputed_leaves(log: str, start: int, end: int) -> Iterator[tuple[int, Hash]]:
    """Index and leaf hash of the entries [start, end), hashed again from their stored bytes.

    Raises ``Unavailable`` (``ledger-damaged``) if one is missing.
    """
    rows = EntryRow.objects.filter(log_id=log, index__gte=start, index__lt=end).order_by("index")
    expected = start
    for index, data in rows.values_list("index", "data").iterator(chunk_size=500):
        if index != expected:
            break
        yield index, leaf_hash(data.encode())
        expected += 1
    if expected != end:
        raise damaged(log, f"entry {expected} is missing")


def audit(log: str = MAIN) -> Audit:
    """Recompute ``log`` from its stored bytes; compare with its head and with every checkpoint it ever signed."""
    row = Log.objects.filter(name=log).first()
    signed = dict(CheckpointRow.objects.filter(log_id=log).values_list("size", "root"))
    checkpoints, frontier, fault = len(signed), list[Hash](), None
    size = row.size if row else 0
    try:
        for index, leaf in recomputed_leaves(log, 0, size):
            frontier, _ = grow(index, frontier, leaf)
            root = signed.pop(index + 1, None)
            if root is not None and root != root_of(frontier).hex():
                raise damaged(log, f"the checkpoint of size {index + 1} signs another history")
        if signed.keys() - {0}:
            raise damaged(log, f"a checkpoint of size {max(signed)} was signed, but there are {size} entries")
        if row is not None and [node.hex() for node in frontier] != row.frontier:
            raise damaged(log, "its entries do not hash to its head")
    except Unavailable as error:
        fault = error.message
    return Audit(log, size, root_of(frontier).hex(), checkpoints, fault)


def damaged(log: str, why: str) -> Unavailable:
    """The one sentence for a record that no longer agrees with itself."""
    return Unavailable(
        "ledger-damaged",
        f"The log {log!r} is damaged: {why}. Nothing was signed; restore the database from its backup.",
    )


def view(row: EntryRow) -> Entry:
    """The frozen form of a row; whoever calls has checked the label."""
    return Entry(
        log=row.log_id,
        index=row.index,
        at=row.at,
        kind=row.kind,
        leaf=row.leaf,
        label=Label.parse(row.label),
        commitments=json.loads(row.data)["commitments"],
        openings=json.loads(row.openings),
    )
