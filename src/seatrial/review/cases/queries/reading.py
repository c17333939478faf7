"""One review as an asker may see it: what stands, what happened, and what may be done now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from seatrial.kernel.labels import Label
from seatrial.ledger import api as ledger
from seatrial.ledger.types import MAIN
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, Role
from seatrial.review.cases.core.case import (
    Case,
    access_is_open,
    ended_at,
    state_of,
    usable_window,
)
from seatrial.review.cases.core.details import Countersigning
from seatrial.review.cases.core.table import MACHINE
from seatrial.review.cases.core.timeline import Place, page
from seatrial.review.cases.models import Review
from seatrial.review.cases.types import (
    Clock,
    PartnerView,
    RequestState,
    ReviewView,
    TimelineItem,
    TimelinePage,
)

from .rows import case_of, home_of, no_such_review, side_of, visible

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
    "hand_over": (Role.SECURITY, Role.GOVERNANCE, Role.SIGNATORY),
    "list_kept": (Role.INTAKE, Role.EVALUATOR),
    "attest_destruction": (Role.SIGNATORY,),
    "report_leak": (
        *(Role.SECURITY, Role.GOVERNANCE, Role.SIGNATORY),
        *(Role.INTAKE, Role.EVALUATOR, Role.AUTHORITY),
    ),
    "acknowledge_leak": (Role.SECURITY, Role.GOVERNANCE),
    "end_partner": (Role.GOVERNANCE, Role.SECURITY, Role.INTAKE, Role.AUTHORITY, Role.SIGNATORY),
}


def review(asking: Actor, review_id: str, now: datetime) -> ReviewView:
    """One review as the asker may see it. Raises ``NotFound`` (``no-such-review``)."""
    found = brief(asking, review_id, now)
    return replace(found, timeline=_timeline(found.developer, found.id, asking, Place(), NEWEST).items)


def brief(asking: Actor, review_id: str, now: datetime) -> ReviewView:
    """One review without its timeline, for whoever builds on it. Raises ``NotFound`` (``no-such-review``)."""
    row = visible(asking).filter(id=review_id).first()
    if row is None or not asking.may_read(Label.parse(row.label)):
        raise no_such_review(review_id)
    return view_of(row, asking, now, parties.names((row.developer_id, row.body_id)))


def timeline(asking: Actor, review_id: str, *, before: str | None = None, limit: int = NEWEST) -> TimelinePage:
    """A part of what happened, newest first, as the asker may read it; ``before`` is an earlier part's ``earlier``.

    Raises ``NotFound`` (``no-such-review``), ``Misuse`` (``bad-place``).
    """
    developer = developer_of(asking, review_id)
    most = max(1, min(limit, _MOST))
    return _timeline(developer, review_id, asking, Place.parse(before), most)


def developer_of(asking: Actor, review_id: str) -> str:
    """Whose model a review is about. Raises ``NotFound`` (``no-such-review``) for a review one may not know of."""
    row = visible(asking).filter(id=review_id).values_list("developer_id", "label").first()
    if row is None or not asking.may_read(Label.parse(row[1])):
        raise no_such_review(review_id)
    return str(row[0])


def view_of(row: Review, asking: Actor, now: datetime, names: dict[str, str]) -> ReviewView:
    """A row as a view, without its timeline; whoever calls has judged who asks, and names the two organisations."""
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


def _timeline(developer: str, review_id: str, asking: Actor, start: Place, limit: int) -> TimelinePage:
    """What the ledger says of a review, as far as the asker may read it; single uses of the model are elsewhere."""

    def read(log: str, before: int | None) -> list[TimelineItem]:
        entries = ledger.entries(
            asking, log=log, review=review_id, besides="access.", before=before, newest_first=True, limit=limit + 1
        )
        return [
            TimelineItem(entry.at, entry.kind, str(entry.openings["actor"]["value"]), log, entry.index)
            for entry in entries
        ]

    found = page(read(developer, start.own), read(MAIN, start.shared), start, limit)
    names = parties.names({item.by for item in found.items})
    return replace(found, items=tuple(replace(item, by=names.get(item.by, item.by)) for item in found.items))
