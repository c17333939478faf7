"""What was handed over, the duties that follow, planted strings and leaks, as an asker may see them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from django.db.models import Count

from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import Misuse
from seatrial.kernel.labels import Label
from seatrial.parties import api as parties
from seatrial.parties.types import Actor
from seatrial.review.cases.core.canaries import digests_in
from seatrial.review.cases.core.case import due, due_at
from seatrial.review.cases.models import CanaryRow, ItemRow, LeakRow, Review
from seatrial.review.cases.types import (
    CanaryView,
    ItemKind,
    ItemView,
    LeakView,
)

from .rows import case_of, destruction_of, dutiful, no_such_review, standing_end, visible


def items(asking: Actor, review_id: str, now: datetime) -> tuple[ItemView, ...]:
    """What was handed over or is kept, with its destruction duties; a partner sees what it has itself.

    Answers after a withdrawal too: the duty remains. Raises ``NotFound`` (``no-such-review``).
    """
    row = _answering(asking, review_id)
    case, whole = case_of(row), _readable(asking, row)
    rows = [
        one
        for one in sorted(row.items.all(), key=lambda one: (one.listed_at, one.id))
        if whole or one.holder_id in asking.organisations
    ]
    found = [(one, case.item(one.id)) for one in rows]
    names = _namers(rows)
    return tuple(_item(one, due(case, item, now), names) for one, item in found if item is not None)


def duties(asking: Actor, now: datetime, *, after: str = "", limit: int | None = None) -> tuple[ItemView, ...]:
    """What the asker's organisations still have to destroy, first due first: all of it, or the first ``limit`` after
    the item ``after``. The number of queries is the same for any number of things.

    Raises ``Misuse`` (``bad-place``) for an ``after`` that is none of them.
    """
    dates = _due_dates(asking, now)
    order = sorted(dates, key=lambda item: (dates[item] is None, dates[item] or now, item))
    if after:
        if after not in dates:
            raise Misuse("bad-place", f"{after[:40]!r} is nothing to go on from; begin again at the first.")
        order = order[order.index(after) + 1 :]
    order = order[:limit]
    found = {row.id: row for row in ItemRow.objects.filter(id__in=order)}
    names = _namers(found.values())
    return tuple(_item(found[item], dates[item], names) for item in order)


def _due_dates(asking: Actor, now: datetime) -> dict[str, datetime | None]:
    """By when each thing that the asker's organisations have must be destroyed: of each no more than its dates."""
    rows = ItemRow.objects.filter(
        holder_id__in=asking.organisations, attested_at=None, review__in=dutiful(asking).values("id")
    ).annotate(closes=standing_end("review_id"))
    labels = rows.order_by().values_list("review__label", flat=True).distinct()
    rows = rows.filter(review__label__in=[label for label in labels if _cleared(asking, label)])
    said = rows.values_list(
        "id",
        "due_at",
        "review__policy_id",
        "review__partner_release",
        "review__earliest_release",
        "closes",
        "review__withdrawn_at",
        "review__released_at",
        "review__closed_at",
    )
    documents = dict(rows.values_list("review__policy_id", "review__policy__document").distinct())
    destruction = {policy: destruction_of(document) for policy, document in documents.items()}
    found = {}
    for item, own, policy, planned, earliest, closes, *recorded in said:
        ends = (planned,) if closes is None else (planned, closes, earliest or planned)
        found[item] = due_at(
            own,
            destruction=destruction[policy],
            deadline=min(ends),
            ended=min((moment for moment in recorded if moment is not None), default=None),
            closed=recorded[-1] is not None,
            now=now,
        )
    return found


def destructions(reviews: Collection[str], now: datetime) -> dict[str, datetime | None]:
    """By when whatever is left of each review must be destroyed; ``None`` while access may last. For the house."""
    rows = Review.objects.filter(id__in=reviews).annotate(closes=standing_end("id")).select_related("policy")
    return {
        row.id: due_at(
            None,
            destruction=destruction_of(row.policy.document),
            deadline=min(row.partner_release, row.closes, row.earliest_release or row.partner_release)
            if row.closes
            else row.partner_release,
            ended=min(
                (moment for moment in (row.withdrawn_at, row.released_at, row.closed_at) if moment), default=None
            ),
            closed=row.closed_at is not None,
            now=now,
        )
        for row in rows
    }


def canaries(asking: Actor, review_id: str) -> tuple[CanaryView, ...]:
    """The strings the developer planted, by where; the developer's alone. Raises ``NotFound``."""
    row = visible(asking).filter(id=review_id, developer_id__in=asking.organisations).first()
    if row is None or not _cleared(asking, row.label):
        raise no_such_review(review_id)
    planted = CanaryRow.objects.filter(review=row).annotate(found=Count("hits")).order_by("planted_at", "id")
    return tuple(CanaryView(one.id, one.place, one.planted_at, one.found) for one in planted)


def leaks(asking: Actor, review_id: str) -> tuple[LeakView, ...]:
    """The reports of leaks, newest first; to others than the developer without their words until it has read them.

    Whoever may not read the review (a partner; the body after a withdrawal) is shown what they reported themselves.
    """
    row = _answering(asking, review_id)
    rows = LeakRow.objects.filter(review=row).select_related("canary").order_by("-at", "-id")
    whole = _readable(asking, row)
    reports = list(rows if whole else rows.filter(by=asking.person))
    names, ours = parties.names({leak.by for leak in reports}), row.developer_id in asking.organisations
    return tuple(
        LeakView(
            id=leak.id,
            at=leak.at,
            by=names.get(leak.by, leak.by) if ours or leak.by == asking.person else "",
            found=leak.found if ours or leak.by == asking.person or leak.acknowledged_at else None,
            place=leak.canary.place if leak.canary is not None and (ours or (whole and leak.acknowledged_at)) else None,
            acknowledged_at=leak.acknowledged_at,
        )
        for leak in reports
    )


def planted(text: str) -> tuple[CanaryRow, ...]:
    """The canaries that stand in ``text``, for the house itself."""
    return tuple(CanaryRow.objects.filter(digest__in=digests_in(text)).order_by("id"))


def _namers(items: Iterable[ItemRow]) -> dict[str, str]:
    """The names of those who listed things or attested their destruction."""
    return parties.names({named for one in items for named in (one.listed_by_id, one.attested_by_id or "")})


def _answering(asking: Actor, review_id: str) -> Review:
    """The review, for whoever has duties on it or may inspect it. Raises ``NotFound`` (``no-such-review``)."""
    row = dutiful(asking).filter(id=review_id).first() or visible(asking).filter(id=review_id).first()
    if row is None or not _cleared(asking, row.label):
        raise no_such_review(review_id)
    return row


def _readable(asking: Actor, row: Review) -> bool:
    """Whether the asker may read the review itself: else they are shown their own part only."""
    return asking.may_read(Label.parse(row.label)) and visible(asking).filter(id=row.id).exists()


def _cleared(asking: Actor, label: str) -> bool:
    """Whether the asker is cleared for a review's label; a duty reaches organisations beyond its audience."""
    said = Label.parse(label)
    return asking.may_read(replace(said, audience=(said.audience or frozenset()) | asking.organisations))


def _item(one: ItemRow, due_at: datetime | None, names: dict[str, str]) -> ItemView:
    return ItemView(
        id=one.id,
        review=one.review_id,
        kind=ItemKind(one.kind),
        text=one.text,
        holder=one.holder_id,
        digest=Digest(one.digest) if one.digest else None,
        listed_at=one.listed_at,
        listed_by=names.get(one.listed_by_id, one.listed_by_id),
        due_at=due_at,
        attested_at=one.attested_at,
        attested_by=names.get(one.attested_by_id or "", one.attested_by_id),
        attestation=one.attestation or None,
    )
