"""What others may know of notices: who is told how, which addresses receive them, how a delivery fares. Pure."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from seatrial.kernel.labels import Label


class Attention(enum.StrEnum):
    """How much attention a kind of ledger entry asks for."""

    URGENT = "urgent"  # told at once, never gathered
    ORDINARY = "ordinary"
    SILENT = "silent"  # nobody is told


class Cadence(enum.StrEnum):
    """How often a person wants to be told by mail."""

    EACH = "each"  # soon after each change; at most one mail a review in ten minutes
    DAILY = "daily"  # one mail a day that lists the reviews in which something changed
    NONE = "none"


class DeliveryState(enum.StrEnum):
    DUE = "due"
    FAILED = "failed"  # tried; it will be tried again
    DELIVERED = "delivered"
    GIVEN_UP = "given-up"  # it will not be tried again unless somebody asks for it


class WebhookState(enum.StrEnum):
    WORKING = "working"
    FAILING = "failing"  # the last try failed too; nothing is sent until somebody asks for it
    GONE = "gone"  # the receiver answered 410 Gone
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person chose: ``everything`` for all reviews, ``reviews`` for single ones, which win.

    ``None`` is who has not chosen: told of each change of the kinds that are told by default, and of no other.
    """

    everything: Cadence | None = None
    reviews: Mapping[str, Cadence] = field(default_factory=dict)

    def of(self, review: str, *, by_default: bool) -> Cadence:
        """How often this person is told of a kind in ``review``; "" stands for what belongs to none."""
        chosen = self.reviews.get(review, self.everything)
        if chosen is None:
            return Cadence.EACH if by_default else Cadence.NONE
        return chosen


@dataclass(frozen=True, slots=True)
class NoticeView:
    """One notice on its way to a person or a webhook: that something changed, and nothing of what."""

    id: str
    review: str  # "" for what belongs to no review
    page: str  # the address where it can be read
    at: datetime
    state: DeliveryState
    attempts: int
    next_try: datetime | None
    settled_at: datetime | None
    status: int | None  # the last HTTP status, if a webhook answered
    reason: str  # why the last try failed, in one sentence; "" if it did not


@dataclass(frozen=True, slots=True)
class WebhookView:
    id: str
    organisation: str
    url: str
    label: Label  # what it is told of is never beyond this
    state: WebhookState
    added_by: str
    added_at: datetime
    waiting: int  # notices that have not arrived
    next_try: datetime | None  # of a receiver whose last try failed
    earlier_secret_until: datetime | None  # until when the secret before this one signs too


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A webhook's secret. This is the only time it is shown."""

    webhook: str
    secret: str  # whsec_…


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail to one person; it covers the ``notices`` whose ids it carries, the first as its own."""

    notices: tuple[str, ...]
    to: str
    reviews: tuple[str, ...]
    at: datetime
    unsubscribe: str  # the one-click address


@dataclass(frozen=True, slots=True)
class Posting:
    """One signed request to a webhook."""

    notice: str
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one try ended. Neither field ever repeats what the receiver said in its answer's body or headers."""

    status: int | None = None
    reason: str = ""  # "" means that it arrived
    gone: bool = False  # the receiver wants no more
