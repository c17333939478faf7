"""Bodies that are kept: promised with the exchange, recorded with its settlement, destroyed on their date.

Destroying removes the file first and attests it after: a crash between the two is made good by the next sweep, which
finds nothing to remove. Rows are locked while they are attested, so two processes never attest one twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from seatrial.kernel.errors import Unavailable
from seatrial.kernel.ids import new_id
from seatrial.kernel.labels import Label
from seatrial.ledger import api as ledger
from seatrial.review.access.core.bodies import until
from seatrial.review.access.models import KeptBody
from seatrial.review.access.ports import Bodies
from seatrial.review.access.queries import bodies_due
from seatrial.review.access.types import Pass, SealedBody, Settlement, Side

_BODY = KeptBody._meta.db_table
_PROMISE = (
    f"INSERT INTO {_BODY} (id, exchange_id, review, side, days, until, size, log) "  # noqa: S608
    "VALUES (%s, %s, %s, %s, %s, %s, 0, '')"
)
_RECORD = (
    f"UPDATE {_BODY} SET whole = %s, digest = %s, size = %s, until = %s "  # noqa: S608
    "WHERE exchange_id = %s AND side = %s AND whole IS NULL"
)
_AT_ONCE = 100  # files that are removed before their destruction is attested


def promise(cursor: Any, passes: Sequence[Pass]) -> None:
    """That the bodies of these exchanges will be kept, in the transaction that lets them through."""
    stored = connection.ops.adapt_datetimefield_value
    rows = [
        (
            new_id("body"),
            passed.exchange,
            passed.review,
            side.value,
            keep.days,
            stored(until(passed.ends_at, keep.days)),
        )
        for passed, keep in ((passed, passed.keep) for passed in passes)
        if keep is not None
        for side in Side
    ]
    if rows:
        cursor.executemany(_PROMISE, rows)


def record_bodies(cursor: Any, settlements: Sequence[Settlement], now: datetime) -> None:
    """What became of the bodies of exchanges that are being settled, in that transaction. Once recorded it stands."""
    bodies = [(one.exchange, body) for one in settlements for body in one.bodies]
    if not bodies:
        return
    days = dict(_days(cursor, {name for name, _ in bodies}))
    stored = connection.ops.adapt_datetimefield_value
    cursor.executemany(
        _RECORD,
        [
            (body.whole, body.digest, body.size, stored(until(now, days[exchange])), exchange, body.side.value)
            for exchange, body in bodies
            if exchange in days
        ],
    )


def _days(cursor: Any, exchanges: set[str]) -> list[tuple[str, int]]:
    names = sorted(exchanges)
    cursor.execute(
        f"SELECT DISTINCT exchange_id, days FROM {_BODY} WHERE exchange_id IN ({', '.join(['%s'] * len(names))})",  # noqa: S608
        names,
    )
    rows: list[tuple[str, int]] = cursor.fetchall()
    return rows


def left_bodies(exchanges: Sequence[str], store: Bodies) -> dict[str, tuple[SealedBody, ...]]:
    """What an earlier process left of the bodies of these exchanges: whole files, cut ones, or nothing."""
    found = defaultdict[str, list[SealedBody]](list)
    for row in KeptBody.objects.filter(exchange__in=exchanges, whole=None).order_by("exchange_id", "side"):
        found[row.exchange_id].append(store.find(row.review, row.exchange_id, Side(row.side)))
    return {exchange: tuple(bodies) for exchange, bodies in found.items()}


def destroy_bodies(*, store: Bodies, now: datetime) -> int:
    """Destroy every body whose date has come, or that of what is left of its review; how many that were.

    One entry (``access.bodies-destroyed``) for each batch of one review and label says the digests of the sealed files.
    A file that cannot be removed stays kept on record, and the next sweep tries again: raises ``Unavailable``
    (``body-stuck``) after everything else was destroyed.
    """
    destroyed, stuck = 0, dict[str, Unavailable]()
    while found := bodies_due(now, limit=_AT_ONCE, but=stuck):
        for row in found:
            try:
                store.destroy(row.review, row.exchange_id, Side(row.side))
            except Unavailable as error:
                stuck[row.id] = error
        destroyed += _attest([row.id for row in found if row.id not in stuck], now)
    if stuck:
        raise next(iter(stuck.values()))
    return destroyed


def _attest(ids: Sequence[str], now: datetime) -> int:
    with transaction.atomic(durable=True):
        ledger.held(alone=True)  # the order of locks: head, then rows
        rows = KeptBody.objects.select_for_update(of=("self",)).select_related("exchange")
        found = list(rows.filter(id__in=ids, destroyed_at=None).order_by("exchange__at", "exchange_id", "side"))
        grouped = defaultdict[tuple[str, str], list[KeptBody]](list)
        for row in found:
            grouped[row.review, row.exchange.label].append(row)
        for (review, label), group in grouped.items():
            entry = ledger.append(
                kind="access.bodies-destroyed",
                actor="worker",
                facts={
                    "review": review,
                    "count": len(group),
                    "bodies": [[row.exchange_id, row.side, row.digest] for row in group],
                },
                label=Label.parse(label),
                at=now,
            )
            for row in group:
                row.destroyed_at, row.log, row.index = now, entry.log, entry.index
        KeptBody.objects.bulk_update(found, ["destroyed_at", "log", "index"])
    return len(found)
