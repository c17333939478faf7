"""A case: the facts of one review, and what they mean at a moment.

State is computed from facts and ``now``. Nothing is ever closed by a job: a window that is over is over.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from seatrial.kernel.clock import Window
from seatrial.review.cases.types import (
    AccessLevel,
    Budget,
    Consent,
    ConsentTerms,
    ItemKind,
    Keeping,
    PartnerTerms,
    Request,
    RequestState,
    ReviewState,
)

THIRTY_DAYS = timedelta(days=30)  # the order's limit; a policy may only be shorter
SIDES = ("developer", "body")
SIGNATURES_FOR_WEIGHTS = 2  # on each side


@dataclass(frozen=True, slots=True)
class Partner:
    """A trusted partner. ``organisation`` reaches the model only with both signatures, until either side ends it."""

    organisation: str
    proposed_by: str = "developer"
    criteria: str = ""
    terms: PartnerTerms | None = None  # what the developer signed
    grant: str = ""  # id of that signature
    body_signed: bool = False
    ended: bool = False

    @property
    def developer_signed(self) -> bool:
        return self.terms is not None

    @property
    def active(self) -> bool:
        return self.developer_signed and self.body_signed and not self.ended


@dataclass(frozen=True, slots=True)
class PolicySnapshot:
    """The body's policy as it stood when the developer drafted; only the developer's signature replaces it (V17)."""

    version: str
    max_window: timedelta
    purposes: frozenset[str]
    destruction: timedelta = THIRTY_DAYS  # after access ends, what was handed over is destroyed within this


@dataclass(frozen=True, slots=True)
class Item:
    """Something that left the developer's hands. ``holder`` has it and owes its destruction."""

    id: str
    kind: ItemKind
    holder: str
    due_at: datetime | None = None  # an own date, earlier than the policy's
    attested_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Leak:
    id: str
    at: datetime
    acknowledged: bool = False


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
    countersigned: frozenset[tuple[str, str]] = frozenset()  # (side, person), under the standing consent
    partners: tuple[Partner, ...] = ()
    acknowledged_at: datetime | None = None
    requests: tuple[Request, ...] = ()  # for information; nothing depends on them (V7)
    items: tuple[Item, ...] = ()
    leaks: tuple[Leak, ...] = ()
    contained: bool = False  # a leak was reported since the developer last signed
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

    def item(self, item_id: str) -> Item | None:
        return next((item for item in self.items if item.id == item_id), None)

    def leak(self, leak_id: str) -> Leak | None:
        return next((leak for leak in self.leaks if leak.id == leak_id), None)


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
            return ReviewState.CONTAINED if case.contained else ReviewState.CONSENTED
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

    A consent counts from its opening (or its signature, if later) to its end or to the next signature. A leak's
    containment gives nothing of it back: what the body does leaves the developer's choices as they are (V2).
    """
    found = []
    for place, consent in enumerate(case.consents[:-1]):
        closes = min(consent.window.closes, case.consents[place + 1].signed_at)
        opens = max(consent.window.opens, consent.signed_at)
        if opens < closes:
            found.append(Window(opens, closes))
    last = usable_window(case)
    return (*found, last) if last else tuple(found)


def levels_in_force(case: Case) -> frozenset[AccessLevel]:
    """The consented levels; the weights among them only once two people of each side have signed."""
    if case.consent is None:
        return frozenset()
    signed = {side: sum(by == side for by, _ in case.countersigned) for side in SIDES}
    signed["developer"] += 1  # who signed the consent itself
    whole = all(number >= SIGNATURES_FOR_WEIGHTS for number in signed.values())
    return case.consent.levels if whole else case.consent.levels - {AccessLevel.WEIGHTS}


def access_is_open(case: Case, now: datetime) -> bool:
    """True if the body can reach the model at ``now``."""
    window = usable_window(case)
    return state_of(case, now) is ReviewState.CONSENTED and window is not None and window.contains(now)


def partner_consent(case: Case, organisation: str) -> Consent | None:
    """What both signed for a partner, cut to the standing consent, in a consent's own form; ``None`` without both.

    Its id is the partner's grant, so that its use is charged apart. Weights never reach a partner this way.
    """
    partner, consent, window = case.partner(organisation), case.consent, usable_window(case)
    if partner is None or not partner.active or partner.terms is None or consent is None or window is None:
        return None
    terms = partner.terms
    opens, closes = max(window.opens, terms.window.opens), min(window.closes, terms.window.closes)
    purposes = terms.purposes & consent.purposes
    levels = terms.levels & consent.levels - {AccessLevel.WEIGHTS}
    unpriced = terms.budget.money is not None and consent.tariff is None  # a bound that nothing could be held to
    if opens >= closes or not purposes or not levels or unpriced:
        return None
    return replace(
        consent,
        id=partner.grant,
        people=terms.people,
        purposes=purposes,
        levels=levels,
        budget=least(terms.budget, consent.budget),
        window=Window(opens, closes),
        variants=tuple(variant for variant in consent.variants if variant.level in levels),
    )


def due(case: Case, item: Item, now: datetime) -> datetime | None:
    """When an item must be destroyed: see ``due_at``."""
    return due_at(
        item.due_at,
        destruction=case.policy.destruction,
        deadline=deadline(case),
        ended=ended_at(case),
        closed=case.closed_at is not None,
        now=now,
    )


def due_at(
    own: datetime | None,
    *,
    destruction: timedelta,
    deadline: datetime,
    ended: datetime | None,
    closed: bool,
    now: datetime,
) -> datetime | None:
    """When something must be destroyed: at its ``own`` date, or the policy's time after access ended if that is
    earlier; ``None`` while access may still last and no own date was set.

    Access ended at the recorded end, or by itself if time came first and nobody had closed the review.
    """
    by_itself = not closed and now >= deadline and (ended is None or deadline <= ended)
    over = deadline if by_itself else ended
    moments = [own, None if over is None else over + destruction]
    return min((moment for moment in moments if moment is not None), default=None)


def narrower(terms: ConsentTerms, than: Consent) -> bool:
    """True if ``terms`` allow nothing that the consent ``than`` does not."""
    return (
        _inside(terms, than)
        and than.label.dominates(terms.label)
        and (terms.model, terms.artefact, terms.variant, terms.upstream)
        == (than.model, than.artefact, than.variant, than.upstream)
        and set(terms.variants) <= set(than.variants)
        and terms.tariff == than.tariff
        and all(any(one.within(wide) for wide in than.endpoints) for one in terms.endpoints)
        and _keeps_less(terms.keeping, than.keeping)
    )


def partner_narrower(terms: PartnerTerms, than: PartnerTerms) -> bool:
    """True if ``terms`` allow a partner nothing that ``than`` does not."""
    return _inside(terms, than)


def least(one: Budget, other: Budget) -> Budget:
    """What both budgets allow."""
    return Budget(
        min(one.requests, other.requests),
        min(one.tokens, other.tokens),
        min(one.concurrency, other.concurrency),
        min((money for money in (one.money, other.money) if money is not None), default=None),
    )


def _keeps_less(terms: Keeping | None, than: Keeping | None) -> bool:
    if terms is None or than is None:
        return terms is None
    return set(terms.recipients) <= set(than.recipients) and terms.days <= than.days


def _inside(terms: ConsentTerms | PartnerTerms, than: Consent | PartnerTerms) -> bool:
    return (
        terms.people <= than.people
        and terms.purposes <= than.purposes
        and terms.levels <= than.levels
        and than.window.opens <= terms.window.opens
        and terms.window.closes <= than.window.closes
        and least(terms.budget, than.budget) == terms.budget
    )
