"""What has ended, made provable: exchanges without a batch get one, under one entry of the ledger."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from seatrial.kernel.labels import Label
from seatrial.kernel.parts import in_parts
from seatrial.ledger import api as ledger
from seatrial.review.access.core.records import batch_root, leaf_of, record_of
from seatrial.review.access.models import Batch, Exchange
from seatrial.review.access.ports import Bodies
from seatrial.review.access.queries import RECORDED, Rights, kept_bodies
from seatrial.review.access.types import SealedBody, Settlement

from .keeping import left_bodies
from .rounds import decide_round

_MOST = 512  # exchanges in one batch: so long calls wait for it, and so many leaves a receipt hashes again
_AT_ONCE = 8 * _MOST  # exchanges read at once
_SURELY_OVER = timedelta(minutes=1)  # past its end nothing is in flight any more
_UNPROVEN = (
    f"SELECT {', '.join(RECORDED)} FROM {Exchange._meta.db_table} "  # noqa: S608
    "WHERE gateway = %s AND batch_id IS NULL AND ended IS NOT NULL ORDER BY settled_at, id LIMIT %s"
)
_PLACE = f"UPDATE {Exchange._meta.db_table} SET batch_id = %s, place = %s WHERE id = %s AND batch_id IS NULL"  # noqa: S608


def seal(*, gateway: str, now: datetime) -> int:
    """Batches for everything of ``gateway`` that has ended and has none; how many exchanges that were.

    One process seals for one gateway. A batch holds exchanges of one review and label.
    """
    sealed = 0
    while True:
        found = _ended(gateway)
        bodies = kept_bodies([row["id"] for row in found])
        grouped = defaultdict[tuple[str, str], list[dict[str, Any]]](list)
        for row in found:
            grouped[row["review"], row["label"]].append(record_of(row, bodies.get(row["id"], ())))
        for (review, label), records in grouped.items():
            for part in in_parts(records, _MOST):
                _batch(gateway, review, label, part, now)
        sealed += len(found)
        if len(found) < _AT_ONCE:
            return sealed


def settle_abandoned(*, gateway: str, rights: Rights, store: Bodies, now: datetime) -> int:
    """Settle what an earlier process of ``gateway`` left open, and whatever is open past its end; returns how many.

    Call only when that process is surely gone (its place is ours). The whole reservation stays charged, and what it
    left without a batch gets one. What it left of bodies that are kept is recorded as it is found: whole, cut, or not
    there.
    """
    left = Exchange.objects.filter(ended=None, batch=None)
    left = left.filter(Q(gateway=gateway) | Q(ends_at__lt=now - _SURELY_OVER))
    found = list(left.order_by("at", "id").values_list("id", "at", "gateway"))
    for some in in_parts(found):
        bodies = left_bodies([exchange for exchange, _, _ in some], store)
        gone = [_gone(exchange, at, now, bodies.get(exchange, ())) for exchange, at, _ in some]
        decide_round(rights=rights, settlements=gone, requests=(), now=now)
    for name in {gateway, *(name for _, _, name in found)}:
        seal(gateway=name, now=now)
    return len(found)


def _ended(gateway: str) -> list[dict[str, Any]]:
    """Columns of what has ended and has no batch, by statement: it comes as often as calls do."""
    with connection.cursor() as cursor:
        cursor.execute(_UNPROVEN, [gateway, _AT_ONCE])
        rows = cursor.fetchall()
    found = [dict(zip(RECORDED, row, strict=True)) for row in rows]
    for row in found:
        row["at"], row["settled_at"] = _moment(row["at"]), _moment(row["settled_at"])
    return found


def _moment(stored: datetime) -> datetime:
    """SQLite keeps moments in UTC, and does not say so."""
    return stored if stored.tzinfo is not None else stored.replace(tzinfo=UTC)


def _gone(exchange: str, at: datetime, now: datetime, bodies: tuple[SealedBody, ...]) -> Settlement:
    return Settlement(
        exchange=exchange,
        status=0,
        response_digest=None,
        response_bytes=0,
        prompt_tokens=None,
        completion_tokens=None,
        first_byte_seconds=None,
        seconds=max(0.0, (now - at).total_seconds()),
        ended="gateway-stopped",
        bodies=bodies,
    )


def _batch(gateway: str, review: str, label: str, records: list[dict[str, Any]], now: datetime) -> None:
    root = batch_root(list(map(leaf_of, records)))
    with transaction.atomic(durable=True):
        entry = ledger.append(
            kind="access.exchanges",
            actor="gateway",
            facts={"review": review, "gateway": gateway, "count": len(records), "root": root.hex()},
            label=Label.parse(label),
            at=now,
        )
        batch = Batch(review=review, gateway=gateway, log=entry.log, index=entry.index, size=len(records))
        batch.save(force_insert=True)
        with connection.cursor() as cursor:
            cursor.executemany(_PLACE, [(batch.id, place, record["id"]) for place, record in enumerate(records)])
