"""The small bounded world that the model checker explores: its clock, its people, everything anybody could try.

The clock counts whole days, the policy allows two of them. There are consents good and bad, a partner with terms good
and bad, things to hand over, leaks, questions, a determination and a second policy version. All of it at once
would be tens of millions of states that differ in nothing that matters, so the world is explored in scopes.

Beside the case a ``World`` keeps the *history* that the properties are written against: which days the body really
could reach the model, who really signed what. It follows what was done, never what the case says of itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from seatrial.kernel.clock import Window
from seatrial.kernel.digests import Digest
from seatrial.kernel.labels import OPEN, Label, Level
from seatrial.review.cases.types import (
    AccessLevel,
    Budget,
    Consent,
    ConsentTerms,
    Endpoint,
    ItemKind,
    Keeping,
    PartnerTerms,
    Price,
    Tariff,
    Variant,
)

from .case import Case, Item, PolicySnapshot
from .details import (
    Adoption,
    Attestation,
    Countersigning,
    Dates,
    Handover,
    LeakReport,
    PartnerEvent,
    PartnerSigning,
    RequestEvent,
    Signing,
)

DAYS = 4  # the clock runs from day 0 to this day
MOST_DAYS = 2  # the policy's longest window
ZERO = datetime(2026, 7, 1, tzinfo=UTC)
PARTNER, STRANGER = "partner", "stranger"
FINDINGS = (None, "covered", "not_covered", "not_determined")
PEOPLE = {"developer": ("sig", "gov", "sec"), "body": ("ada", "abe", "ann")}  # ``sig`` signs the consents


def day(number: int) -> datetime:
    """Midnight of a day of the world."""
    return ZERO + timedelta(days=number)


POLICY = PolicySnapshot("1", timedelta(days=MOST_DAYS), frozenset({"evaluation"}), timedelta(days=1))
STRICTER = PolicySnapshot("2", timedelta(days=1), frozenset({"evaluation"}), timedelta(days=1))
START = Case("lab", "body", day(3), day(4), POLICY)


@dataclass(frozen=True, slots=True)
class World:
    """A case, the clock, what only the body holds, and the history the properties are written against."""

    case: Case
    today: int = 0
    finding: str | None = None  # what the body has determined and shared
    published: int = 1  # policy versions the body has published
    reached: int = 0  # bit d: access was open while day d passed
    signers: frozenset[tuple[str, str]] = frozenset()  # who really signed since the last new consent
    partner_terms: PartnerTerms | None = None  # what the developer really signed for the partner, last
    partner_body: PartnerTerms | None = None  # the terms that stood when the body really signed
    partner_over: bool = False
    leaked: bool = False  # somebody reported a leak since the last new consent
    reports: int = 0
    destroyed: frozenset[str] = frozenset()  # items whose holder really attested their destruction


@dataclass(frozen=True, slots=True)
class Scope:
    """Which part of the world is explored: how many consents, of which, and which of the others act."""

    consents: frozenset[str]
    most_consents: int
    narrows: frozenset[str] = frozenset()
    plans: bool = False  # the developer moves its dates
    requests: tuple[str, ...] = ()  # the body asks these, the developer answers, the body takes back and acknowledges
    partner: frozenset[str] = frozenset()  # names in PARTNER_TERMS
    policies: bool = False
    findings: bool = False
    signers: int = 0  # how many people of each side try to sign for the weights
    items: frozenset[str] = frozenset()  # names in ITEMS
    leaks: int = 0


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
        levels=frozenset({AccessLevel.API, AccessLevel.LOGITS}),
        upstream="http://lab.example/v1",
        budget=Budget(10, 10, 2),
        window=Window(day(opens), day(closes)),
        label=OPEN,
    )
    return replace(terms, **changes)  # type: ignore[arg-type]


_HELPFUL = Variant("m-helpful", "helpful-only", Digest("sha256:" + "1" * 64), "http://lab.example/v1", AccessLevel.API)

_KEPT = Keeping((Digest("sha256:" + "2" * 64),), 1)
_TARIFF = Tariff("EUR", (Price("m", 3, 15),))

# Consents that must be possible, and for each guard one that must not be.
CONSENTS: dict[str, ConsentTerms] = {
    "two days": _terms(0, 2),
    "late two days": _terms(1, 3),
    "one day": _terms(1, 2),
    "with weights": _terms(0, 2, levels=frozenset({AccessLevel.API, AccessLevel.WEIGHTS})),
    "too long": _terms(0, 3),
    "past the partner release": _terms(2, 4),
    "nobody": _terms(1, 2, people=frozenset()),
    "no purpose": _terms(1, 2, purposes=frozenset()),
    "foreign purpose": _terms(1, 2, purposes=frozenset({"curiosity"})),
    "no budget": _terms(1, 2, budget=Budget(0, 10, 1)),
    "no level": _terms(1, 2, levels=frozenset()),
    "variant beyond its level": _terms(
        1, 2, variants=(replace(_HELPFUL, level=AccessLevel.SAFEGUARDS_OFF, name="beyond"),)
    ),
    "priced and kept": _terms(
        0, 2, budget=Budget(10, 10, 2, 5), tariff=_TARIFF, endpoints=(Endpoint("GET", "responses/*"),), keeping=_KEPT
    ),
    "bounded without a price": _terms(1, 2, budget=Budget(10, 10, 2, 5)),
    "kept for nobody": _terms(1, 2, keeping=Keeping((), 1)),
    "kept too long": _terms(1, 2, keeping=replace(_KEPT, days=2)),
    "two of one name": _terms(1, 2, variants=(replace(_HELPFUL, model="m"),)),
    "no upstream": _terms(1, 2, upstream="file:///etc/passwd"),
    "above the instance": _terms(1, 2, label=Label(level=Level.SECRET)),
}
NARROWED: dict[str, dict[str, object]] = {
    "one person": {"people": frozenset({"eva"})},
    "another person": {"people": frozenset({"eva", "ned", "zoe"})},
    "nobody": {"people": frozenset()},
    "no purpose": {"purposes": frozenset()},
    "no level": {"levels": frozenset()},
    "no budget": {"budget": Budget(10, 0, 1)},
    "deeper": {"levels": frozenset({AccessLevel.API, AccessLevel.FINE_TUNING})},
    "less money": {"budget": Budget(10, 10, 2, 4)},
    "more money": {"budget": Budget(10, 10, 2, 6)},
    "no bound in money": {"budget": Budget(10, 10, 2)},
    "another tariff": {"tariff": Tariff("EUR", (Price("m", 2, 15),))},
    "one endpoint": {"endpoints": (Endpoint("GET", "responses/one"),)},
    "more endpoints": {"endpoints": (Endpoint("POST", "responses/*"),)},
    "nothing kept": {"keeping": None},
    "kept for nobody": {"keeping": Keeping((), 1)},
    "kept for another": {"keeping": Keeping((Digest("sha256:" + "3" * 64),), 1)},
    "kept longer": {"keeping": replace(_KEPT, days=2)},
    "longer": {"window": Window(day(0), day(DAYS))},
}
# What may be asked: with a wish for a date (as days go by it is to come, and it has passed), and with none.
REQUESTS = {"first": RequestEvent("first", day(1)), "second": RequestEvent("second")}
DATES = {"earlier": Dates(day(2), day(3)), "first plan": Dates(day(3), day(4)), "backwards": Dates(day(4), day(3))}


def _partner(**changes: object) -> PartnerTerms:
    terms = PartnerTerms(
        people=frozenset({"pat"}),
        purposes=frozenset({"evaluation"}),
        levels=frozenset({AccessLevel.API}),
        budget=Budget(2, 2, 1),
        window=Window(day(0), day(2)),
    )
    return replace(terms, **changes)  # type: ignore[arg-type]


PARTNER_TERMS: dict[str, PartnerTerms] = {
    "one person": _partner(),
    "two people": _partner(people=frozenset({"pat", "pia"})),
    "nobody": _partner(people=frozenset()),
    "no purpose": _partner(purposes=frozenset()),
    "foreign purpose": _partner(purposes=frozenset({"curiosity"})),
    "no budget": _partner(budget=Budget(0, 2, 1)),
    "bounded in money": _partner(budget=Budget(2, 2, 1, 3)),
    "no level": _partner(levels=frozenset()),
    "deeper than the consent": _partner(levels=frozenset({AccessLevel.API, AccessLevel.FINE_TUNING})),
    "weights": _partner(levels=frozenset({AccessLevel.WEIGHTS})),
    "longer than the consent": _partner(window=Window(day(0), day(3))),
}
ITEMS: dict[str, Item] = {
    "outputs": Item("outputs", ItemKind.OUTPUTS, "body"),
    "weights": Item("weights", ItemKind.WEIGHTS, "body"),
    "to a partner": Item("to a partner", ItemKind.OUTPUTS, PARTNER),
    "to a stranger": Item("to a stranger", ItemKind.OUTPUTS, STRANGER),
}

_WIDE = frozenset(CONSENTS) - {"with weights", "priced and kept"}
SCOPES = (
    Scope(frozenset({"two days"}), 1, frozenset({"one person"}), partner=frozenset(PARTNER_TERMS)),
    Scope(frozenset({"with weights", "two days"}), 2, signers=3),
    Scope(frozenset({"with weights"}), 1, signers=2, items=frozenset({"weights"})),
    Scope(frozenset({"late two days"}), 1, items=frozenset({"outputs", "to a stranger"})),
    Scope(
        frozenset({"priced and kept"}), 2, frozenset(NARROWED), partner=frozenset({"one person", "bounded in money"})
    ),
    Scope(frozenset({"two days"}), 2, frozenset({"one person"}), leaks=1),
    Scope(frozenset({"two days"}), 1, leaks=2),
    Scope(frozenset({"two days"}), 1, partner=frozenset({"one person"}), items=frozenset({"to a partner"})),
    Scope(frozenset({"two days"}), 1, partner=frozenset({"one person"}), leaks=1),
    Scope(frozenset({"two days", "one day"}), 1, frozenset(NARROWED), policies=True, findings=True),
    Scope(frozenset({"two days"}), 1, plans=True, requests=("first",)),
    Scope(frozenset({"two days"}), 1, requests=("first", "second")),
    Scope(_WIDE, 2, frozenset(NARROWED), plans=True),
)


def steps(world: World, scope: Scope) -> Iterator[Step]:
    """Everything anybody could try in ``world``; whether it may happen is the machine's to say."""
    case = world.case
    yield Step("offer", "developer")
    if len(case.consents) < scope.most_consents:
        for name in sorted(scope.consents):
            yield Step("sign_consent", "developer", signing(case, CONSENTS[name], world.today), name)
        if case.consent is not None:
            for name in sorted(scope.narrows):
                terms = replace(as_terms(case.consent), **NARROWED[name])  # type: ignore[arg-type]
                yield Step("narrow_consent", "developer", signing(case, terms, world.today), name)
    for name, dates in DATES.items():
        if scope.plans and dates.partner_release != case.partner_release:
            yield Step("move_release", "developer", dates, name)
    yield Step("withdraw", "developer")
    yield Step("record_release", "developer")
    yield Step("close", "developer")
    if scope.policies and world.published > 1 and case.policy == POLICY:
        yield Step("adopt_policy", "developer", Adoption(STRICTER))
    for name in scope.requests:
        yield Step("ask", "body", REQUESTS[name], name)
        yield Step("answer", "developer", RequestEvent(name), name)
        yield Step("take_back", "body", RequestEvent(name), name)
    if scope.requests:
        yield Step("acknowledge", "body")
    for side, people in PEOPLE.items():
        for person in people[: scope.signers]:
            yield Step("countersign_consent", side, Countersigning(side, person), person)
    yield from _with_a_partner(scope)
    yield from _handling(world, scope)


def _with_a_partner(scope: Scope) -> Iterator[Step]:
    if not scope.partner:
        return
    for side in ("developer", "body"):
        yield Step("propose_partner", side, PartnerEvent(PARTNER, side))
    for name in sorted(scope.partner):
        signed = PartnerSigning(PARTNER, PARTNER_TERMS[name], f"grant of {name}")
        yield Step("sign_partner_terms", "developer", signed, name)
    yield Step("countersign_partner", "body", PartnerEvent(PARTNER, "body"))
    for side in ("developer", "body", "partner"):
        yield Step("end_partner", side, PartnerEvent(PARTNER, side))


def _handling(world: World, scope: Scope) -> Iterator[Step]:
    """Handing over, destroying, leaking."""
    listed = {item.id for item in world.case.items}
    for name in sorted(scope.items):
        if name not in listed:
            yield Step("hand_over", "developer", Handover(ITEMS[name]), name)
            yield Step("list_kept", "body", Handover(ITEMS[name]), name)
        for holder in ("body", PARTNER):
            side = "body" if holder == "body" else "partner"
            yield Step("attest_destruction", side, Attestation(name, holder), name)
    if scope.leaks:
        name = f"leak {len(world.case.leaks)}"
        if len(world.case.leaks) < scope.leaks:
            for side in ("developer", "body", "partner"):
                yield Step("report_leak", side, LeakReport(name), name)
        for known in (name, *(leak.id for leak in world.case.leaks)):
            yield Step("acknowledge_leak", "developer", LeakReport(known), known)


def as_terms(consent: Consent) -> ConsentTerms:
    """The terms that a consent was signed with."""
    return ConsentTerms(**{name: getattr(consent, name) for name in ConsentTerms.__dataclass_fields__})


def signing(case: Case, terms: ConsentTerms, today: int) -> Signing:
    """What signing ``terms`` today brings with it."""
    number = len(case.consents) + 1
    consent = Consent(
        id=f"c{number}",
        number=number,
        signed_by=PEOPLE["developer"][0],
        signed_at=day(today),
        digest=terms.artefact,
        **{name: getattr(terms, name) for name in ConsentTerms.__dataclass_fields__},
    )
    return Signing(terms, consent, Level.CONTROLLED)
