"""The words of a review that other rooms may use. Pure."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from datetime import datetime

from seatrial.kernel.clock import Window
from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import Misuse
from seatrial.kernel.labels import Label
from seatrial.kernel.money import MOST, checked_currency, millionths
from seatrial.parties.types import Signature


class ReviewState(enum.StrEnum):
    """Where a review is. ``expired`` is never stored: it is what time makes of the other states."""

    DRAFT = "draft"  # the developer's alone; nobody else can tell that it exists
    OFFERED = "offered"  # shared with the body; no access yet
    CONSENTED = "consented"  # a signed consent stands; access is open inside its window
    CONTAINED = "contained"  # a leak was reported: no access until the developer signs a new consent
    WITHDRAWN = "withdrawn"
    RELEASED = "released"
    EXPIRED = "expired"
    CLOSED = "closed"


ENDED = frozenset({ReviewState.WITHDRAWN, ReviewState.RELEASED, ReviewState.EXPIRED, ReviewState.CLOSED})


class AccessLevel(enum.StrEnum):
    """How deep the access goes. None includes another: each is consented for itself, the API by default."""

    API = "api"  # the model as it will be served
    LOGITS = "logits"
    SAFEGUARDS_OFF = "safeguards-off"
    FINE_TUNING = "fine-tuning"
    WEIGHTS = "weights"  # takes two signatures on each side


class ItemKind(enum.StrEnum):
    """What kind of thing left the developer's hands."""

    WEIGHTS = "weights"
    FINE_TUNED = "fine-tuned-weights"
    OUTPUTS = "outputs"  # transcripts, logs, scores
    DOCUMENTS = "documents"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Budget:
    """The most the body may use under one consent. A limit is always said, but for money: ``None`` bounds none.

    ``money`` is in millionths of the unit of the consent's tariff.
    """

    requests: int
    tokens: int
    concurrency: int
    money: int | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """What one build costs, in millionths of the currency: a million tokens asked, a million answered, each call.

    Raises ``Misuse`` (``bad-money``) for an amount below nothing or beyond ``kernel.money.MOST``.
    """

    model: str
    prompt: int
    answer: int
    call: int = 0

    def __post_init__(self) -> None:
        if not all(0 <= amount <= MOST for amount in (self.prompt, self.answer, self.call)):
            raise Misuse("bad-money", f"A price of {self.model!r} is below nothing, or more than anybody could pay.")

    @classmethod
    def of(cls, model: str, prompt: str, answer: str, call: str = "0") -> Price:
        """From amounts as people write them, ``3.00``. Raises ``Misuse`` (``bad-money``)."""
        asked, answered = millionths(prompt, "A price asked"), millionths(answer, "A price answered")
        return cls(model, asked, answered, millionths(call, "A price of a call"))

    def charge(self, prompt: int, answer: int) -> int:
        """What a call costs that took so many tokens, in millionths of the currency, rounded up."""
        return self.call - (-(prompt * self.prompt + answer * self.answer) // 1_000_000)


@dataclass(frozen=True, slots=True)
class Tariff:
    """What calls cost, build by build, in one currency (ISO 4217).

    Raises ``Misuse`` (``bad-currency``, ``bad-tariff``).
    """

    currency: str
    prices: tuple[Price, ...]

    def __post_init__(self) -> None:
        checked_currency(self.currency)
        if len({price.model for price in self.prices}) < len(self.prices):
            raise Misuse("bad-tariff", "The tariff prices one model twice; say one price for each.")

    def price(self, model: str) -> Price | None:
        """The price of the build that calls name so."""
        return next((price for price in self.prices if price.model == model), None)


_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_LONGEST_PATH = 500
_SEGMENT = re.compile(r"[A-Za-z0-9._~:@-]{1,100}", re.ASCII)


def _plain(path: str) -> bool:
    parts = path.split("/")
    return len(path) <= _LONGEST_PATH and all(_SEGMENT.fullmatch(part) and part not in (".", "..") for part in parts)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Something that may be called beside the known endpoints of a model: ``GET responses/*``, ``POST rerank``.

    ``path`` is relative to the upstream, exact or ending in ``/*``, which stands for one segment or more. It has no
    query, no dot segments and nothing that needs escaping. Raises ``Misuse`` (``bad-endpoint``).
    """

    method: str
    path: str

    def __post_init__(self) -> None:
        if self.method not in _METHODS or not _plain(self.path.removesuffix("/*")):
            raise Misuse(
                "bad-endpoint",
                f"{str(self)!r} is no endpoint; write a method ({', '.join(_METHODS)}) and a path below the upstream, "
                "such as 'POST rerank' or 'GET responses/*'.",
            )

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @classmethod
    def parse(cls, text: str) -> Endpoint:
        """The inverse of ``str``. Raises ``Misuse`` (``bad-endpoint``)."""
        method, _, path = text.strip().partition(" ")
        return cls(method, path.strip())

    def covers(self, method: str, path: str) -> bool:
        """True if this consents to a call of ``path``, as it was sent. A query, an escape or dots are never covered."""
        if method != self.method:
            return False
        inside = path.startswith(self.path[:-1]) if self.path.endswith("/*") else path == self.path
        return inside and _plain(path)

    def within(self, wide: Endpoint) -> bool:
        """True if every call that this consents to ``wide`` consents to."""
        return self == wide or wide.covers(self.method, self.path.removesuffix("/*"))


@dataclass(frozen=True, slots=True)
class Keeping:
    """Bodies of exchanges are kept, sealed for these registered recipient keys, and destroyed so many days after."""

    recipients: tuple[Digest, ...]
    days: int


@dataclass(frozen=True, slots=True)
class Variant:
    """Another build that a consent opens beside its first, under a level of its own; calls name it as ``model``."""

    model: str
    name: str  # e.g. "helpful-only"
    artefact: Digest
    upstream: str
    level: AccessLevel


@dataclass(frozen=True, slots=True)
class Consent:
    """What the developer signed: nothing outside it is access (V11). ``digest`` pins the signed bytes."""

    id: str
    number: int  # 1 for the first of a review; a later one replaces it
    model: str  # the name sent upstream as "model"
    artefact: Digest  # digest of the weights, or of the endpoint's declared version
    variant: str  # e.g. "safeguarded"
    people: frozenset[str]  # person ids
    purposes: frozenset[str]
    levels: frozenset[AccessLevel]
    upstream: str  # base address of the developer's endpoint, e.g. http://127.0.0.1:9000/v1
    budget: Budget
    window: Window
    label: Label  # of what passes through the channel
    signed_by: str
    signed_at: datetime
    digest: Digest
    variants: tuple[Variant, ...] = ()
    tariff: Tariff | None = None  # none: use is not told in money
    endpoints: tuple[Endpoint, ...] = ()  # what may be called beside the known endpoints
    keeping: Keeping | None = None  # none: no body is kept


@dataclass(frozen=True, slots=True)
class ConsentTerms:
    """What a developer is asked to sign; the meanings are those of ``Consent``."""

    model: str
    artefact: Digest
    variant: str
    people: frozenset[str]
    purposes: frozenset[str]
    levels: frozenset[AccessLevel]
    upstream: str
    budget: Budget
    window: Window
    label: Label
    variants: tuple[Variant, ...] = ()
    tariff: Tariff | None = None
    endpoints: tuple[Endpoint, ...] = ()
    keeping: Keeping | None = None


@dataclass(frozen=True, slots=True)
class PartnerTerms:
    """What a trusted partner may do, inside the standing consent: it opens nothing that the consent does not."""

    people: frozenset[str]
    purposes: frozenset[str]
    levels: frozenset[AccessLevel]
    budget: Budget
    window: Window


class RequestState(enum.StrEnum):
    """Where a request for information is. None of them moves a clock or a right (V7)."""

    OPEN = "open"
    ANSWERED = "answered"
    TAKEN_BACK = "taken-back"  # by the side that asked


@dataclass(frozen=True, slots=True)
class Request:
    """That the body asked something, as a counted fact; the words are kept in ``thread``, by the room of that name.

    ``would_help_by`` is a wish and nothing more: nothing reads it but pages.
    """

    thread: str
    state: RequestState = RequestState.OPEN
    would_help_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class ModelCheck:
    """What the model checker saw: every reachable state of a bounded world, and each broken invariant."""

    states: int
    transitions: int
    violations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """What ``access`` needs to know of a review at a moment, computed and never stored.

    ``window`` is the part of the consent's window that can still be used: it ends at the earliest of
    the consent's end, the planned partner release and the moment the review ended. Access is open iff
    ``reason`` is ``None`` and ``window.contains(now)``; else ``reason`` is one sentence.

    ``home`` is whose people the standing is told for: the body, or a trusted partner, and then ``consent`` is
    what both signed for that partner, cut to the standing consent. ``levels`` are those in force: the weights only
    once two people of each side have signed.
    """

    review: str
    developer: str  # organisation id
    body: str
    state: ReviewState
    consent: Consent | None
    window: Window | None
    reason: str | None
    home: str
    levels: frozenset[AccessLevel]
    label: Label  # who may know of the review
    leaked_at: datetime | None = None  # keys issued up to then are dead, whatever is signed later


@dataclass(frozen=True, slots=True)
class Clock:
    """The dates of a review, for pages and calendars."""

    partner_release: datetime
    public_release: datetime
    window: Window | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """One thing that happened, as the asker may see it; ``log``/``index`` lead to its receipt."""

    at: datetime
    what: str
    by: str
    log: str
    index: int


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """A part of what happened, newest first. ``earlier`` is where the next part begins, ``None`` at the beginning."""

    items: tuple[TimelineItem, ...]
    earlier: str | None


@dataclass(frozen=True, slots=True)
class PartnerView:
    """A trusted partner: access needs both signatures and either side ends it (V12)."""

    organisation: str
    proposed_by: str  # "developer" or "body"
    criteria: str  # why this partner: the policy's criteria, as the proposer sees them met
    terms: PartnerTerms | None  # what the developer signed
    developer_signed: bool
    body_signed: bool
    ended: bool


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a trusted partner sees of a review: that it may call a model, and what for; nothing else of it."""

    review: str
    partner: str  # organisation id
    model: str
    developer: str
    terms: PartnerTerms
    reason: str | None  # why not now, or ``None``
    tariff: Tariff | None = None  # by which its calls are charged


@dataclass(frozen=True, slots=True)
class ItemView:
    """One thing that was handed over, its destruction duty and whether that was attested.

    ``due_at`` is ``None`` while access lasts, unless an own date was set.
    """

    id: str
    review: str
    kind: ItemKind
    text: str
    holder: str  # organisation id: who has it
    digest: Digest | None
    listed_at: datetime
    listed_by: str
    due_at: datetime | None
    attested_at: datetime | None
    attested_by: str | None
    attestation: str | None


@dataclass(frozen=True, slots=True)
class CanaryView:
    """A string that the developer planted, by where; the string itself is kept only as a digest."""

    id: str
    place: str
    planted_at: datetime
    hits: int


@dataclass(frozen=True, slots=True)
class LeakView:
    """A reported leak. ``found`` and ``place`` are told to the developer first, to the body once acknowledged."""

    id: str
    at: datetime
    by: str
    found: str | None
    place: str | None  # where the matching canary had been planted
    acknowledged_at: datetime | None


class PaperKind(enum.StrEnum):
    """What a signed paper of a review is."""

    CONSENT = "consent"
    FURTHER = "further-signature"  # under a consent, for the weights
    PARTNER = "partner"
    DESTRUCTION = "destruction"


@dataclass(frozen=True, slots=True)
class Paper:
    """Something that was signed about a review, whole: anybody can verify it. ``statement`` is its canonical JSON.

    ``key`` tells papers of one kind apart: a consent's number, a partner's id, an item's id.
    """

    kind: PaperKind
    key: str
    statement: str
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class ReviewView:
    """One review as the asker may see it. ``may`` lists the events the asker could trigger now.

    ``timeline`` is the newest part of what happened, newest first; ``api.timeline`` leads further back.
    """

    id: str
    title: str
    model: str
    developer: str
    developer_name: str
    body: str
    body_name: str
    state: ReviewState
    clock: Clock
    consent: Consent | None
    countersigned: tuple[tuple[str, str], ...]  # (side, person) for the weights
    partners: tuple[PartnerView, ...]
    requests: tuple[Request, ...]
    timeline: tuple[TimelineItem, ...]
    may: tuple[str, ...]
    label: Label
    policy_version: str
