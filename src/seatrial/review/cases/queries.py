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
from .models import ConsentRow, Review
from .types import (
    AccessLevel,
    Budget,
    Clock,
    Consent,
    Message,
    PartnerView,
    ReviewState,
    ReviewView,
    Standing,
    TimelineItem,
)

_LONGEST_TIMELINE = 5000

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
    "acknowledge": (Role.INTAKE,),
    "propose_partner": (Role.GOVERNANCE, Role.INTAKE, Role.AUTHORITY),
    "sign_partner": (Role.SIGNATORY,),
    "end_partner": (Role.GOVERNANCE, Role.SECURITY, Role.INTAKE, Role.AUTHORITY, Role.SIGNATORY),
}


def review(asking: Actor, review_id: str, now: datetime) -> ReviewView:
    """One review as the asker may see it. Raises ``NotFound`` (``no-such-review``)."""
    row = visible(asking).filter(id=review_id).first()
    if row is None or not asking.may_read(Label.parse(row.label)):
        raise no_such_review(review_id)
    names = parties.names()
    return replace(
        _view(row, asking, now, names), timeline=_timeline(row, asking, names), messages=_messages(row, names)
    )


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
    row = visible(asking).filter(id=review_id).first()
    if row is None or not asking.may_read(Label.parse(row.label)):
        raise no_such_review(review_id)
    return row.developer_id


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
        case = case_of(row, messages=False)
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


def case_of(row: Review, *, messages: bool = True) -> Case:
    """The facts of a row, for the pure rules. Uses what was fetched with it; access does not depend on ``messages``."""
    said = list(row.messages.all()) if messages else []
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
        questions=sum(message.question for message in said),
        answers=sum(not message.question for message in said),
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
    return Review.objects.select_related("policy").prefetch_related("consents", "partners", "messages")


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
        messages=(),
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
        if (event == "answer" and case.answers >= case.questions) or (event == "acknowledge" and case.acknowledged_at):
            continue
        if event in ("sign_partner", "end_partner") and not case.partners:
            continue
        found.append(event)
    return tuple(found)


def _messages(row: Review, names: dict[str, str]) -> tuple[Message, ...]:
    rows = sorted(row.messages.all(), key=lambda message: message.pk)
    return tuple(Message(m.at, names.get(m.by_id, m.by_id), m.text, m.question) for m in rows)


def _timeline(row: Review, asking: Actor, names: dict[str, str]) -> tuple[TimelineItem, ...]:
    """What the ledger says of this review, as far as the asker may read it; single uses of the model are elsewhere."""
    found = []
    for log in (row.developer_id, MAIN):
        for entry in ledger.entries(asking, log=log, review=row.id, limit=_LONGEST_TIMELINE):
            if not entry.kind.startswith("access."):
                who = str(entry.openings["actor"]["value"])
                found.append(TimelineItem(entry.at, entry.kind, names.get(who, who), log, entry.index))
    return tuple(sorted(found, key=lambda item: (item.at, item.log != row.developer_id, item.index)))
