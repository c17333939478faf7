"""The list of reviews, a page at a time: a bounded number of queries and rows, however many reviews there are."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from seatrial.kernel.errors import Misuse
from seatrial.parties import api as parties
from seatrial.parties.types import Actor
from seatrial.review.cases.models import Review
from seatrial.review.cases.types import ReviewView

from .reading import view_of
from .rows import dutiful, standing_end, visible

_RECORDED = ("withdrawn_at", "released_at", "closed_at")


def reviews(
    asking: Actor, now: datetime, *, after: str = "", limit: int = 100, find: str = "", ended: bool | None = None
) -> tuple[ReviewView, ...]:
    """At most ``limit`` reviews the asker may see, newest first, without their timelines; ``after`` is the last id
    of the page before, ``find`` a part of title or model; ``ended`` keeps those that ended, or those that did not.

    A withdrawn one leaves the body's list at once: what remains for the body is the sealed record (V10). Raises
    ``Misuse`` (``bad-place``) for an ``after`` that the asker cannot have been shown.
    """
    if not find.isprintable():
        return ()
    rows = _newest(asking)
    if find:
        rows = rows.filter(Q(title__icontains=find) | Q(model__icontains=find))
    if ended is not None:
        rows = at(rows, now, ended=ended)
    if after:
        drafted_at = _place(asking, after)
        rows = rows.filter(Q(drafted_at__lt=drafted_at) | Q(drafted_at=drafted_at, id__lt=after))
    part = list(rows[: max(0, limit)])
    names = parties.names({home for row in part for home in (row.developer_id, row.body_id)})
    return tuple(view_of(row, asking, now, names) for row in part)


def titles(asking: Actor, *, limit: int = 100) -> dict[str, str]:
    """The titles of the newest reviews the asker may see, by id: for choosing one, in two queries."""
    return dict(_newest(asking).values_list("id", "title")[: max(0, limit)])


def _newest(asking: Actor) -> QuerySet[Review]:
    shown = visible(asking)
    labels = shown.order_by("label").values_list("label", flat=True).distinct()
    return shown.filter(label__in=asking.readable(labels)).order_by("-drafted_at", "-id")


def at(rows: QuerySet[Review], now: datetime, *, ended: bool) -> QuerySet[Review]:
    """The rows whose review has ended at ``now``, or has not: ``core.case.state_of`` in the database's own words."""
    rows = rows.annotate(closes=standing_end("pk"))
    if ended:
        recorded = Q()
        for name in _RECORDED:
            recorded |= Q(**{f"{name}__isnull": False})
        over = Q(closes__lte=now) | Q(closes__isnull=False, earliest_release__lte=now)
        return rows.filter(recorded | Q(partner_release__lte=now) | over)
    unrecorded = Q(**{f"{name}__isnull": True for name in _RECORDED})
    lasting = Q(closes__gt=now) & (Q(earliest_release__isnull=True) | Q(earliest_release__gt=now))
    return rows.filter(unrecorded, Q(closes__isnull=True) | lasting, partner_release__gt=now)


def _place(asking: Actor, after: str) -> datetime:
    """When that review was drafted; one that has left the asker's list since is a place to go on from too."""
    known = (rows.filter(id=after).values_list("drafted_at", flat=True) for rows in (visible(asking), dutiful(asking)))
    found = next((moment for rows in known for moment in rows), None) if after.isprintable() else None
    if found is None:
        raise Misuse("bad-place", f"{after[:40]!r} is no review to go on from; begin again at the newest.")
    return found
