"""What one call may do: a function of the review's standing, the key, what was charged, the call and ``now`` (V11).

    key stands?  →  review gives access now?  →  call inside the consent?  →  budget left?

The first that objects gives the ``Why``. A call in flight is asked the same, without its own price.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from seatrial.kernel.digests import Digest, digest_of
from seatrial.review.access.types import AccessRequest, KeyFacts, Usage, Why
from seatrial.review.cases.types import Consent, ReviewState, Standing

from .endpoints import build_called, builds, covers, level_of, stored_are_consented
from .prices import money_reserved, price_of

_ENDED = {
    ReviewState.WITHDRAWN: Why.WITHDRAWN,
    ReviewState.RELEASED: Why.RELEASED,
    ReviewState.EXPIRED: Why.EXPIRED,
    ReviewState.CLOSED: Why.CLOSED,
    ReviewState.DRAFT: Why.NO_CONSENT,
    ReviewState.OFFERED: Why.NO_CONSENT,
    ReviewState.CONTAINED: Why.CONTAINED,
}


@dataclass(frozen=True, slots=True)
class InFlight:
    """What is remembered of a call that was let through."""

    purpose: str
    method: str
    path: str
    model: str | None
    logits: bool
    consent: str  # id of the consent it was let through under
    build: Digest


def decide(standing: Standing, key: KeyFacts | None, usage: Usage, request: AccessRequest, now: datetime) -> Why | None:
    """Why ``request`` is not let through at ``now``, or ``None`` if it is.

    ``usage`` is what the account of the standing consent was charged, calls in flight included.
    """
    if key is None:
        return Why.UNKNOWN_KEY
    return stands(standing, key, now) or inside(standing, key, request) or affords(standing, usage, request)


def moment(standing: Standing, now: datetime) -> datetime:
    """The moment to judge ``standing`` at: ``now``, but not before the consent it holds was signed.

    Whoever read the clock and then waited for the database may hold a moment older than what it now reads; what
    is on record has happened.
    """
    return now if standing.consent is None else max(now, standing.consent.signed_at)


def stands(standing: Standing, key: KeyFacts, now: datetime) -> Why | None:
    """Why there is no right at all at ``now``, whatever is asked: the key, the review, the window."""
    if key.review != standing.review or key.home != standing.home:
        return Why.UNKNOWN_KEY
    if key.revoked:
        return Why.REVOKED_KEY
    if standing.leaked_at is not None and key.issued_at <= standing.leaked_at:
        return _ENDED.get(standing.state, Why.LEAKED_KEY)  # whatever was signed since: a new key is needed
    if standing.state in _ENDED:
        return _ENDED[standing.state]
    consent, window = standing.consent, standing.window
    if consent is None:
        return Why.NO_CONSENT
    if window is None or now >= min(window.closes, consent.window.closes):
        return Why.EXPIRED
    if now < max(window.opens, consent.window.opens):
        return Why.NOT_OPEN_YET
    return Why.CLOSED if standing.reason is not None else None


def inside(standing: Standing, key: KeyFacts, request: AccessRequest) -> Why | None:
    """Why a new call is outside the consent: person, purpose, endpoint, model, depth, label."""
    consent = standing.consent
    if consent is None:
        return Why.NO_CONSENT
    purpose = key.purpose if request.purpose is None else request.purpose
    objection = _person(standing, consent, key)
    if objection is None and purpose != key.purpose:
        return Why.PURPOSE
    call = InFlight(purpose, request.method, request.path, request.model, request.logits, consent.id, build_of(consent))
    objection = objection or _call(standing, consent, call) or _label(consent, key)
    if objection is None and request.stored and not stored_are_consented(consent):
        return Why.STORED
    return objection


def lists(standing: Standing, key: KeyFacts, request: AccessRequest, now: datetime) -> Why | None:
    """Why the models are not listed for whoever asks, or ``None``: the right must stand, but nothing of it is used."""
    consent = standing.consent
    objection = stands(standing, key, now) or (Why.NO_CONSENT if consent is None else _person(standing, consent, key))
    if objection is not None or consent is None:
        return objection
    if request.purpose not in (None, key.purpose) or key.purpose not in consent.purposes:
        return Why.PURPOSE
    return _label(consent, key)


def listed(standing: Standing) -> tuple[str, ...]:
    """The models that may be called now: those of the consented builds whose levels are in force."""
    if standing.consent is None:
        return ()
    return tuple(build.model for build in builds(standing.consent) if build.level in standing.levels)


def affords(standing: Standing, usage: Usage, request: AccessRequest) -> Why | None:
    """Why the budget does not suffice for one more call, at the most it may cost."""
    consent, tokens = standing.consent, request.tokens
    if consent is None:
        return Why.NO_CONSENT
    budget = consent.budget
    if usage.requests + 1 > budget.requests:
        return Why.REQUESTS
    if tokens < 0 or usage.tokens + tokens > budget.tokens:
        return Why.TOKENS
    if budget.money is not None:
        price = price_of(consent, request)
        if price is None or usage.money + money_reserved(price, request) > budget.money:
            return Why.MONEY
    return Why.CONCURRENCY if usage.in_flight + 1 > budget.concurrency else None


def goes_on(standing: Standing, key: KeyFacts, call: InFlight, now: datetime) -> Why | None:
    """Why a call in flight must end, or ``None``. Under the consent it began with only the right itself can end, or
    the caller's place among the people of the organisation.
    """
    objection = stands(standing, key, now)
    consent = standing.consent
    if objection is not None or consent is None:
        return objection
    if consent.id == call.consent:
        return _active(standing, key)
    if build_of(consent) != call.build:
        return Why.REPLACED
    return _person(standing, consent, key) or _call(standing, consent, call) or _label(consent, key)


def build_of(consent: Consent) -> Digest:
    """What a consent opens, apart from how much of it: model, artefact, variant, endpoint."""
    return digest_of([[build.model, build.artefact, build.name, build.upstream] for build in builds(consent)])


def _active(standing: Standing, key: KeyFacts) -> Why | None:
    active = key.holder is not None and standing.home in key.holder.organisations
    return None if active else Why.NOT_NAMED


def _person(standing: Standing, consent: Consent, key: KeyFacts) -> Why | None:
    return _active(standing, key) or (None if key.person in consent.people else Why.NOT_NAMED)


def _call(standing: Standing, consent: Consent, call: InFlight) -> Why | None:
    if call.purpose not in consent.purposes:
        return Why.PURPOSE
    if not covers(consent, call.method, call.path):
        return Why.ENDPOINT
    build = build_called(consent, call.method, call.path, call.model)
    if build is None:
        return Why.MODEL
    needed = {level_of(logits=call.logits), build.level}
    return None if needed <= standing.levels else Why.LEVEL


def _label(consent: Consent, key: KeyFacts) -> Why | None:
    return None if key.holder is not None and key.holder.may_read(consent.label) else Why.LABEL
