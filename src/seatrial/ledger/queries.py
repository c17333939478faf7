"""Every read of the ledger. An entry is shown to those whom its label lets read, to others not at all."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from seatrial.kernel.errors import Misuse, NotFound, Unavailable
from seatrial.kernel.labels import Label, Reader
from seatrial.kernel.merkle import (
    Coordinate,
    Hash,
    Look,
    consistency_path,
    coordinates,
    grow,
    inclusion_path,
    leaf_hash,
    number,
    root_of,
)
from seatrial.kernel.parts import in_parts

from .core.entry import entry_fault, is_log_name
from .core.note import Checkpoint, opened
from .models import CheckpointRow, EntryRow, Log, NodeRow
from .types import MAIN, Audit, Committed, Entry

_CHUNK = 500
_END = 2**63 - 1  # no index reaches it; what a database can still compare with


def head(log: str = MAIN) -> int:
    """How many entries ``log`` has; 0 for a log that nobody has written to."""
    return _size(log)


def held(log: str = MAIN, *, alone: bool = False) -> int:
    """``head``, and nothing is appended to ``log`` before the caller's transaction ends: for whoever must decide on
    what the log says, and record that it did, in one moment.

    Whoever will append to ``log`` itself holds it ``alone``: two who shared it would each wait for the other's end.
    """
    if connection.vendor == "sqlite":  # it holds the whole database
        return _size(log, "")
    return _size(log, " FOR UPDATE" if alone else " FOR SHARE")


def kinds_since(size: int, log: str = MAIN) -> frozenset[str]:
    """What kinds of entries were appended to ``log`` since it had ``size``, for the house's own background work."""
    rows = EntryRow.objects.filter(log_id=log, index__gte=size)
    return frozenset(rows.values_list("kind", flat=True).distinct())


def heads() -> dict[str, int]:
    """Every log with its size, for the house's own background work; a surface asks ``entries``."""
    return dict(Log.objects.order_by("name").values_list("name", "size"))


def committed(log: str, *, after: int, limit: int) -> tuple[Committed, ...]:
    """The next ``limit`` entries of ``log``, whoever may read them: for the house's own background work, which
    must look at each label itself before it tells anybody."""
    rows = EntryRow.objects.filter(log_id=log, index__gt=after).order_by("index")[:limit]
    said = rows.values_list("index", "kind", "review", "label", "opening__facts")
    known: dict[str, Label] = {}
    found = []
    for index, kind, review, label, facts in said:
        if label not in known:
            known[label] = Label.parse(label)
        found.append(Committed(log, index, kind, review, _actor_in(facts), known[label]))
    return tuple(found)


def may_know(asking: Reader, log: str) -> bool:
    """The shared log is everybody's to know of; that a developer drafts at all is the developer's alone (V10)."""
    return log == MAIN or log in asking.organisations


def entries(
    asking: Reader,
    *,
    log: str = MAIN,
    after: int = -1,
    before: int | None = None,
    kind: str | None = None,
    review: str | None = None,
    besides: str | None = None,
    limit: int = 100,
    newest_first: bool = False,
) -> tuple[Entry, ...]:
    """At most ``limit`` entries the asker may read, with after < index < before; ``kind`` is a prefix.

    ``review`` keeps the entries whose fact of that name is that review's id. Rows that the asker may not read
    never leave the database. Kinds that begin with ``besides`` are left out.
    """
    rows = _readable(asking, log, kind, review).filter(index__gt=max(-1, min(after, _END)))
    if before is not None:
        rows = rows.filter(index__lt=max(0, min(before, _END)))
    if besides:
        rows = rows.exclude(kind__startswith=besides)
    rows = rows.select_related("opening").order_by("-index" if newest_first else "index")
    return tuple(view(row) for row in rows[: max(0, limit)])


def entry_row(asking: Reader, log: str, index: int) -> EntryRow:
    """Raises ``NotFound`` (``no-such-entry``), also for an entry one may not read."""
    row: EntryRow | None = None
    if is_log_name(log) and 0 <= index <= _END:
        row = EntryRow.objects.filter(log_id=log, index=index).select_related("opening").first()
    if row is None or not asking.may_read(Label.parse(row.label)):
        raise NotFound("no-such-entry", f"There is no entry {index} in the log {log[:80]!r} that you may read.")
    return row


def receipt(asking: Reader, *, log: str, index: int, checkpoint: str) -> dict[str, Any]:
    """The receipt of an entry under ``checkpoint`` (a signed note), JSON-ready.

    Raises ``NotFound`` (``no-such-entry``), ``Unavailable`` (``ledger-damaged``).
    """
    row = entry_row(asking, log, index)
    size = Checkpoint.parse(checkpoint.rpartition("\n\n")[0] + "\n").size
    look = looker(log, coordinates(partial(_path, index, size)))
    return _receipt(row, inclusion_path(look, index, size), size, checkpoint)


def indexes(
    asking: Reader, *, log: str, kind: str | None = None, review: str | None = None, of_reviews: bool = False
) -> tuple[int, ...]:
    """Where the entries stand that the asker may read, oldest first; ``kind`` and ``review`` as in ``entries``.

    ``of_reviews`` keeps those that name a review at all.
    """
    rows = _readable(asking, log, kind, review)
    if of_reviews:
        rows = rows.exclude(review="")
    return tuple(rows.order_by("index").values_list("index", flat=True))


def receipts(asking: Reader, *, log: str, wanted: Sequence[int], checkpoint: str) -> Iterator[dict[str, Any]]:
    """The receipts of those of the ``wanted`` entries that the asker may read and the checkpoint covers, in order.

    Raises ``Unavailable`` (``ledger-damaged``).
    """
    size = Checkpoint.parse(checkpoint.rpartition("\n\n")[0] + "\n").size
    for part in in_parts(index for index in wanted if index < size):
        rows = list(_readable(asking, log).filter(index__in=part).select_related("opening").order_by("index"))
        nodes = {at for row in rows for at in coordinates(partial(_path, row.index, size))}
        look = looker(log, nodes)
        for row in rows:
            yield _receipt(row, inclusion_path(look, row.index, size), size, checkpoint)


def consistency(*, log: str = MAIN, old: int, new: int) -> list[str]:
    """The proof (hex) that the log of ``new`` entries starts with that of ``old``.

    Raises ``Misuse`` (``no-such-size``).
    """
    size = head(log)
    if not 0 < old <= new <= size:
        raise Misuse("no-such-size", f"The log {log[:80]!r} has {size} entries; ask for sizes 1 ≤ old ≤ new ≤ that.")
    look = looker(log, coordinates(lambda record: consistency_path(record, old, new)))
    return [step.hex() for step in consistency_path(look, old, new)]


def looker(log: str, wanted: Iterable[Coordinate]) -> Look:
    """A function that knows the hashes of the ``wanted`` nodes, fetched in two queries at most.

    It raises ``Unavailable`` (``ledger-damaged``) for one that is not stored.
    """
    wanted = list(wanted)
    leaves = {index: (0, index) for level, index in wanted if level == 0}
    inner = {number(at): at for at in wanted if at[0] > 0}
    entries = EntryRow.objects.filter(log_id=log, index__in=leaves).values_list("index", "leaf")
    nodes = NodeRow.objects.filter(log_id=log, place__in=inner).values_list("place", "hash")
    known: dict[Coordinate, Hash] = {leaves[index]: bytes.fromhex(leaf) for index, leaf in entries}
    known.update({inner[place]: bytes.fromhex(hash_) for place, hash_ in nodes})

    def look(at: Coordinate) -> Hash:
        if at not in known:
            raise damaged(log, f"a node of its tree is missing (level {at[0]}, {at[1]})")
        return known[at]

    return look


def newest_checkpoint(log: str) -> CheckpointRow | None:
    """The last that was signed."""
    return CheckpointRow.objects.filter(log_id=log).order_by("-size").first() if is_log_name(log) else None


def recomputed_leaves(log: str, start: int, end: int) -> Iterator[tuple[int, Hash]]:
    """Index and leaf hash of the entries [start, end), hashed again from their stored bytes.

    Raises ``Unavailable`` (``ledger-damaged``) if one is missing.
    """
    rows = EntryRow.objects.filter(log_id=log, index__gte=start, index__lt=end).order_by("index")
    expected = start
    for index, data in rows.values_list("index", "data").iterator(chunk_size=_CHUNK):
        if index != expected:
            break
        yield index, leaf_hash(data.encode())
        expected += 1
    if expected != end:
        raise damaged(log, f"entry {expected} is missing")


def audit(log: str = MAIN, *, key: str) -> Audit:
    """Recompute ``log`` from its stored bytes, every part of it, and compare with what it claims of itself.

    Entries with their rows and openings, leaf hashes, stored nodes, head, and every checkpoint ever signed (with
    its signature by ``key``) must agree; ``fault`` names the first that does not.
    """
    frontier, checked, done = list[Hash](), set[int](), 0
    while True:
        row = _log_row(log)
        size = row.size if row else 0
        made = list(CheckpointRow.objects.filter(log_id=log).order_by("size")) if row else []
        signed = {one.size: one for one in made if one.size not in checked}
        fault = None
        try:
            for start in range(done, size, _CHUNK):
                frontier = _audited(log, start, min(start + _CHUNK, size), frontier, signed, key)
                done = min(start + _CHUNK, size)
            _check_head(log, row, frontier, signed)
        except Unavailable as error:
            fault = error.message
        checked = {one.size for one in made} - set(signed)
        if fault is None or done < size or _size(log) == size:  # else more was appended meanwhile: that is no fault
            return Audit(log, size, root_of(frontier).hex(), len(made), fault)


def _check_head(log: str, row: Log | None, frontier: list[Hash], signed: dict[int, CheckpointRow]) -> None:
    """That nothing is there beside what was recomputed. Raises ``Unavailable`` (``ledger-damaged``)."""
    size = row.size if row else 0
    if signed:
        raise damaged(log, f"a checkpoint of size {max(signed)} was signed, but there are {size} entries")
    if row is None:
        return
    if [node.hex() for node in frontier] != row.frontier:
        raise damaged(log, "its entries do not hash to its head")
    if EntryRow.objects.filter(log_id=log, index__gte=size).exists():
        raise damaged(log, f"there are entries beyond its size of {size}")
    if NodeRow.objects.filter(log_id=log).count() != size - size.bit_count():
        raise damaged(log, "its tree has nodes that no entries make")


def _audited(
    log: str, start: int, end: int, frontier: list[Hash], signed: dict[int, CheckpointRow], key: str
) -> list[Hash]:
    """The frontier after the entries [start, end); takes the checkpoints it has checked out of ``signed``."""
    block = EntryRow.objects.filter(log_id=log, index__gte=start, index__lt=end).order_by("index")
    found = {row.index: row for row in block.select_related("opening", "log")}
    nodes: dict[int, tuple[Coordinate, Hash]] = {}
    for index in range(start, end):
        if index not in found:
            raise damaged(log, f"entry {index} is missing")
        row = found[index]
        if (why := _fault(row)) is not None:
            raise damaged(log, f"entry {index} {why}")
        frontier, made = grow(index, frontier, bytes.fromhex(row.leaf))
        nodes.update({number(at): (at, node) for at, node in made})
        if (checkpoint := signed.pop(index + 1, None)) is not None:
            _check(checkpoint, log, root_of(frontier), row.log.origin, key)
    stored = dict(NodeRow.objects.filter(log_id=log, place__in=nodes).values_list("place", "hash"))
    for place, ((level, index), node) in nodes.items():
        if stored.get(place) != node.hex():
            raise damaged(log, f"the node of its tree at level {level}, {index} is not what it should be")
    return frontier


def _fault(row: EntryRow) -> str | None:
    """Why an entry's row, bytes, leaf and openings do not agree."""
    opening = getattr(row, "opening", None)
    if opening is not None and opening.label != row.label:
        return "has openings under another label than its own"
    if leaf_hash(row.data.encode()).hex() != row.leaf:
        return "does not hash to its leaf"
    return entry_fault(
        row.data,
        opening and opening.facts,
        origin=row.log.origin,
        log=row.log_id,
        index=row.index,
        at=row.at,
        kind=row.kind,
    )


def _check(checkpoint: CheckpointRow, log: str, root: Hash, origin: str, key: str) -> None:
    size = checkpoint.size
    if checkpoint.root != root.hex():
        raise damaged(log, f"the checkpoint of size {size} signs another history")
    try:
        said = Checkpoint.parse(opened(checkpoint.note, key))
    except ValueError as error:
        raise damaged(log, f"the checkpoint of size {size} cannot be trusted ({error})") from error
    if said != Checkpoint(f"{origin}/{log}", size, root):
        raise damaged(log, f"the note of the checkpoint of size {size} says another thing than was signed")


def damaged(log: str, why: str) -> Unavailable:
    """The one sentence for a record that no longer agrees with itself."""
    return Unavailable(
        "ledger-damaged",
        f"The log {log!r} is damaged: {why}. Nothing was signed; restore the database from its backup.",
    )


def view(row: EntryRow) -> Entry:
    """The frozen form of a row; whoever calls has checked the label."""
    opening = getattr(row, "opening", None)
    try:
        return Entry(
            log=row.log_id,
            index=row.index,
            at=row.at,
            kind=row.kind,
            leaf=row.leaf,
            label=Label.parse(row.label),
            commitments=json.loads(row.data)["commitments"],
            openings={} if opening is None else json.loads(opening.facts),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise damaged(row.log_id, f"entry {row.index} cannot be read") from error


def _readable(asking: Reader, log: str, kind: str | None = None, review: str | None = None) -> QuerySet[EntryRow]:
    if not is_log_name(log) or not f"{kind}{review}".isprintable():
        return EntryRow.objects.none()
    labels = EntryRow.objects.filter(log_id=log).order_by("label").values_list("label", flat=True).distinct()
    rows = EntryRow.objects.filter(log_id=log, label__in=asking.readable(labels))
    if kind:
        rows = rows.filter(kind__startswith=kind)
    return rows.filter(review=review) if review else rows


def _path(index: int, size: int, look: Look) -> list[Hash]:
    return inclusion_path(look, index, size)


def _receipt(row: EntryRow, path: Iterable[Hash], size: int, checkpoint: str) -> dict[str, Any]:
    return {
        "entry": json.loads(row.data),
        "openings": dict(view(row).openings),
        "inclusion": {"index": row.index, "size": size, "path": [step.hex() for step in path]},
        "checkpoint": checkpoint,
    }


def _actor_in(facts: str | None) -> str:
    return str(json.loads(facts).get("actor", {}).get("value", "")) if facts else ""


def _log_row(log: str) -> Log | None:
    return Log.objects.filter(name=log).first() if is_log_name(log) else None


def _size(log: str, lock: str = "") -> int:
    """By a statement of its own: it is asked many times a second."""
    if not is_log_name(log):
        return 0
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT size FROM {Log._meta.db_table} WHERE name = %s{lock}", [log])  # noqa: S608
        row = cursor.fetchone()
    return int(row[0]) if row else 0
