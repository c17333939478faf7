"""Visits every reachable state of a small bounded world and checks voluntariness on each (voluntariness, V1–V20).

The world has a clock of whole days, a policy that allows two, a handful of consents good and bad, one
partner, two requests for information (one with a wish for a date), a determination and a second policy
version. All of it at once would be tens of millions of states that differ in nothing that matters, so it is
explored in scopes: every pair of consents with every plan, one consent with everything the body and a partner
can do, and requests with plans and with each other. ``check`` explores each breadth
first with the machine it is given, production's by default. The properties are written against *histories* kept beside
the case (which days the body really could reach the model, who really signed the partner), not against the
functions they examine. Non-interference is checked by unwinding: a step of the body leaves the developer's
view and choices as they were, and the developer's view after any step depends on its view before and
nothing else (Goguen and Meseguer, 1984).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from seatrial.kernel.clock import Window
from seatrial.kernel.digests import Digest
from seatrial.kernel.labels import OPEN, Label, Level
from seatrial.kernel.lifecycle import Machine
from seatrial.review.cases.types import (
    ENDED,
    AccessLevel,
    Budget,
    Consent,
    ConsentTerms,
    ModelCheck,
    RequestState,
    ReviewState,
)

from .case import Case, PolicySnapshot, deadline, state_of, usable_window
from .details import Adoption, Dates, PartnerEvent, RequestEvent, Signing
from .standing import partner_reaches, standing
from .table import DEVELOPERS_OWN, MACHINE

DAYS = 4  # the clock runs from day 0 to this day
MOST_DAYS = 2  # the policy's longest window
ZERO = datetime(2026, 7, 1, tzinfo=UTC)
PARTNER = "partner"
FINDINGS = (None, "covered", "not_covered", "not_determined")
_FORBIDDEN_WORDS = ("approv", "clear", "deny", "denied", "hold", "permit", "licen", "grant", "reject")


def day(number: int) -> datetime:
    """Midnight of a day of the world."""
    return ZERO + timedelta(days=number)


POLICY = PolicySnapshot("1", timedelta(days=MOST_DAYS), frozenset({"evaluation"}))
STRICTER = PolicySnapshot("2", timedelta(days=1), frozenset({"evaluation"}))


@dataclass(frozen=True, slots=True)
class World:
    """A case, the clock, what only the body holds, and the history the properties are written against."""

    case: Case
    today: int = 0
    finding: str | None = None  # what the body has determined and shared
    published: int = 1  # policy versions the body has published
    reached: int = 0  # bit d: access was open while day d passed
    signed_developer: bool = False  # who really signed the partner
    signed_body: bool = False
    partner_over: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """Which part of the world is explored: how many consents, of which, and which of the others act."""

    consents: frozenset[str]
    most_consents: int
    plans: bool = False  # the developer moves its dates
    requests: tuple[str, ...] = ()  # the body asks these, the developer answers, the body takes back and acknowledges
    partner: bool = False
    policies: bool = False
    findings: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """Something that may be tried: an event of the table with its details, by a side."""

    event: str
    side: str
    details: object = None
    name: str = ""


def _terms(opens: int, closes: int, **changes: object) -> ConsentTerms:
    terms = ConsentTerms(
        model="m",
        artefact=Digest("sha256:" + "0" * 64),
        variant="v",
        people=frozenset({"eva", "ned"}),
        purposes=frozenset({"evaluation"}),
        level=AccessLevel.LOGITS,
        upstream="http://lab.example/v1",
        budget=Budget(10, 10, 2),
        window=Window(day(opens), day(closes)),
        label=OPEN,
    )
    return replace(terms, **changes)  # type: ignore[arg-type]


# Consents that must be possible, and for each guard one that must not be.
CONSENTS: dict[str, ConsentTerms] = {
    "two days": _terms(0, 2),
    "late two days": _terms(1, 3),
    "one day": _terms(1, 2),
    "too long": _terms(0, 3),
    "past the partner release": _terms(2, 4),
    "nobody": _terms(1, 2, people=frozenset()),
    "no purpose": _terms(1, 2, purposes=frozenset()),
    "foreign purpose": _terms(1, 2, purposes=frozenset({"curiosity"})),
    "no budget": _terms(1, 2, budget=Budget(0, 10, 1)),
    "no upstream": _terms(1, 2, upstream="file:///etc/passwd"),
    "above the instance": _terms(1, 2, label=Label(level=Level.SECRET)),
}
NARROWED: dict[str, dict[str, object]] = {
    "one person": {"people": frozenset({"eva"})},
    "another person": {"people": frozenset({"eva", "ned", "zoe"})},
    "nobody": {"people": frozenset()},
    "no purpose": {"purposes": frozenset()},
    "no budget": {"budget": Budget(10, 0, 1)},
    "deeper": {"level": AccessLevel.WEIGHTS},
    "longer": {"window": Window(day(0), day(DAYS))},
}
# What may be asked: with a wish for a date (as days go by it is to come, and it has passed), and with none.
REQUESTS = {"first": RequestEvent("first", day(1)), "second": RequestEvent("second")}
DATES = {"earlier": Dates(day(2), day(3)), "first plan": Dates(day(3), day(4)), "backwards": Dates(day(4), day(3))}


SCOPES = (
    Scope(frozenset({"two days"}), 1, partner=True),
    Scope(frozenset({"two days", "one day"}), 1, policies=True, findings=True),
    Scope(frozenset({"two days"}), 1, plans=True, requests=("first",)),
    Scope(frozenset({"two days"}), 1, requests=("first", "second")),
    Scope(frozenset(CONSENTS), 2, plans=True),
)


def steps(world: World, scope: Scope) -> Iterator[Step]:
    """Everything anybody could try in ``world``; whether it may happen is the machine's to say."""
    case = world.case
    yield Step("offer", "developer")
    if len(case.consents) < scope.most_consents:
        for name in sorted(scope.consents):
            yield Step("sign_consent", "developer", _signing(case, CONSENTS[name], world.today), name)
        if case.consent is not None:
            for name, change in NARROWED.items():
                terms = replace(_as_terms(case.consent), **change)  # type: ignore[arg-type]
                yield Step("narrow_consent", "developer", _signing(case, terms, world.today), name)
    for name, dates in DATES.items():
        if scope.plans and dates.partner_release != case.partner_release:
            yield Step("move_release", "developer", dates, name)
    yield Step("withdraw", "developer")
    yield Step("record_release", "developer")
    yield Step("close", "developer")
    if scope.policies and world.published > 1 and case.policy == POLICY:
        yield Step("adopt_policy", "developer", Adoption(STRICTER))
    if scope.requests:
        for name in scope.requests:
            yield Step("ask", "body", REQUESTS[name], name)
            yield Step("answer", "developer", RequestEvent(name), name)
            yield Step("take_back", "body", RequestEvent(name), name)
        yield Step("acknowledge", "body")
    if scope.partner:
        for event in ("propose_partner", "sign_partner"):
            for side in ("developer", "body"):
                yield Step(event, side, PartnerEvent(PARTNER, side))
        for side in ("developer", "body", "partner"):
            yield Step("end_partner", side, PartnerEvent(PARTNER, side))


def check(machine: Machine[Case] = MACHINE, *, first: bool = False) -> ModelCheck:
    """Explore the world under ``machine``. ``first`` stops at the first broken invariant (for mutants)."""
    broken = dict.fromkeys(_table_properties(machine))
    searches = [_Search(machine, scope, broken) for scope in SCOPES]
    # In turns, a state each: what is broken shows early in one scope or another.
    while not (first and broken) and any([search.visit() for search in searches]):  # noqa: C419 - each takes its turn
        pass
    return ModelCheck(
        sum(len(search.seen) for search in searches), sum(search.transitions for search in searches), tuple(broken)
    )


class _Search:
    """A breadth-first search of one scope, a state at a time; what is broken goes into ``broken``."""

    def __init__(self, machine: Machine[Case], scope: Scope, broken: dict[str, None]) -> None:
        start = World(Case("lab", "body", day(3), day(4), POLICY))
        self.seen, self.transitions = {start}, 0
        self._queue, self._outcomes = deque([start]), dict[tuple[object, ...], object]()
        self._machine, self._scope, self._broken = machine, scope, broken

    def visit(self) -> bool:
        """Visit the next state; ``False`` when there is none."""
        if not self._queue:
            return False
        world = self._queue.popleft()
        self._broken.update(dict.fromkeys(_state_properties(self._machine, world)))
        for after, violations in _successors(self._machine, world, self._scope, self._outcomes):
            self.transitions += 1
            self._broken.update(dict.fromkeys(violations))
            if after not in self.seen:
                self.seen.add(after)
                self._queue.append(after)
        return True


def _successors(
    machine: Machine[Case], world: World, scope: Scope, outcomes: dict[tuple[object, ...], object]
) -> Iterator[tuple[World, list[str]]]:
    now = day(world.today)
    own: list[tuple[str, str]] = []
    for step in steps(world, scope):
        refused = machine.refusal(world.case, step.event, step.details, now) is not None
        after = None if refused else machine.apply(world.case, step.event, step.details, now)
        found: list[str] = []
        if step.event in DEVELOPERS_OWN:
            if not refused:
                own.append((step.event, step.name))
            # Unwinding, step by step: what becomes of the developer's view depends on that view alone (V2).
            key = (_developers_view(world.case), world.today, world.published, step.event, step.name)
            outcome = None if after is None else _developers_view(after)
            if outcomes.setdefault(key, outcome) != outcome:
                found.append(f"V2: what '{step.event}' does depends on what the body did")
        if after is not None:
            yield _after(world, step, after), found + _step_properties(world, step, after)
        elif found:
            yield world, found
    whole = (_developers_view(world.case), world.today, world.published)
    if outcomes.setdefault(whole, tuple(own)) != tuple(own):
        yield world, ["V2: what the developer may do depends on what the body did"]
    if scope.findings and world.finding is None and world.case.offered_at is not None:
        for finding in FINDINGS[1:]:
            yield replace(world, finding=finding), []
    if scope.policies and world.published == 1:
        yield replace(world, published=2), []
    if world.today < DAYS:
        yield _tick(world)


def _tick(world: World) -> tuple[World, list[str]]:
    """A day passes; whether the body could reach the model during it is what it really could."""
    now, found = day(world.today), list[str]()
    open_now = standing("r", world.case, now).reason is None
    if open_now:
        if world.today + 1 > (world.case.partner_release - ZERO).days:
            found.append("V6: access is open past the planned partner release")
        if world.case.released_at is not None:
            found.append("V8: access is open after a release was recorded")
    reached = world.reached | (1 << world.today if open_now else 0)
    if reached.bit_count() > MOST_DAYS:
        found.append("V6: the body could reach the model on more days than the policy allows")
    return replace(world, today=world.today + 1, reached=reached), found


def _after(world: World, step: Step, case: Case) -> World:
    """The world after an accepted step; the partner's history follows what was done, not what the case says."""
    world = replace(world, case=case)
    if step.event in ("propose_partner", "sign_partner"):
        return replace(world, signed_developer=True) if step.side == "developer" else replace(world, signed_body=True)
    return replace(world, partner_over=True) if step.event == "end_partner" else world


def _table_properties(machine: Machine[Case]) -> Iterator[str]:
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


def _state_properties(machine: Machine[Case], world: World) -> Iterator[str]:
    """What must hold in every reachable state."""
    case, now = world.case, day(world.today)
    here = standing("r", case, now)
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
        yield from _open_properties(world, now)
    if len({partner.organisation for partner in case.partners}) != len(case.partners):
        yield "V12: a partner stands twice"
    if partner_reaches(case, PARTNER, now) and not (
        world.signed_developer and world.signed_body and not world.partner_over
    ):
        yield "V12: a partner reaches the model without both signatures, or after one side ended it"
    yield from _request_properties(case, now)
    if case.partner_release > case.public_release:
        yield "the partner release is planned after the public one"


def _request_properties(case: Case, now: datetime) -> Iterator[str]:
    """Requests for information are words: with them or without them every clock and every right is the same (V7)."""
    if len({request.thread for request in case.requests}) != len(case.requests):
        yield "a request stands twice"
    without = replace(case, requests=())
    if standing("r", case, now) != standing("r", without, now) or deadline(case) != deadline(without):
        yield "V7: a request for information, or its wish for a date, moved a clock"


def _open_properties(world: World, now: datetime) -> Iterator[str]:
    """What must hold wherever access is open."""
    case, consent = world.case, world.case.consent
    if case.withdrawn_at is not None:
        yield "V9: access is open after a withdrawal"
    if case.released_at is not None:
        yield "V8: access is open after a release was recorded"
    if case.closed_at is not None:
        yield "V20: access is open after the review was closed"
    if consent is None:
        yield "V11: access is open without a consent"
    elif not consent.window.opens <= now < consent.window.closes:
        yield "V11: access is open outside the consented window"


def _step_properties(world: World, step: Step, after: Case) -> list[str]:
    """What must hold across every accepted step."""
    before, now, found = world.case, day(world.today), list[str]()
    repeated_release = step.event == "record_release" and before.released_at is not None
    if after == before and not repeated_release:
        found.append(f"V16: '{step.event}' was recorded and changed nothing")
    if step.event != "adopt_policy" and after.policy != before.policy:
        found.append("V17: the policy changed without the developer's signature")
    if step.event not in ("sign_consent", "narrow_consent") and after.consents != before.consents:
        found.append("V11: a consent changed without a signature")
    if step.event not in ("sign_consent", "narrow_consent") and _later(after, before):
        found.append(f"V7: '{step.event}' moved the end of access later")
    if step.side != "developer" and _developers_view(after) != _developers_view(before):
        found.append(f"V2: '{step.event}' of the {step.side} changed what is the developer's")
    if step.event == "record_release" and (after.released_at is None or _is_open(after, now)):
        found.append("V8: recording a release did not end access")
    if step.event == "withdraw" and (after.withdrawn_at is None or _is_open(after, now)):
        found.append("V9: withdrawing did not end access")
    if step.event == "sign_consent" and isinstance(step.details, Signing):
        found.extend(_consent_properties(before, step.details.terms, now))
    if step.event == "narrow_consent" and isinstance(step.details, Signing) and before.consent is not None:
        found.extend(_narrowing_properties(before.consent, step.details.terms))
    if isinstance(step.details, RequestEvent):
        was = {request.thread: request.state for request in before.requests}
        if _developers_view(after) != _developers_view(before):
            found.append(f"V7: '{step.event}' changed more than a request")
        if step.event in ("answer", "take_back") and was.get(step.details.thread) is not RequestState.OPEN:
            found.append(f"'{step.event}' happened to a request that was not open")
    if step.event in ("sign_partner", "end_partner") and world.partner_over:
        found.append("V12: something happened to a partnership that was over")
    if step.event == "acknowledge" and before.acknowledged_at is not None:
        found.append("an offer was acknowledged twice")
    if step.event == "sign_partner" and not (world.signed_developer or world.signed_body):
        found.append("V12: a partner was signed that nobody had proposed")
    return found


def _consent_properties(before: Case, terms: ConsentTerms, now: datetime) -> Iterator[str]:
    """What every signed consent must be, said independently of the guards."""
    if terms.window.closes <= now or terms.window.closes > before.partner_release:
        yield "V6: a consent was signed for the past, or past the partner release"
    if not terms.people or not terms.purposes or not terms.purposes <= before.policy.purposes:
        yield "V11: a consent was signed that names nobody, no purpose or a foreign one"
    if 0 in (terms.budget.requests, terms.budget.tokens, terms.budget.concurrency):
        yield "V11: a consent was signed without a budget"
    if not terms.upstream.startswith(("http://", "https://")) or terms.label.level > Level.CONTROLLED:
        yield "V11: a consent was signed for what this instance cannot reach or hold"


def _narrowing_properties(before: Consent, terms: ConsentTerms) -> Iterator[str]:
    inside = (
        terms.people <= before.people
        and terms.purposes <= before.purposes
        and before.window.opens <= terms.window.opens
        and terms.window.closes <= before.window.closes
        and terms.level in (AccessLevel.API, before.level)
        and terms.upstream == before.upstream
    )
    if not inside:
        yield "V11: narrowing widened the consent"
    if not terms.people or not terms.purposes or 0 in (terms.budget.requests, terms.budget.tokens):
        yield "V11: narrowing left a consent that names nothing"


def _developers_view(case: Case) -> Case:
    """The case without what the body, or the body and the developer together, may set."""
    return replace(case, acknowledged_at=None, requests=(), partners=())


def _is_open(case: Case, now: datetime) -> bool:
    return standing("r", case, now).reason is None


def _later(after: Case, before: Case) -> bool:
    was, is_now = usable_window(before), usable_window(after)
    if before.consent is None:
        return False
    if was is None or is_now is None:
        return is_now is not None
    return is_now.closes > was.closes or deadline(after) > deadline(before)


def _as_terms(consent: Consent) -> ConsentTerms:
    return ConsentTerms(**{name: getattr(consent, name) for name in ConsentTerms.__dataclass_fields__})


def _signing(case: Case, terms: ConsentTerms, today: int) -> Signing:
    number = len(case.consents) + 1
    consent = Consent(
        id=f"c{number}",
        number=number,
        signed_by="sig",
        signed_at=day(today),
        digest=terms.artefact,
        **{name: getattr(terms, name) for name in ConsentTerms.__dataclass_fields__},
    )
    return Signing(terms, consent, Level.CONTROLLED)
