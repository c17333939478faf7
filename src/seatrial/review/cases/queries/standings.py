"""Whether access is open, for whoever enforces it: for the body's people, and for those of trusted partners."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from seatrial.kernel.labels import Label
from seatrial.parties.types import Actor
from seatrial.review.cases.core.standing import standing as standing_of
from seatrial.review.cases.models import PartnerRow, Review
from seatrial.review.cases.types import (
    Invitation,
    PartnerTerms,
    ReviewState,
    Standing,
)

from .rows import case_of, no_such_review


def standing(review_id: str, now: datetime, *, home: str | None = None) -> Standing:
    """Whether access is open, for whoever enforces it. Raises ``NotFound`` (``no-such-review``).

    For the body's people, or for those of the trusted partner ``home``.
    """
    found = standings([(review_id, home)], now)
    if not found:
        raise no_such_review(review_id)
    return found[review_id, home]


def standings(wanted: Iterable[tuple[str, str | None]], now: datetime) -> dict[tuple[str, str | None], Standing]:
    """``standing`` of many reviews and homes at once, in a bounded number of queries."""
    homes = defaultdict[str, set[str | None]](set)
    for review_id, home in wanted:
        homes[review_id].add(home)
    found = {}
    rows = Review.objects.select_related("policy").filter(id__in=homes)
    for row in rows.prefetch_related("consents__countersignatures", "partners", "leaks"):
        case = case_of(row, whole=False)
        # Whoever read the clock and then waited for the database may hold a moment before the consent it now
        # sees was signed: what is on record has happened, so it is later than that.
        seen = max(now, case.consent.signed_at) if case.consent else now
        for home in homes[row.id]:
            partner = None if home in (None, row.body_id) else home
            found[row.id, home] = standing_of(row.id, case, seen, label=Label.parse(row.label), partner=partner)
    return found


def invitations(asking: Actor, now: datetime) -> tuple[Invitation, ...]:
    """What trusted partners among the asker's organisations were given to call, while it lasts: nothing else of a
    review reaches them.
    """
    partners = PartnerRow.objects.filter(organisation_id__in=asking.organisations, body_signed=True, ended=False)
    homes = [(partner.review_id, partner.organisation_id) for partner in partners]
    return tuple(
        Invitation(
            review=found.review,
            partner=found.home,
            model=found.consent.model,
            developer=found.developer,
            terms=PartnerTerms(
                people=found.consent.people,
                purposes=found.consent.purposes,
                levels=found.consent.levels,
                budget=found.consent.budget,
                window=found.consent.window,
            ),
            reason=found.reason,
            tariff=found.consent.tariff,
        )
        for found in standings(homes, now).values()
        if found.consent is not None and found.state is ReviewState.CONSENTED
    )
