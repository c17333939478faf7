"""Every read of reviews. A draft is its developer's alone; the rest is seen by developer and body (and by label)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db.models import Count, Q, QuerySet

from seatrial.kernel.clock import Window, parse_time
from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import NotFound
from seatrial.kernel.labels import Label
from seatrial.ledger import api as ledger
from seatrial.ledger.types import MAIN
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, Role

from .core.canaries import digests_in
from .core.case import (
    Case,
    Item,
    Leak,
    Partner,
    PolicySnapshot,
    access_is_open,
    due,
    ended_at,
    state_of,
    usable_window,
)
from .core.details import Countersigning
from .core.standing import standing as standing_of
from .core.table import BODY, DEVELOPER, MACHINE, PARTNER
from .core.timeline import Place, page
from .models import CanaryRow, ConsentRow, ItemRow, LeakRow, PartnerRow, Review
from .types import (
    AccessLevel,
    Budget,
    CanaryView,
    Clock,
    Consent,
    Invitation,
    ItemKind,
    ItemView,
    LeakView,
    PartnerTerms,
    PartnerView,
    Request,
    RequestState,
    ReviewState,
    ReviewView,
    Standing,
    TimelineItem,
    TimelinePage,
    Variant,
)

NEWEST = 50  # of what happened, on a review's own page
_MOST = 200  # in one part of a timeline

# Which role may cause an event, for the side that may. ``SIGNATORY`` signs; whoever guards the model may end access.
ROLES: dict[str, tuple[Role, ...]] = {
    "offer": (Role.GOVERNANCE,),
    "sign_consent": (Role.SIGNATORY,),
    "narrow_consent": (Role.SIGNATORY,),
    "move_release": (Role.GOVERNANCE,),
    "withdraw": (Role.GOVERNANCE, Role.SECURITY, Role.SIGNATORY),
    "record_release": (Role.GOVERNANCE, Role.SIGNATORY),
    "close": (Role.GOVERNANCE,),
    "adopt_policy": (Role.SIGNATORY,),
    "answer": (Role.GOVERNANCE, Role.SECURITY),
    "ask": (Role.INTAKE, Role.EVALUATOR),
    "take_back": (Role.INTAKE, Role.EVALUATOR),
    "acknowledge": (Role.INTAKE,),
    "countersign_consent": (Role.SIGNATORY,),
    "propose_partner": (Role.GOVERNANCE, Role.INTAKE, Role.AUTHORITY),
    "sign_partner_terms": (Role.SIGNATORY,),
    "countersign_partner": (Role.SIGNATORY,),
    "hand_over": (Role.SECURITY, Role.GOVERNANCE),
    "list_kept": (Role.INTAKE, Role.EVALUATOR),
    "attest_destruction": (Role.SIGNATORY,),
    "report_leak": (
        *(Role.SECURITY, Role.GOVERNANCE, Role.SIGNATORY),
        *(Role.INTAKE, Role.EVALUATOR, Role.AUTHORITY),
    ),
    "acknowledge_leak": (Role.SECURITY, Role.GOVERNANCE),
    "end_partner": (Role.GOVERNANCE, Role.SECURITY, Role.INTAKE, Role.AUTHORITY, Role.SIGNATORY),
}

# What may happen to a review that one may no longer read.
OUTLIVING = frozenset({"list_kept", "attest_destruction", "report_leak", "end_partner"})


def review(asking: Actor, review_id: str, now: datetime) -> ReviewView:
    """One review as the asker may see it. Raises ``NotFound`` (``no-such-review``)."""
    names = parties.names()
    found = _one(asking, review_id, now, names)
    newest = _timeline(found.developer, found.id, asking, Place(), NEWEST, names)
    return replace(found, timeline=newest.items)


def brief(asking: Actor, review_id: str, now: datetime) -> ReviewView:
    """One review without its timeline, for whoever builds on it. Raises ``NotFound`` (``no-such-review``)."""
    return _one(asking, review_id, now, parties.names())


def timeline(asking: Actor, review_id: str, *, before: str | None = None, limit: int = NEWEST) -> TimelinePage:
    """A part of what happened, newest first, as the asker may read it; ``before`` is an earlier part's ``earlier``.

    Raises ``NotFound`` (``no-such-review``), ``Misuse`` (``bad-place``).
    """
    developer = developer_of(asking, review_id)
    most = max(1, min(limit, _MOST))
    return _timeline(developer, review_id, asking, Place.parse(before), most, parties.names())


def reviews(
    asking: Actor, now: datetime, *, after: str = "", limit: int = 100, find: str = ""
) -> tuple[ReviewView, ...]:
    """At most ``limit`` reviews the asker may see, newest first, without their timelines; ``after`` is the last id
    of the page before, ``find`` a part of title or model.

    A withdrawn one leaves the body's list at once: what remains for the body is the sealed record (V10).
    """
    rows = visible(asking).order_by("-drafted_at", "-id")
    if find:
        rows = rows.filter(Q(title__icontains=find) | Q(model__icontains=find))
    last = Review.objects.filter(id=after).values_list("drafted_at", "id").first() if after else None
    if last is not None:
        rows = rows.filter(Q(drafted_at__lt=last[0]) | Q(drafted_at=last[0], id__lt=last[1]))
    names = parties.names()
    readable = (row for row in rows.iterator(chunk_size=limit) if asking.may_read(Label.parse(row.label)))
    return tuple(_view(row, asking, now, names) for row in islice(readable, limit))


def developer_of(asking: Actor, review_id: str) -> str:
    """Whose model a review is about. Raises ``NotFound`` (``no-such-review``) for a review one may not know of."""
    row = visible(asking).filter(id=review_id).values_list("developer_id", "label").first()
    if row is None or not asking.may_read(Label.parse(row[1])):
        raise no_such_review(review_id)
    return str(row[0])


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
        )
        for found in standings(homes, now).values()
        if found.consent is not None and found.state is ReviewState.CONSENTED
    )


def items(asking: Actor, review_id: str, now: datetime) -> tuple[ItemView, ...]:
    """What was handed over or is kept, with its destruction duties; a partner sees what it has itself.

    Answers after a withdrawal too: the duty remains. Raises ``NotFound`` (``no-such-review``).
    """
    row = _dutiful(asking).filter(id=review_id).first()
    if row is None:
        raise no_such_review(review_id)
    return _items(row, asking, now, parties.names())


def duties(asking: Actor, now: datetime) -> tuple[ItemView, ...]:
    """Everything the asker's organisations still have to destroy, first due first."""
    rows = _dutiful(asking).filter(items__holder_id__in=asking.organisations, items__attested_at=None).distinct()
    names = parties.names()
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
    row = _dutiful(asking).filter(id=review_id).first()
    if row is None:
        raise no_such_review(review_id)
    names, ours = parties.names(), row.developer_id in asking.organisations
    return tuple(
        LeakView(
            id=leak.id,
            at=leak.at,
            by=names.get(leak.by, leak.by) if ours or leak.by == asking.person else "",
            found=leak.found if ours or leak.by == asking.person or leak.acknowledged_at else None,
            place=leak.canary.place if leak.canary is not None and (ours or leak.acknowledged_at) else None,
            acknowledged_at=leak.acknowledged_at,
        )
        for leak in LeakRow.objects.filter(review=row).select_related("canary").order_by("-at", "-id")
    )


def planted(text: str) -> tuple[CanaryRow, ...]:
    """The canaries that stand in ``text``, for the house itself."""
    return tuple(CanaryRow.objects.filter(digest__in=digests_in(text)).order_by("id"))


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
    return _rows().filter(seen)


def touchable(asking: Actor, event: str) -> QuerySet[Review]:
    """The rows on which an asker might cause ``event``: duties and leaks outlive what one may read."""
    return _dutiful(asking) if event in OUTLIVING else visible(asking)


def _dutiful(asking: Actor) -> QuerySet[Review]:
    home = asking.organisations
    partners = PartnerRow.objects.filter(organisation_id__in=home, body_signed=True).values("review_id")
    shared = Q(offered_at__isnull=False) & (Q(body_id__in=home) | Q(id__in=partners))
    return _rows().filter(Q(developer_id__in=home) | shared)


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
            timedelta(days=json.loads(row.policy.document).get("destruction_days", 30)),
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


def _partner(row: PartnerRow) -> Partner:
    terms = partner_terms_of(json.loads(row.statement)) if row.statement else None
    return Partner(row.organisation_id, row.proposed_by, row.criteria, terms, row.grant, row.body_signed, row.ended)


def _items(row: Review, asking: Actor, now: datetime, names: dict[str, str]) -> tuple[ItemView, ...]:
    case, party = case_of(row), asking.organisations & {row.developer_id, row.body_id}
    rows: Iterable[ItemRow] = sorted(row.items.all(), key=lambda one: (one.listed_at, one.id))
    found = []
    for one in rows:
        item = case.item(one.id)
        if item is not None and (party or one.holder_id in asking.organisations):
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


def _rows() -> QuerySet[Review]:
    return Review.objects.select_related("policy").prefetch_related(
        "consents__countersignatures", "partners", "requests", "items", "leaks"
    )


def _one(asking: Actor, review_id: str, now: datetime, names: dict[str, str]) -> ReviewView:
    row = visible(asking).filter(id=review_id).first()
    if row is None or not asking.may_read(Label.parse(row.label)):
        raise no_such_review(review_id)
    return _view(row, asking, now, names)


def _view(row: Review, asking: Actor, now: datetime, names: dict[str, str]) -> ReviewView:
    case = case_of(row)
    return ReviewView(
        id=row.id,
        title=row.title,
        model=row.model,
        developer=row.developer_id,
        developer_name=names.get(row.developer_id, row.developer_id),
        body=row.body_id,
        body_name=names.get(row.body_id, row.body_id),
        state=state_of(case, now),
        clock=Clock(row.partner_release, row.public_release, usable_window(case), ended_at(case)),
        consent=case.consent,
        countersigned=tuple(sorted(case.countersigned)),
        partners=tuple(
            PartnerView(p.organisation, p.proposed_by, p.criteria, p.terms, p.developer_signed, p.body_signed, p.ended)
            for p in case.partners
        ),
        requests=case.requests,
        timeline=(),
        may=_may(row, case, asking, now),
        label=Label.parse(row.label),
        policy_version=row.policy.version,
    )


def _may(row: Review, case: Case, asking: Actor, now: datetime) -> tuple[str, ...]:
    """The events this person could cause now: the table's states and the person's roles."""
    side, state = side_of(asking, row), state_of(case, now)
    if side is None:
        return ()
    home = home_of(asking, row)
    found = []
    for event, transition in MACHINE.transitions.items():
        mine = side in transition.by and state in transition.sources
        if not (mine and any(asking.has(role, home) for role in ROLES[event])):
            continue
        if event not in _SENSIBLE or _SENSIBLE[event](case, asking, side, now):
            found.append(event)
    return tuple(found)


def _may_countersign(case: Case, asking: Actor, side: str, now: datetime) -> bool:
    signing = Countersigning(side, asking.person)
    return MACHINE.refusal(case, "countersign_consent", signing, now) is None


def _request_open(case: Case, asking: Actor, side: str, now: datetime) -> bool:
    return any(request.state is RequestState.OPEN for request in case.requests)


# Where an event needs something to happen to, whether there is such a thing for the asker.
_SENSIBLE: dict[str, Callable[[Case, Actor, str, datetime], bool]] = {
    "acknowledge": lambda case, asking, side, now: case.acknowledged_at is None,
    "answer": _request_open,
    "take_back": _request_open,
    "countersign_consent": _may_countersign,
    "sign_partner_terms": lambda case, asking, side, now: any(not p.ended for p in case.partners),
    "countersign_partner": lambda case, asking, side, now: any(
        p.developer_signed and not p.body_signed and not p.ended for p in case.partners
    ),
    "end_partner": lambda case, asking, side, now: any(not p.ended for p in case.partners),
    "hand_over": lambda case, asking, side, now: access_is_open(case, now),
    "attest_destruction": lambda case, asking, side, now: any(
        item.attested_at is None and item.holder in asking.organisations for item in case.items
    ),
    "report_leak": lambda case, asking, side, now: case.offered_at is not None,
    "list_kept": lambda case, asking, side, now: case.offered_at is not None,
    "acknowledge_leak": lambda case, asking, side, now: any(not leak.acknowledged for leak in case.leaks),
}


def _timeline(
    developer: str, review_id: str, asking: Actor, start: Place, limit: int, names: dict[str, str]
) -> TimelinePage:
    """What the ledger says of a review, as far as the asker may read it; single uses of the model are elsewhere."""

    def read(log: str, before: int | None) -> list[TimelineItem]:
        entries = ledger.entries(
            asking, log=log, review=review_id, besides="access.", before=before, newest_first=True, limit=limit + 1
        )
        who = [str(entry.openings["actor"]["value"]) for entry in entries]
        return [
            TimelineItem(entry.at, entry.kind, names.get(actor, actor), log, entry.index)
            for entry, actor in zip(entries, who, strict=True)
        ]

    return page(read(developer, start.own), read(MAIN, start.shared), start, limit)
