"""The words of oversight: indicators, traces, samples. Each points at a place to look; none judges. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from seatrial.kernel.clock import Window


@dataclass(frozen=True, slots=True)
class Happened:
    """One entry of the ledger as the rules read it. ``log``/``index`` lead to its receipt."""

    log: str
    index: int
    at: datetime
    kind: str
    review: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Inspected:
    """What the rules need to know of one review that an inspector may read."""

    id: str
    body: str
    withdrawn: bool
    policy_published_at: datetime
    partners_by_body: int
    happened: tuple[Happened, ...]  # oldest first


@dataclass(frozen=True, slots=True)
class Spread:
    """Something measured over several: how many, the middle one and the largest. Both are ``None`` for none."""

    n: int
    median: float | None
    largest: float | None


@dataclass(frozen=True, slots=True)
class Share:
    """``k`` of ``n``, with the Wilson interval at 95 % of the share behind it; no interval for none."""

    k: int
    n: int
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Indicators:
    """What was counted of how a body conducts reviews. Withdrawn reviews and drafts are in none of it.

    ``requests`` counts per review; ``acknowledged_hours`` runs from the offer, ``answered_hours`` from the request.
    """

    body: str
    body_name: str
    reviews: int
    requests: Spread
    late: Share  # requests made within 48 hours of the window's end, or in its last tenth
    wished: Share  # requests with a wish that lies before the window's end
    answered: Share
    answered_hours: Spread
    again: Share  # requests made after the body had an answer in the same review
    acknowledged_hours: Spread
    narrowed_after: Share  # requests that a narrowing followed within 24 hours
    partners_by_body: int
    resigned: Share  # consents signed anew within 7 days of a policy's publication


@dataclass(frozen=True, slots=True)
class Pointer:
    """A place for a person to read. ``words`` are those that led to it; nothing is judged by them."""

    at: datetime
    what: str  # one sentence
    words: tuple[str, ...]
    review: str
    thread: str | None
    log: str | None
    index: int | None


@dataclass(frozen=True, slots=True)
class TraceLine:
    """What one person did on one day for one purpose. ``first`` and ``last`` are ledger indices
    in ``main`` of the batches they are in, ``None`` while none of them has one."""

    day: str  # ISO date, UTC
    person: str
    name: str
    purpose: str
    calls: int
    tokens: int
    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True)
class RefusalLine:
    """One call that was not let through, and why."""

    at: datetime
    person: str
    name: str
    purpose: str
    why: str
    sentence: str
    log: str
    index: int


@dataclass(frozen=True, slots=True)
class Inspection:
    """One review as an inspector reads it: its indicators, places to look, who used the model when, and refusals."""

    review: str
    title: str
    indicators: Indicators | None  # ``None`` for a withdrawn review: the sealed record is read, not counted
    pointers: tuple[Pointer, ...]
    traces: tuple[TraceLine, ...]
    refusals: tuple[RefusalLine, ...]
    more: bool  # there are more uses or refusals than are shown


@dataclass(frozen=True, slots=True)
class Sampled:
    """One entry that was drawn, with its receipt."""

    log: str
    index: int
    at: str
    kind: str
    review: str
    receipt: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sample:
    """A random sample that anybody draws again from ``seed``, ``head`` and what the inspector may read.

    Entry *i* of the shared log gets SHA-256 of the canonical JSON of ``[seed, "main", i]``; the ``n`` least are drawn.
    """

    seed: str
    head: int  # entries from 0 up to this one, not included
    population: int
    review: str | None
    uses_only: bool
    drawn: tuple[Sampled, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request for information with the window it was made in."""

    entry: Happened
    window: Window | None
    answered_after: timedelta | None
    wish: datetime | None
