"""Every read of reviews. A draft is its developer's alone; the rest is seen by developer and body (and by label)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from seatrial.kernel.clock import Window, parse_time
from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import NotFound
from seatrial.kernel.labels import Label
from seatrial.ledger import api as ledger
from seatrial.ledger.types import MAIN
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, Role

from .core.case import Case, Partner, PolicySnapshot, ended_at, state_of, usable_window
from .core.standing import standing as standing_of
from .core.table import ANYONE_IN_IT, BODY, DEVELOPER, EITHER, MACHINE
from .core.timeline import Place, page
from .models import ConsentRow, Review
from .types import (
    AccessLevel,
    Budget,
    Clock,
    Consent,
    PartnerView,
    Request,
    RequestState,
    ReviewState,
    ReviewView,
    Standing,
    TimelineItem,
    TimelinePage,
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
    "propose_partner": (Role.GOVERNANCE, Role.INTAKE, Role.AUTHORITY),
    "sign_partner": (Role.SIGNATORY,),
    "end_partner": (Role.GOVERNANCE, Role.SECURITY, Role.INTAKE, Role.AUTHORITY, Role.SIGNATORY),
}


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


def reviews(asking: Actor, now: datetime) -> tuple[ReviewView, ...]:
    """The reviews the asker may see, newest first, without their timelines.

    A withdrawn one leaves the body's list at once: what remains for the body is the sealed record (V10).
    """
    names = parties.names()
    rows = visible(asking).order_by("-drafted_at", "-id")
    found = (_view(row, asking, now, names) for row in rows if asking.may_read(Label.parse(row.label)))
    return tuple(
        view for view in found if view.state is not ReviewState.WITHDRAWN or view.developer in asking.organisations
    )


def developer_of(asking: Actor, review_id: str) -> str:
    """Whose model a review is about. Raises ``NotFound`` (``no-such-review``) for a review one may not know of."""
    row = visible(asking).filter(id=review_id).values_list("developer_id", "label").first()
    if row is None or not asking.may_read(Label.parse(row[1])):
        raise no_such_review(review_id)
    return str(row[0])


def standing(review_id: str, now: datetime) -> Standing:
    """Whether access is open, for whoever enforces it. Raises ``NotFound`` (``no-such-review``)."""
    found = standings([review_id], now)
    if not found:
        raise no_such_review(review_id)
    return found[review_id]


def standings(review_ids: Iterable[str], now: datetime) -> dict[str, Standing]:
    """``standing`` of many reviews at once, in three queries."""
    rows = (
        Review.objects.select_related("policy").prefetch_related("consents", "partners").filter(id__in=set(review_ids))
    )
    found = {}
    for row in rows:
        case = case_of(row, requests=False)
        # Whoever read the clock and then waited for the database may hold a moment before the consent it now
        # sees was signed: what is on record has happened, so it is later than that.
        seen = max(now, case.consent.signed_at) if case.consent else now
        found[row.id] = standing_of(row.id, case, seen)
    return found


def visible(asking: Actor) -> QuerySet[Review]:
    """The rows an asker's organisations take part in; a draft is shown to its developer only."""
    home = asking.organisations
    return _rows().filter(Q(developer_id__in=home) | Q(body_id__in=home, offered_at__isnull=False))


def no_such_review(review_id: str) -> NotFound:
    return NotFound("no-such-review", f"There is no review {review_id!r} that you may see.")


def side_of(asking: Actor, row: Review) -> str | None:
    """``developer`` or ``body``: for whom the asker acts on this review."""
    if row.developer_id in asking.organisations:
        return DEVELOPER
    return BODY if row.body_id in asking.organisations else None


def case_of(row: Review, *, requests: bool = True) -> Case:
    """The facts of a row, for the pure rules. Uses what was fetched with it; access does not depend on ``requests``."""
    return Case(
        developer=row.developer_id,
        body=row.body_id,
        partner_release=row.partner_release,
        public_release=row.public_release,
        policy=PolicySnapshot(
            row.policy.version,
            timedelta(seconds=row.policy.max_window_seconds),
            frozenset(row.policy.purposes),
        ),
        offered_at=row.offered_at,
        consents=tuple(consent_of(consent) for consent in sorted(row.consents.all(), key=lambda c: c.number)),
        partners=tuple(
            Partner(p.organisation_id, p.developer_signed, p.body_signed, p.ended)
            for p in sorted(row.partners.all(), key=lambda p: p.pk)
        ),
        acknowledged_at=row.acknowledged_at,
        requests=tuple(
            Request(r.thread, RequestState(r.state), r.would_help_by)
            for r in sorted(row.requests.all() if requests else (), key=lambda r: r.pk)
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
        level=AccessLevel(said["level"]),
        upstream=said["upstream"],
        budget=Budget(**said["budget"]),
        window=Window(parse_time(said["window"]["opens"]), parse_time(said["window"]["closes"])),
        label=Label.parse(said["label"]),
        signed_by=row.signed_by_id,
        signed_at=row.signed_at,
        digest=Digest(row.digest),
    )


def _rows() -> QuerySet[Review]:
    return Review.objects.select_related("policy").prefetch_related("consents", "partners", "requests")


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
        partners=tuple(PartnerView(p.organisation, p.developer_signed, p.body_signed, p.ended) for p in case.partners),
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
    home = row.developer_id if side == DEVELOPER else row.body_id
    found = []
    for event, transition in MACHINE.transitions.items():
        mine = transition.by in (side, EITHER, ANYONE_IN_IT)
        if not (mine and state in transition.sources and any(asking.has(role, home) for role in ROLES[event])):
            continue
        if event in ("answer", "take_back") and not any(r.state is RequestState.OPEN for r in case.requests):
            continue
        if event == "acknowledge" and case.acknowledged_at:
            continue
        if event in ("sign_partner", "end_partner") and not case.partners:
            continue
        found.append(event)
    return tuple(found)


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
