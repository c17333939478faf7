"""Kept bodies: which are to be destroyed, and the sealed file for whoever may see the exchange."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import BinaryIO

from django.db.models import Q

from seatrial.kernel.errors import NotFound
from seatrial.parties.types import Actor
from seatrial.review.access.models import KeptBody
from seatrial.review.access.ports import Bodies
from seatrial.review.access.types import BodyView, Side
from seatrial.review.cases import api as cases

from .views import body_view, visible_exchange

_SURELY_OVER = timedelta(minutes=1)  # past the end of its right nothing is in flight any more


def bodies_due(now: datetime, *, limit: int, but: Collection[str]) -> list[KeptBody]:
    """At most ``limit`` bodies that are to be destroyed at ``now``, the oldest promise first: their own date has come,
    or that of whatever is left of their review. None of a call in flight, and none of those ``but`` names by id.
    """
    over = Q(exchange__ended__isnull=False) | Q(exchange__ends_at__lt=now - _SURELY_OVER)
    standing = KeptBody.objects.filter(over, destroyed_at=None)
    dates = cases.destructions(standing.order_by().values_list("review", flat=True).distinct(), now)
    ended = [review for review, date in dates.items() if date is not None and date <= now]
    return list(
        standing.filter(Q(until__lte=now) | Q(review__in=ended)).exclude(id__in=but).order_by("until", "id")[:limit]
    )


def sealed_body(asking: Actor, review: str, exchange: str, side: Side, *, store: Bodies) -> tuple[BodyView, BinaryIO]:
    """What is known of one kept body, and its sealed file, open; for whoever may see the exchange.

    Raises ``NotFound`` (``no-such-exchange``; ``no-such-body`` if nothing was kept, ``body-destroyed``) and
    ``Unavailable`` (``body-missing``).
    """
    visible_exchange(asking, exchange, review)
    row = KeptBody.objects.filter(exchange=exchange, side=side.value).first()
    if row is None or row.digest is None:
        raise NotFound("no-such-body", f"No {side} of this exchange was kept.")
    if row.destroyed_at is not None:
        raise NotFound("body-destroyed", f"The {side} of this exchange was destroyed on {row.destroyed_at:%d %B %Y}.")
    return body_view(row), store.open(review, exchange, side)
