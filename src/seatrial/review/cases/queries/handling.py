"""What was handed over, the duties that follow, planted strings and leaks, as an asker may see them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count

from seatrial.kernel.digests import Digest
from seatrial.parties import api as parties
from seatrial.parties.types import Actor
from seatrial.review.cases.core.canaries import digests_in
from seatrial.review.cases.core.case import (
    due,
)
from seatrial.review.cases.models import CanaryRow, ItemRow, LeakRow, Review
from seatrial.review.cases.types import (
    CanaryView,
    ItemView,
    LeakView,
)

from .rows import case_of, dutiful, no_such_review, visible


def items(asking: Actor, review_id: str, now: datetime) -> tuple[ItemView, ...]:
    """What was handed over or is kept, with its destruction duties; a partner sees what it has itself.

    Answers after a withdrawal too: the duty remains. Raises ``NotFound`` (``no-such-review``).
    """
    row = _answering(asking, review_id)
    return _items(row, asking, now, _namers([row]))


def duties(asking: Actor, now: datetime) -> tuple[ItemView, ...]:
    """Everything the asker's organisations still have to destroy, first due first."""
    rows = dutiful(asking).filter(items__holder_id__in=asking.organisations, items__attested_at=None).distinct()
    names = _namers(rows)
    found = [item for row in rows for item in _items(row, asking, now, names)]
    mine = [item for item in found if item.holder in asking.organisations and item.attested_at is None]
    return tuple(sorted(mine, key=lambda item: (item.due_at is None, item.due_at or now, item.id)))


def canaries(asking: Actor, review_id: str) -> tuple[CanaryView, ...]:
    """The strings the developer planted, by where; the developer's alone. Raises ``NotFound``."""
    row = visible(asking).filter(id=review_id, developer_id__in=asking.organisations).first()
    if row is None:
        raise no_such_review(review_id)
    planted = CanaryRow.objects.filter(review=row).annotate(found=Count("hits")).order_by("planted_at", "id")
    return tuple(CanaryView(one.id, one.place, one.planted_at, one.found) for one in planted)


def leaks(asking: Actor, review_id: str) -> tuple[LeakView, ...]:
    """The reports of leaks, newest first; to others than the developer without their words until it has read them."""
    row = _answering(asking, review_id)
    reports = list(LeakRow.objects.filter(review=row).select_related("canary").order_by("-at", "-id"))
    names, ours = parties.names({leak.by for leak in reports}), row.developer_id in asking.organisations
    return tuple(
        LeakView(
            id=leak.id,
            at=leak.at,
            by=names.get(leak.by, leak.by) if ours or leak.by == asking.person else "",
            found=leak.found if ours or leak.by == asking.person or leak.acknowledged_at else None,
            place=leak.canary.place if leak.canary is not None and (ours or leak.acknowledged_at) else None,
            acknowledged_at=leak.acknowledged_at,
        )
        for leak in reports
    )


def planted(text: str) -> tuple[CanaryRow, ...]:
    """The canaries that stand in ``text``, for the house itself."""
    return tuple(CanaryRow.objects.filter(digest__in=digests_in(text)).order_by("id"))


def _namers(rows: Iterable[Review]) -> dict[str, str]:
    """The names of those who listed things or attested their destruction."""
    items = [item for row in rows for item in row.items.all()]
    return parties.names({item.listed_by_id for item in items} | {item.attested_by_id or "" for item in items})


def _answering(asking: Actor, review_id: str) -> Review:
    """The review, for whoever has duties on it or may inspect it. Raises ``NotFound`` (``no-such-review``)."""
    row = dutiful(asking).filter(id=review_id).first() or visible(asking).filter(id=review_id).first()
    if row is None:
        raise no_such_review(review_id)
    return row


def _items(row: Review, asking: Actor, now: datetime, names: dict[str, str]) -> tuple[ItemView, ...]:
    case, party = case_of(row), asking.organisations & {row.developer_id, row.body_id}
    partners = {one.organisation_id for one in row.partners.all()}
    whole = party or not asking.organisations & partners  # an inspector reads all of it, a partner its own
    rows: Iterable[ItemRow] = sorted(row.items.all(), key=lambda one: (one.listed_at, one.id))
    found = []
    for one in rows:
        item = case.item(one.id)
        if item is not None and (whole or one.holder_id in asking.organisations):
            found.append(
                ItemView(
                    id=one.id,
                    review=row.id,
                    kind=item.kind,
                    text=one.text,
                    holder=one.holder_id,
                    digest=Digest(one.digest) if one.digest else None,
                    listed_at=one.listed_at,
                    listed_by=names.get(one.listed_by_id, one.listed_by_id),
                    due_at=due(case, item, now),
                    attested_at=one.attested_at,
                    attested_by=names.get(one.attested_by_id or "", one.attested_by_id),
                    attestation=one.attestation or None,
                )
            )
    return tuple(found)
