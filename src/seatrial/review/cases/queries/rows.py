"""The rows of reviews: which of them an asker may see, and what they say as facts for the pure rules."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from seatrial.kernel.clock import Window, parse_time
from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import NotFound
from seatrial.kernel.labels import Label
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, Role
from seatrial.review.cases.core.case import (
    Case,
    Item,
    Leak,
    Partner,
    PolicySnapshot,
)
from seatrial.review.cases.core.table import BODY, DEVELOPER, PARTNER
from seatrial.review.cases.models import ConsentRow, PartnerRow, Review
from seatrial.review.cases.types import (
    AccessLevel,
    Budget,
    Consent,
    Endpoint,
    ItemKind,
    Keeping,
    PartnerTerms,
    Price,
    Request,
    RequestState,
    Tariff,
    Variant,
)

# What may happen to a review that one may no longer read.
OUTLIVING = frozenset({"list_kept", "attest_destruction", "report_leak", "end_partner"})


def visible(asking: Actor) -> QuerySet[Review]:
    """The rows an asker's organisations take part in, or inspect under the policy that the developer signed.

    A draft is shown to its developer only, and so is what was withdrawn: the rest is the sealed record (V10). An
    inspector reads that too, as part of the record.
    """
    home = asking.organisations
    inspecting = [organisation for organisation, role in asking.roles if role is Role.INSPECTOR]
    seen = Q(developer_id__in=home) | Q(body_id__in=home, offered_at__isnull=False, withdrawn_at__isnull=True)
    if inspecting:
        seen |= Q(policy_id__in=parties.policies_naming(inspecting), offered_at__isnull=False)
    return rows().filter(seen)


def touchable(asking: Actor, event: str) -> QuerySet[Review]:
    """The rows on which an asker might cause ``event``: duties and leaks outlive what one may read."""
    return dutiful(asking) if event in OUTLIVING else visible(asking)


def dutiful(asking: Actor) -> QuerySet[Review]:
    home = asking.organisations
    partners = PartnerRow.objects.filter(organisation_id__in=home, body_signed=True).values("review_id")
    shared = Q(offered_at__isnull=False) & (Q(body_id__in=home) | Q(id__in=partners))
    return rows().filter(Q(developer_id__in=home) | shared)


def no_such_review(review_id: str) -> NotFound:
    return NotFound("no-such-review", f"There is no review {review_id!r} that you may see.")


def side_of(asking: Actor, row: Review) -> str | None:
    """``developer``, ``body`` or ``partner``: for whom the asker acts on this review."""
    if row.developer_id in asking.organisations:
        return DEVELOPER
    if row.body_id in asking.organisations:
        return BODY
    return PARTNER if any(one.organisation_id in asking.organisations for one in row.partners.all()) else None


def home_of(asking: Actor, row: Review) -> str:
    """The organisation for which the asker acts on this review."""
    side = side_of(asking, row)
    if side in (DEVELOPER, BODY):
        return row.developer_id if side == DEVELOPER else row.body_id
    return next((p.organisation_id for p in row.partners.all() if p.organisation_id in asking.organisations), "")


def case_of(row: Review, *, whole: bool = True) -> Case:
    """The facts of a row, for the pure rules. Uses what was fetched with it.

    Access depends on neither requests nor things handed over: without ``whole`` they are left out.
    """
    consents = sorted(row.consents.all(), key=lambda c: c.number)
    signed_anew = max((c.number for c in consents if not c.narrowed), default=0)
    return Case(
        developer=row.developer_id,
        body=row.body_id,
        partner_release=row.partner_release,
        public_release=row.public_release,
        policy=PolicySnapshot(
            row.policy.version,
            timedelta(seconds=row.policy.max_window_seconds),
            frozenset(row.policy.purposes),
            destruction_of(row.policy.document),
        ),
        offered_at=row.offered_at,
        consents=tuple(consent_of(consent) for consent in consents),
        countersigned=frozenset(
            (one.side, one.person_id)
            for consent in consents
            if consent.number >= signed_anew
            for one in consent.countersignatures.all()
        ),
        partners=tuple(_partner(p) for p in sorted(row.partners.all(), key=lambda p: p.pk)),
        items=tuple(
            Item(one.id, ItemKind(one.kind), one.holder_id, one.due_at, one.attested_at)
            for one in sorted(row.items.all() if whole else (), key=lambda one: (one.listed_at, one.id))
        ),
        leaks=tuple(
            Leak(one.id, one.at, one.acknowledged_at is not None)
            for one in sorted(row.leaks.all(), key=lambda one: (one.at, one.id))
        ),
        contained=row.contained,
        acknowledged_at=row.acknowledged_at,
        requests=tuple(
            Request(r.thread, RequestState(r.state), r.would_help_by)
            for r in sorted(row.requests.all() if whole else (), key=lambda r: r.pk)
        ),
        withdrawn_at=row.withdrawn_at,
        released_at=row.released_at,
        closed_at=row.closed_at,
        earliest_release=row.earliest_release,
    )


def destruction_of(policy: str) -> timedelta:
    """Within what time of the end of access a policy's document has things destroyed."""
    return timedelta(days=json.loads(policy).get("destruction_days", 30))


def standing_end(review: str) -> Subquery:
    """When the standing consent closes, as the database finds it; ``review`` names the column that holds the review."""
    return Subquery(ConsentRow.objects.filter(review=OuterRef(review)).order_by("-number").values("closes")[:1])


def consent_of(row: ConsentRow) -> Consent:
    """A consent from the very text that was signed."""
    said: dict[str, Any] = json.loads(row.statement)
    return Consent(
        id=row.id,
        number=row.number,
        model=said["model"],
        artefact=Digest(said["artefact"]),
        variant=said["variant"],
        people=frozenset(said["people"]),
        purposes=frozenset(said["purposes"]),
        levels=_levels(said),
        upstream=said["upstream"],
        budget=Budget(**said["budget"]),
        window=Window(parse_time(said["window"]["opens"]), parse_time(said["window"]["closes"])),
        label=Label.parse(said["label"]),
        signed_by=row.signed_by_id,
        signed_at=row.signed_at,
        digest=Digest(row.digest),
        variants=tuple(
            Variant(one["model"], one["name"], Digest(one["artefact"]), one["upstream"], AccessLevel(one["level"]))
            for one in said.get("variants", ())
        ),
        tariff=_tariff(said.get("tariff")),
        endpoints=tuple(Endpoint(**one) for one in said.get("endpoints", ())),
        keeping=_keeping(said.get("keeping")),
    )


def partner_terms_of(said: dict[str, Any]) -> PartnerTerms:
    """A partner's terms from the very text that was signed."""
    return PartnerTerms(
        people=frozenset(said["people"]),
        purposes=frozenset(said["purposes"]),
        levels=frozenset(AccessLevel(level) for level in said["levels"]),
        budget=Budget(**said["budget"]),
        window=Window(parse_time(said["window"]["opens"]), parse_time(said["window"]["closes"])),
    )


def _levels(said: dict[str, Any]) -> frozenset[AccessLevel]:
    """The levels a signed text names. Texts from before levels stood each for itself named the deepest of them."""
    if "levels" in said:
        return frozenset(AccessLevel(level) for level in said["levels"])
    every = list(AccessLevel)
    return frozenset(every[: every.index(AccessLevel(said["level"])) + 1])


def _tariff(said: dict[str, Any] | None) -> Tariff | None:
    return None if said is None else Tariff(said["currency"], tuple(Price(**price) for price in said["prices"]))


def _keeping(said: dict[str, Any] | None) -> Keeping | None:
    return None if said is None else Keeping(tuple(Digest(one) for one in said["recipients"]), said["days"])


def _partner(row: PartnerRow) -> Partner:
    terms = partner_terms_of(json.loads(row.statement)) if row.statement else None
    return Partner(row.organisation_id, row.proposed_by, row.criteria, terms, row.grant, row.body_signed, row.ended)


def rows() -> QuerySet[Review]:
    return Review.objects.select_related("policy").prefetch_related(
        "consents__countersignatures", "partners", "requests", "items", "leaks"
    )
