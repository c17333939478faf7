"""Every write of the ledger: appending an entry, signing a checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from seatrial.kernel.canonical import canonical
from seatrial.kernel.errors import Unavailable
from seatrial.kernel.labels import Label
from seatrial.kernel.merkle import EMPTY_ROOT, frontier_coordinates, grow, leaf_hash, number, root_of

from .core.entry import entry_bytes, log_name, openings_of
from .core.note import Checkpoint, opened, signed, vkey
from .models import CheckpointRow, EntryRow, Log, NodeRow, OpeningRow
from .ports import Signer
from .queries import damaged, looker, newest_checkpoint, recomputed_leaves
from .types import MAIN, EntryRef


def append(
    *, log: str = MAIN, kind: str, actor: str, facts: Mapping[str, Any], label: Label, at: datetime, origin: str
) -> EntryRef:
    """Append one entry in the caller's transaction: it stands if and only if the change it records stands.

    ``facts`` and ``actor`` are committed to, each with its own salt, and can be opened by those whom ``label``
    lets read. Raises ``RuntimeError`` outside a transaction, or if ``facts`` name an actor of their own: either
    would be a defect of the caller.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"the ledger entry {kind} was appended outside a transaction")
    if "actor" in facts:
        raise RuntimeError(f"the facts of the ledger entry {kind} name another actor than its own")
    head = _locked(log, origin)
    index = head.size
    openings = openings_of({**facts, "actor": actor})
    data = entry_bytes(origin=origin, log=log, index=index, at=at, kind=kind, openings=openings)
    leaf = leaf_hash(data)
    entry = EntryRow(
        log=head,
        index=index,
        at=at,
        kind=kind,
        review=str(facts.get("review", "")),
        data=data.decode(),
        leaf=leaf.hex(),
        label=str(label),
    )
    entry.save()
    OpeningRow(entry=entry, label=entry.label, facts=canonical(openings).decode()).save()
    frontier, made = grow(index, [bytes.fromhex(node) for node in head.frontier], leaf)
    NodeRow.objects.bulk_create([NodeRow(log=head, place=number(place), hash=node.hex()) for place, node in made])
    head.size, head.frontier = index + 1, [node.hex() for node in frontier]
    head.save(update_fields=["size", "frontier"])
    return EntryRef(log, index, leaf.hex())


def checkpoint(*, log: str = MAIN, at: datetime, origin: str, signer: Signer) -> str:
    """The signed note of the log as it stands; the last one again if nothing was appended since.

    Before signing, the last checkpoint must verify under this very key, and the leaves since then are hashed again
    from their stored bytes: what they add to the last signed tree is what is signed. Raises ``Unavailable``
    (``ledger-damaged``, ``key-changed``), ``Misuse`` (``bad-log-name``): a checkpoint is never signed over bytes
    that do not hash to it, nor over a history that does not grow from the last one.

    Hashing takes time in proportion to what is new, so it is done before the head is locked: entries only ever
    grow. If somebody else signed meanwhile, it starts over from there.
    """
    key = vkey(origin, signer.public())
    while True:
        last, head = newest_checkpoint(log_name(log)), Log.objects.filter(name=log).first()
        if head is None or head.size == 0:
            return _note(Checkpoint(f"{origin}/{log}", 0, EMPTY_ROOT), origin, signer)
        grown = _grown(last, head, key)
        if last is not None and last.size == grown.size:
            return last.note
        with transaction.atomic():
            _locked(log, origin)
            overtaken = newest_checkpoint(log)
            if (overtaken and overtaken.size) != (last and last.size):
                continue
            note = _note(grown, origin, signer)
            CheckpointRow(log=head, size=grown.size, root=grown.root.hex(), note=note, at=at).save()
            return note


def _locked(log: str, origin: str) -> Log:
    """The head of ``log``, made if it is the first time, locked until the transaction ends."""
    locked = Log.objects.select_for_update()
    head = locked.filter(name=log_name(log)).first()
    if head is None:
        Log.objects.get_or_create(name=log, defaults={"origin": origin})
        head = locked.get(name=log)
    if head.origin != origin:
        raise Unavailable(
            "origin-changed",
            f"The log {log!r} was begun as {head.origin}, but this instance calls itself {origin}; "
            "set SEATRIAL_ORIGIN back, or no receipt will verify.",
        )
    return head


def _grown(last: CheckpointRow | None, head: Log, key: str) -> Checkpoint:
    """What the log's stored bytes add up to, from the last signed tree on; it must be what the head says."""
    log, size, frontier = head.name, 0, list[bytes]()
    if last is not None:
        try:
            before = Checkpoint.parse(opened(last.note, key))
        except ValueError as error:
            raise Unavailable(
                "key-changed",
                f"The last checkpoint of the log {log!r} was not signed by this key and origin ({error}); restore "
                "ledger.key from the backup of the keys, and SEATRIAL_ORIGIN.",
            ) from error
        if head.size < before.size:
            raise damaged(log, f"it has {head.size} entries, but {before.size} were signed")
        if head.size == before.size:
            frontier = [bytes.fromhex(node) for node in head.frontier]
        else:
            places = frontier_coordinates(before.size)
            frontier = list(map(looker(log, places), places))
        if (before.size, before.root.hex()) != (last.size, last.root) or root_of(frontier) != before.root:
            raise damaged(log, f"its first {last.size} entries are no longer those of its last checkpoint")
        if head.size == before.size:
            return before
        size = before.size
    for index, leaf in recomputed_leaves(log, size, head.size):
        frontier, _ = grow(index, frontier, leaf)
    if [node.hex() for node in frontier] != head.frontier:
        raise damaged(log, "its entries do not hash to its head")
    return Checkpoint(f"{head.origin}/{log}", head.size, root_of(frontier))


def _note(made: Checkpoint, origin: str, signer: Signer) -> str:
    text = made.text()
    return signed(text, origin, signer.public(), signer.sign(text.encode()))
