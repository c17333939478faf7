"""What people see of access: the developer each use of its model, a caller theirs and their body's.

``key_facts``, ``known_key``, ``holder`` and ``credential`` answer for the house itself, at enforcement.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import F, Prefetch, Q

from seatrial.kernel.digests import Digest, digest, same
from seatrial.kernel.errors import NotFound, Unavailable
from seatrial.kernel.labels import Label, Reader
from seatrial.parties import api as parties
from seatrial.parties.types import Actor
from seatrial.review.access.core.keys import id_in
from seatrial.review.access.core.prices import money_charged, price_in
from seatrial.review.access.core.records import NUMBERS, TEXTS, batch_path, leaf_of, record_of
from seatrial.review.access.models import AccessKey, Account, Batch, Exchange, KeptBody, UpstreamCredential
from seatrial.review.access.ports import Sealer
from seatrial.review.access.types import BodyView, ExchangeView, KeyFacts, KeyView, Side, Usage
from seatrial.review.cases import api as cases

ReceiptParts = tuple[dict[str, Any], dict[str, Any], str, int]
_OF_BODY = ("exchange_id", "side", "digest", "size", "whole", "days")
RECORDED = (*TEXTS, *NUMBERS, "key_id", "logits", "at", "settled_at", "first_byte_seconds", "seconds")


def exchanges(asking: Actor, review: str, limit: int = 100, before: str | None = None) -> tuple[ExchangeView, ...]:
    """The latest ``limit`` exchanges of a review that ``asking`` may see, newest first.

    The developer, the body and an inspector as the label says; a trusted partner's people their own. After a
    withdrawal the body sees none of it (V10). ``before`` is the id of one of them: only older ones are shown. Raises
    ``NotFound`` (``no-such-exchange``).
    """
    rows = Exchange.objects.filter(_own(asking, review), review=review).select_related("batch").order_by("-at", "-id")
    rows = rows.prefetch_related(Prefetch("bodies", KeptBody.objects.order_by("side")))
    if before is not None:
        last = rows.filter(id=before).first()
        if last is None or not _may_see(asking, last):
            raise NotFound("no-such-exchange", f"There is no exchange {before[:80]!r} that you may see.")
        rows = rows.filter(Q(at__lt=last.at) | Q(at=last.at, id__lt=last.id))
    return tuple(_exchange(row) for row in rows[:limit] if _may_see(asking, row))


def concerns(asking: Actor, review: str, now: datetime) -> None:
    """Returns if ``asking`` may know of the review, or calls or called under it for a trusted partner.

    Raises ``NotFound`` (``no-such-review``) for anybody else, and for a review that is not there.
    """
    if any(invitation.review == review for invitation in cases.invitations(asking, now)):
        return
    if not asking.person or not AccessKey.objects.filter(person=asking.person, review=review).exists():
        cases.developer_of(asking, review)


def usage(asking: Actor, review: str) -> Usage:
    """What the latest charged consent of a review was charged; nothing to whoever may not know of the review."""
    if not _knows(asking, review):
        return Usage(0, 0, 0)
    row = Account.objects.filter(review=review, home=F("body")).order_by("-number").first()
    if row is None or not asking.may_read(Label.parse(row.label)):
        return Usage(0, 0, 0)
    return usage_of(row, in_flight_before(row))


def keys(asking: Actor, review: str) -> tuple[KeyView, ...]:
    """One's own keys for a review, newest first; the developer sees all keys of its review."""
    own = Q(person=asking.person) | Q(developer__in=asking.organisations)
    rows = AccessKey.objects.filter(own, review=review).order_by("-issued_at", "id") if asking.person else []
    if not _knows(asking, review):
        rows = [row for row in rows if row.home != row.body and row.home in asking.organisations]
    return tuple(
        KeyView(row.id, row.person, row.review, row.home, row.purpose, row.issued_at, row.revoked_at) for row in rows
    )


def usage_of(row: Account, before: int) -> Usage:
    """An account's counters in their frozen form; ``before`` calls begun under earlier consents are in flight too."""
    return Usage(
        requests=row.requests,
        tokens=row.tokens,
        in_flight=row.in_flight + before,
        money=row.money,
        currency=_currency(row),
    )


def _currency(row: Account) -> str:
    tariff = row.terms.get("tariff")
    return str(tariff["currency"]) if tariff else ""


def in_flight_before(row: Account) -> int:
    """How many calls are in flight that the other accounts of the review were charged."""
    others = Account.objects.filter(review=row.review, home=row.home, in_flight__gt=0).exclude(id=row.id)
    return sum(others.values_list("in_flight", flat=True))


def known_key(text: str) -> AccessKey | None:
    """The key of that text, revoked or not."""
    key_id = id_in(text)
    row = AccessKey.objects.filter(id=key_id).first() if key_id else None
    return row if row is not None and same(row.digest, digest(text.encode())) else None


def key_facts(row: Any, person: Reader | None) -> KeyFacts:
    """What the decision needs of a key, from its row or the named columns of it, and of its holder."""
    return KeyFacts(
        id=row.id,
        person=row.person,
        review=row.review,
        home=row.home,
        purpose=row.purpose,
        revoked=row.revoked_at is not None,
        issued_at=row.issued_at,
        holder=person,
    )


def holder(person: str) -> Reader | None:
    """The person behind a key, or ``None`` if no longer active."""
    try:
        return parties.actor(person)
    except NotFound:
        return None


def credential(review: str, *, sealer: Sealer) -> str:
    """The developer's secret for its endpoint, or "" if it set none. Raises ``Unavailable`` if it cannot be opened."""
    row = UpstreamCredential.objects.filter(review=review).first()
    return sealer.unseal(row.sealed, review) if row else ""


def exchange_records(batch: Batch) -> tuple[dict[str, Any], ...]:
    """The records of a batch, in their places."""
    rows = list(Exchange.objects.filter(batch=batch).order_by("place").values(*RECORDED))
    bodies = kept_bodies([row["id"] for row in rows])
    return tuple(record_of(row, bodies.get(row["id"], ())) for row in rows)


def receipt_parts(
    asking: Actor, exchange: str, review: str | None = None
) -> tuple[dict[str, Any], dict[str, Any], str, int]:
    """Record, place in the batch, and where the batch's ledger entry stands (log, index).

    Raises ``NotFound`` (``no-such-exchange``), ``Unavailable`` (``receipt-pending``) until the batch is made.
    """
    row = visible_exchange(asking, exchange, review)
    if row.batch is None:
        raise Unavailable(
            "receipt-pending", "This exchange has no receipt yet: it gets one about a second after it has ended."
        )
    records = exchange_records(row.batch)
    leaves = list(map(leaf_of, records))
    path = [step.hex() for step in batch_path(leaves, row.place or 0)]
    place = {"index": row.place, "size": len(leaves), "path": path}
    return records[row.place or 0], place, row.batch.log, row.batch.index


def visible_exchange(asking: Actor, exchange: str, review: str | None) -> Exchange:
    """The row of an exchange (of that ``review``) the asker may see. Raises ``NotFound`` (``no-such-exchange``)."""
    row = Exchange.objects.filter(id=exchange).select_related("batch").first()
    of_another = row is not None and review not in (None, row.review)
    if (
        row is None
        or of_another
        or not _may_see(asking, row)
        or not Exchange.objects.filter(_own(asking, row.review), id=exchange).exists()
    ):
        raise NotFound("no-such-exchange", f"There is no exchange {exchange[:80]!r} that you may see.")
    return row


def body_view(row: KeptBody) -> BodyView:
    """The frozen form."""
    return BodyView(
        side=Side(row.side),
        digest=Digest(row.digest) if row.digest else None,
        size=row.size,
        whole=row.whole,
        until=row.until,
        destroyed_at=row.destroyed_at,
    )


def kept_bodies(exchanges: Collection[str]) -> dict[str, list[dict[str, Any]]]:
    """What the records of these exchanges say of their bodies, for ``record_of``; nothing for what was not kept."""
    found = defaultdict[str, list[dict[str, Any]]](list)
    if not KeptBody.objects.exists():
        return found
    for row in KeptBody.objects.filter(exchange__in=exchanges).order_by("exchange_id", "side").values(*_OF_BODY):
        found[row["exchange_id"]].append(row)
    return found


def _knows(asking: Actor, review: str) -> bool:
    try:
        return bool(cases.developer_of(asking, review))
    except NotFound:
        return False


def _own(asking: Actor, review: str) -> Q:
    """Every exchange of a review one may know of; else one's own as somebody of a trusted partner."""
    if _knows(asking, review):
        return Q()
    return Q(person=asking.person, key__home__in=asking.organisations) & ~Q(key__home=F("body"))


def _may_see(asking: Reader, row: Exchange) -> bool:
    return row.person == asking.person or asking.may_read(Label.parse(row.label))


def _exchange(row: Exchange) -> ExchangeView:
    return ExchangeView(
        id=row.id,
        review=row.review,
        person=row.person,
        purpose=row.purpose,
        at=row.at,
        method=row.method,
        path=row.path,
        request_digest=Digest(row.request_digest),
        request_bytes=row.request_bytes,
        response_digest=Digest(row.response_digest) if row.response_digest else None,
        response_bytes=row.response_bytes,
        status=row.status,
        prompt_tokens=row.prompt_tokens,
        completion_tokens=row.completion_tokens,
        first_byte_seconds=row.first_byte_seconds,
        seconds=row.seconds,
        ended=row.ended,
        log=row.batch.log if row.batch is not None else None,
        index=row.batch.index if row.batch is not None else None,
        bodies=tuple(map(body_view, row.bodies.all())),
        money=_money(row),
    )


def _money(row: Exchange) -> int | None:
    """What an exchange is charged, in millionths; ``None`` if it began under no tariff."""
    price = price_in(row.price)
    if price is None or row.ended is None:
        return row.reserved_money if price is not None else None
    return money_charged(price, row.reserved_money, row.prompt_tokens, row.completion_tokens)
