"""The words of a review that other rooms may use. Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from seatrial.kernel.clock import Window
from seatrial.kernel.digests import Digest
from seatrial.kernel.labels import Label


class ReviewState(enum.StrEnum):
    """Where a review is. ``expired`` is never stored: it is what time makes of the other states."""

    DRAFT = "draft"  # the developer's alone; nobody else can tell that it exists
    OFFERED = "offered"  # shared with the body; no access yet
    CONSENTED = "consented"  # a signed consent stands; access is open inside its window
    WITHDRAWN = "withdrawn"
    RELEASED = "released"
    EXPIRED = "expired"
    CLOSED = "closed"


ENDED = frozenset({ReviewState.WITHDRAWN, ReviewState.RELEASED, ReviewState.EXPIRED, ReviewState.CLOSED})


class AccessLevel(enum.StrEnum):
    """How deep the access goes; each level is consented separately."""

    API = "api"  # the model as it will be served
    LOGITS = "logits"
    SAFEGUARDS_OFF = "safeguards-off"
    FINE_TUNING = "fine-tuning"
    WEIGHTS = "weights"


@dataclass(frozen=True, slots=True)
class Budget:
    """The most the body may use under one consent. ``None`` is not offered: a limit is always said."""

    requests: int
    tokens: int
    concurrency: int


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
    level: AccessLevel
    upstream: str  # base address of the developer's endpoint, e.g. http://127.0.0.1:9000/v1
    budget: Budget
    window: Window
    label: Label  # of what passes through the channel
    signed_by: str
    signed_at: datetime
    digest: Digest


@dataclass(frozen=True, slots=True)
class ConsentTerms:
    """What a developer is asked to sign; the meanings are those of ``Consent``."""

    model: str
    artefact: Digest
    variant: str
    people: frozenset[str]
    purposes: frozenset[str]
    level: AccessLevel
    upstream: str
    budget: Budget
    window: Window
    label: Label


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
    """

    review: str
    developer: str  # organisation id
    body: str
    state: ReviewState
    consent: Consent | None
    window: Window | None
    reason: str | None


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
    developer_signed: bool
    body_signed: bool
    ended: bool


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
    partners: tuple[PartnerView, ...]
    requests: tuple[Request, ...]
    timeline: tuple[TimelineItem, ...]
    may: tuple[str, ...]
    label: Label
    policy_version: str
