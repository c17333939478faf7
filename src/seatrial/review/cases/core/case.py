"""A case: the facts of one review, and what they mean at a moment.

State is computed from facts and ``now``. Nothing is ever closed by a job: a window that is over is over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from seatrial.kernel.clock import Window
from seatrial.review.cases.types import (
    AccessLevel,
    Budget,
    Consent,
    ConsentTerms,
    Request,
    RequestState,
    ReviewState,
)

THIRTY_DAYS = timedelta(days=30)  # the order's limit; a policy may only be shorter


@dataclass(frozen=True, slots=True)
class Partner:
    """A trusted partner. ``organisation`` reaches the model only with both signatures, until either side ends it."""

    organisation: str
    developer_signed: bool = False
    body_signed: bool = False
    ended: bool = False

    @property
    def active(self) -> bool:
        return self.developer_signed and self.body_signed and not self.ended


@dataclass(frozen=True, slots=True)
class PolicySnapshot:
    """The body's policy as it stood when the developer drafted; only the developer's signature replaces it (V17)."""

    version: str
    max_window: timedelta
    purposes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Case:
    """The facts of a review. Times are aware UTC; ``consents`` are in the order signed, the last one counts."""

    developer: str
    body: str
    partner_release: datetime
    public_release: datetime
    policy: PolicySnapshot
    offered_at: datetime | None = None
    consents: tuple[Consent, ...] = ()
    partners: tuple[Partner, ...] = ()
    acknowledged_at: datetime | None = None
    requests: tuple[Request, ...] = ()  # for information; nothing depends on them (V7)
    withdrawn_at: datetime | None = None
    released_at: datetime | None = None
    closed_at: datetime | None = None
    earliest_release: datetime | None = (
        None  # the earliest plan since the standing consent: moving back prolongs nothing
    )

    @property
    def consent(self) -> Consent | None:
        """The consent that stands, if any was signed."""
        return self.consents[-1] if self.consents else None

    def partner(self, organisation: str) -> Partner | None:
        return next((partner for partner in self.partners if partner.organisation == organisation), None)

    def open_request(self, thread: str) -> bool:
        """True if the request of that thread waits for an answer."""
        return any(request.thread == thread and request.state is RequestState.OPEN for request in self.requests)


def deadline(case: Case) -> datetime:
    """When the review is over by itself: the consent's end or the planned partner release, whichever is first."""
    if case.consent is None:
        return case.partner_release
    planned = (
        case.partner_release if case.earliest_release is None else min(case.partner_release, case.earliest_release)
    )
    return min(case.consent.window.closes, planned)


def ended_at(case: Case) -> datetime | None:
    """The first of withdrawal, release and closing."""
    return min((m for m in (case.withdrawn_at, case.released_at, case.closed_at) if m is not None), default=None)


def state_of(case: Case, now: datetime) -> ReviewState:
    """Where the review is at ``now``. Closing is last; of the other endings the first counts, time's among them."""
    if case.closed_at is not None:
        return ReviewState.CLOSED
    ending = ended_at(case)
    if ending is None or deadline(case) <= ending:
        if now >= deadline(case):
            return ReviewState.EXPIRED
        if case.consent is not None:
            return ReviewState.CONSENTED
        return ReviewState.OFFERED if case.offered_at is not None else ReviewState.DRAFT
    return ReviewState.WITHDRAWN if ending == case.withdrawn_at else ReviewState.RELEASED


def usable_window(case: Case) -> Window | None:
    """The part of the standing consent's window that can be used, or ``None`` if there is none left."""
    if case.consent is None:
        return None
    closes = min(m for m in (deadline(case), ended_at(case)) if m is not None)
    opens = max(case.consent.window.opens, case.consent.signed_at)
    return Window(opens, closes) if opens < closes else None


def reach(case: Case) -> tuple[Window, ...]:
    """The intervals in which the body could, can or will be able to reach the model (V6), consent by consent.

    A consent counts from its opening (or its signature, if later) to its end or to the next signature.
    """
    found = []
    for place, consent in enumerate(case.consents[:-1]):
        closes = min(consent.window.closes, case.consents[place + 1].signed_at)
        opens = max(consent.window.opens, consent.signed_at)
        if opens < closes:
            found.append(Window(opens, closes))
    last = usable_window(case)
    return (*found, last) if last else tuple(found)


def narrower(terms: ConsentTerms, than: Consent) -> bool:
    """True if ``terms`` allow nothing that the consent ``than`` does not."""
    return (
        terms.people <= than.people
        and terms.purposes <= than.purposes
        and than.window.opens <= terms.window.opens
        and terms.window.closes <= than.window.closes
        and _within(terms.budget, than.budget)
        and _depth(terms.level) <= _depth(than.level)
        and than.label.dominates(terms.label)
        and (terms.model, terms.artefact, terms.variant, terms.upstream)
        == (than.model, than.artefact, than.variant, than.upstream)
    )


def _within(one: Budget, other: Budget) -> bool:
    return one.requests <= other.requests and one.tokens <= other.tokens and one.concurrency <= other.concurrency


def _depth(level: AccessLevel) -> int:
    return list(AccessLevel).index(level)
