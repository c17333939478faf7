"""Voluntariness, written so that a program can check it: what must hold of the table, of a state, across a step.

Each rule is said against the history a ``World`` keeps and not with the functions it examines. It yields a sentence
for whatever is broken, led by the invariant's number (voluntariness, V1–V20).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from seatrial.kernel.labels import OPEN, Level
from seatrial.kernel.lifecycle import Machine
from seatrial.review.cases.types import (
    ENDED,
    AccessLevel,
    Consent,
    ConsentTerms,
    ItemKind,
    PartnerTerms,
    RequestState,
    ReviewState,
    Standing,
)

from .case import Case, deadline, due, state_of, usable_window
from .details import Attestation, Handover, PartnerSigning, RequestEvent, Signing
from .modelworld import DAYS, PARTNER, STRANGER, Step, World, day
from .standing import standing

_FORBIDDEN_WORDS = ("approv", "clear", "deny", "denied", "hold", "permit", "licen", "reject")
_SIGNINGS = ("sign_consent", "narrow_consent")


def standing_at(case: Case, now: datetime, partner: str | None = None) -> Standing:
    """The standing of a case of this world."""
    return standing("r", case, now, label=OPEN, partner=partner)


def is_open(case: Case, now: datetime) -> bool:
    """True if the body can reach the model at ``now``."""
    return standing_at(case, now).reason is None


def of_the_table(machine: Machine[Case]) -> Iterator[str]:
    """What can be seen from the table alone."""
    entries = [row.entry for row in machine.transitions.values()]
    if len(set(entries)) != len(entries) or not all(entries):
        yield "V16: two events share a ledger entry, or one has none"
    for word in [*machine.transitions, *entries, *ReviewState]:
        if any(bad in word for bad in _FORBIDDEN_WORDS):
            yield f"V3: {word!r} speaks of approval"
    release = machine.transitions["record_release"]
    if release.guards or release.sources != frozenset(ReviewState):
        yield "V1: recording a release is guarded"


def of_a_state(machine: Machine[Case], world: World) -> Iterator[str]:
    """What must hold in every reachable state."""
    case, now = world.case, day(world.today)
    here = standing_at(case, now)
    if machine.refusal(case, "record_release", None, now) is not None:
        yield "V1: a release cannot be recorded"
    if state_of(case, day(DAYS + 30)) not in ENDED:
        yield "V5: without anybody acting, the review never ends"
    if here.state is not ReviewState.CLOSED:
        if machine.refusal(case, "close", None, now) is not None:
            yield "V20: the developer cannot close the review"
        elif state_of(machine.apply(case, "close", None, now), now) is not ReviewState.CLOSED:
            yield "V20: closing does not close the review"
    if here.reason is None:
        yield from _of_open_access(world, now)
    yield from _of_the_partner(world, here, now)
    yield from _of_things(world, here, now)
    yield from _of_requests(case, here, now)
    if case.partner_release > case.public_release:
        yield "the partner release is planned after the public one"


def _of_requests(case: Case, here: Standing, now: datetime) -> Iterator[str]:
    """Requests for information are words: with them or without them every clock and every right is the same (V7)."""
    if len({request.thread for request in case.requests}) != len(case.requests):
        yield "a request stands twice"
    without = replace(case, requests=())
    if here != standing_at(without, now) or deadline(case) != deadline(without):
        yield "V7: a request for information, or its wish for a date, moved a clock"


def _of_open_access(world: World, now: datetime) -> Iterator[str]:
    """What must hold wherever access is open."""
    case, consent = world.case, world.case.consent
    if case.withdrawn_at is not None:
        yield "V9: access is open after a withdrawal"
    if case.released_at is not None:
        yield "V8: access is open after a release was recorded"
    if case.closed_at is not None:
        yield "V20: access is open after the review was closed"
    if world.leaked:
        yield "V11: access is open after a leak, without a new signature of the developer"
    if consent is None:
        yield "V11: access is open without a consent"
    elif not consent.window.opens <= now < consent.window.closes:
        yield "V11: access is open outside the consented window"


def _of_the_partner(world: World, here: Standing, now: datetime) -> Iterator[str]:
    case, signed, seen = world.case, world.partner_terms, world.partner_body
    if len({partner.organisation for partner in case.partners}) != len(case.partners):
        yield "V12: a partner stands twice"
    reached = standing_at(case, now, PARTNER)
    if reached.reason is not None:
        return
    if signed is None or seen is None or world.partner_over:
        yield "V12: a partner reaches the model without both signatures, or after one side ended it"
        return
    if not (signed.people <= seen.people and signed.window.closes <= seen.window.closes):
        yield "V12: a partner reaches more than the body had signed"
    if here.reason is not None:
        yield "V12: a partner reaches the model while the body cannot"
    given, consent = reached.consent, case.consent
    if given is None or consent is None or given.people != signed.people:
        yield "V11: a partner's people are not those the developer signed"
    elif not (given.levels <= consent.levels and given.purposes <= consent.purposes and here.window is not None):
        yield "V11: a partner reaches more than the consent gives"
    elif given.window.closes > here.window.closes or AccessLevel.WEIGHTS in given.levels:
        yield "V11: a partner reaches longer or deeper than the consent gives"


def _of_things(world: World, here: Standing, now: datetime) -> Iterator[str]:
    """Signatures for weights, what was handed over, leaks."""
    case = world.case
    by_side = {side: {person for by, person in world.signers if by == side} for side in ("developer", "body")}
    signed_by_all = min(len(people) for people in by_side.values()) >= 2
    if AccessLevel.WEIGHTS in here.levels and not signed_by_all:
        yield "V11: weights are in force without two signatures on each side"
    named = case.consent is not None and AccessLevel.WEIGHTS in case.consent.levels
    if named and signed_by_all and AccessLevel.WEIGHTS not in here.levels:
        yield "V11: two people of each side signed for the weights, and it counts for nothing"
    if len(case.leaks) != world.reports:
        yield "V9: a leak was reported and is not on record"
    for item in case.items:
        if item.holder == STRANGER:
            yield "V11: something was handed to a stranger"
        if (item.attested_at is not None) != (item.id in world.destroyed):
            yield "V9: the record of a destruction is not what its holder said"
        if here.state in ENDED and due(case, item, now) is None:
            yield "V9: something handed over has no date for its destruction"


def of_a_step(world: World, step: Step, after: Case) -> Iterator[str]:
    """What must hold across every accepted step."""
    before, now = world.case, day(world.today)
    repeated_release = step.event == "record_release" and before.released_at is not None
    if after == before and not repeated_release:
        yield f"V16: '{step.event}' was recorded and changed nothing"
    if step.event != "adopt_policy" and after.policy != before.policy:
        yield "V17: the policy changed without the developer's signature"
    if step.event not in _SIGNINGS and after.consents != before.consents:
        yield "V11: a consent changed without a signature"
    if step.event not in _SIGNINGS and _later(after, before):
        yield f"V7: '{step.event}' moved the end of access later"
    if step.side != "developer" and developers_view(after) != developers_view(before):
        yield f"V2: '{step.event}' of the {step.side} changed what is the developer's"
    if step.side != "developer" and before.offered_at is None:
        yield f"V10: the {step.side} acted on a review that was never offered"
    if step.event == "record_release" and (after.released_at is None or is_open(after, now)):
        yield "V8: recording a release did not end access"
    if step.event == "withdraw" and (after.withdrawn_at is None or is_open(after, now)):
        yield "V9: withdrawing did not end access"
    if step.event == "report_leak" and is_open(after, now):
        yield "V9: reporting a leak did not end access"
    if step.event == "acknowledge" and before.acknowledged_at is not None:
        yield "an offer was acknowledged twice"
    if step.event != "sign_consent" and is_open(after, now) and not is_open(before, now):
        yield f"V11: '{step.event}' opened access"
    if isinstance(step.details, Signing):
        yield from _of_a_signing(before, step, after, now)
    if isinstance(step.details, RequestEvent):
        was = {request.thread: request.state for request in before.requests}
        if developers_view(after) != developers_view(before):
            yield f"V7: '{step.event}' changed more than a request"
        if step.event in ("answer", "take_back") and was.get(step.details.thread) is not RequestState.OPEN:
            yield f"'{step.event}' happened to a request that was not open"
    yield from _of_a_partner_step(world, step)
    yield from _of_a_countersigning(world, step)
    yield from _of_handling(world, step, now)


def _of_a_signing(before: Case, step: Step, after: Case, now: datetime) -> Iterator[str]:
    if not isinstance(step.details, Signing):
        return
    terms = step.details.terms
    if step.event == "narrow_consent" and before.consent is not None:
        yield from _of_narrowing(before.consent, terms)
    if step.event == "sign_consent":
        yield from _of_terms(before, terms, now)
        if terms.window.contains(now) and not is_open(after, now):
            yield "V11: a consent was signed for now, and access is not open"


def _of_terms(before: Case, terms: ConsentTerms, now: datetime) -> Iterator[str]:
    """What every signed consent must be, said independently of the guards."""
    if terms.window.closes <= now or terms.window.closes > before.partner_release:
        yield "V6: a consent was signed for the past, or past the partner release"
    if not terms.people or not terms.purposes or not terms.purposes <= before.policy.purposes:
        yield "V11: a consent was signed that names nobody, no purpose or a foreign one"
    if 0 in (terms.budget.requests, terms.budget.tokens, terms.budget.concurrency):
        yield "V11: a consent was signed without a budget"
    if not terms.upstream.startswith(("http://", "https://")) or terms.label.level > Level.CONTROLLED:
        yield "V11: a consent was signed for what this instance cannot reach or hold"
    if not terms.levels or any(variant.level not in terms.levels for variant in terms.variants):
        yield "V11: a consent was signed that names no level, or a variant beyond its levels"
    if any(variant.model == terms.model for variant in terms.variants):
        yield "V11: a consent was signed under which one name means two builds"
    if terms.keeping is not None and terms.keeping.days > before.policy.destruction.days:
        yield "V9: a consent was signed under which bodies are kept longer than the policy says"
    yield from _of_money_and_keeping(terms)


def _of_narrowing(before: Consent, terms: ConsentTerms) -> Iterator[str]:
    inside = (
        terms.people <= before.people
        and terms.purposes <= before.purposes
        and before.window.opens <= terms.window.opens
        and terms.window.closes <= before.window.closes
        and terms.levels <= before.levels
        and terms.upstream == before.upstream
        and terms.tariff == before.tariff
        and (before.budget.money is None or (terms.budget.money or before.budget.money + 1) <= before.budget.money)
        and all(end.method == "GET" and before.endpoints for end in terms.endpoints)
        and (terms.keeping is None or before.keeping is not None)
    )
    if not inside:
        yield "V11: narrowing widened the consent"
    if terms.keeping is not None and before.keeping is not None:
        kept, was = terms.keeping, before.keeping
        if not set(kept.recipients) <= set(was.recipients) or kept.days > was.days:
            yield "V11: narrowing kept bodies longer, or for somebody more"
    yield from _of_money_and_keeping(terms)
    if not terms.people or not terms.purposes or not terms.levels or 0 in (terms.budget.requests, terms.budget.tokens):
        yield "V11: narrowing left a consent that names nothing"


def _of_money_and_keeping(terms: ConsentTerms) -> Iterator[str]:
    if terms.budget.money is not None and (terms.tariff is None or terms.tariff.price(terms.model) is None):
        yield "V11: a consent was signed that bounds money and names no price"
    if terms.keeping is not None and not (terms.keeping.recipients and terms.keeping.days):
        yield "V11: a consent was signed under which bodies are kept for nobody"


def _of_a_partner_step(world: World, step: Step) -> Iterator[str]:
    known = world.case.partner(PARTNER) is not None
    if step.event == "propose_partner" and known:
        yield "V12: a partner was proposed twice"
    if step.event in ("sign_partner_terms", "countersign_partner", "end_partner") and (world.partner_over or not known):
        yield "V12: something happened to a partnership that was over, or had never been proposed"
    if step.event == "countersign_partner" and world.partner_terms is None:
        yield "V12: the body signed a partner for whom the developer had signed nothing"
    if isinstance(step.details, PartnerSigning):
        yield from _of_partner_terms(world, step.details.terms)


def _of_partner_terms(world: World, terms: PartnerTerms) -> Iterator[str]:
    consent, usable = world.case.consent, usable_window(world.case)
    if not terms.people or not terms.purposes or not terms.levels or 0 in (terms.budget.requests, terms.budget.tokens):
        yield "V12: terms were signed for a partner that name nobody, nothing or no limit"
    if consent is None or usable is None:
        yield "V12: terms were signed for a partner without a standing consent"
    elif not (
        terms.levels <= consent.levels - {AccessLevel.WEIGHTS}
        and terms.purposes <= consent.purposes
        and consent.window.opens <= terms.window.opens
        and terms.window.closes <= usable.closes
    ):
        yield "V11: terms were signed for a partner that reach beyond the consent"
    if terms.budget.money is not None and (consent is None or consent.tariff is None):
        yield "V12: a partner's money was bounded where nothing has a price"


def _of_a_countersigning(world: World, step: Step) -> Iterator[str]:
    if step.event != "countersign_consent":
        return
    consent = world.case.consent
    if consent is None or AccessLevel.WEIGHTS not in consent.levels:
        yield "V11: a further signature was taken for a consent that names no weights"
    if (step.side, step.name) in world.signers:
        yield "V11: one person signed twice"
    if sum(side == step.side for side, _ in world.signers) >= 2:
        yield "V11: a third signature was taken on one side"


def _of_handling(world: World, step: Step, now: datetime) -> Iterator[str]:
    if step.event == "hand_over" and not is_open(world.case, now):
        yield "V11: something was handed over while access was not open"
    weights = isinstance(step.details, Handover) and step.details.item.kind is ItemKind.WEIGHTS
    if step.event == "hand_over" and weights and len(world.signers) < 4:
        yield "V11: weights were handed over without two signatures on each side"
    if step.event == "attest_destruction" and isinstance(step.details, Attestation):
        item = next((item for item in world.case.items if item.id == step.details.item), None)
        if item is None or item.holder != step.details.holder:
            yield "V9: a destruction was attested by somebody who never had the thing"
        if step.details.item in world.destroyed:
            yield "V9: one destruction was attested twice"


def developers_view(case: Case) -> Case:
    """The case without what the body, or the body and the developer together, may set."""
    return replace(
        case,
        acknowledged_at=None,
        requests=(),
        partners=(),
        countersigned=frozenset(),
        items=(),
        leaks=(),
        contained=False,
    )


def _later(after: Case, before: Case) -> bool:
    was, is_now = usable_window(before), usable_window(after)
    if before.consent is None:
        return False
    if was is None or is_now is None:
        return is_now is not None
    return is_now.closes > was.closes or deadline(after) > deadline(before)
