"""The words of access. Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from seatrial.kernel.digests import Digest
from seatrial.kernel.labels import Reader

if TYPE_CHECKING:  # a client of these words needs no cryptography, which is slow to import
    from seatrial.kernel.recipients import RecipientKey


class Why(enum.StrEnum):
    """Why a call was not let through, or a stream was cut. Each has one sentence in ``core``."""

    UNKNOWN_KEY = "unknown-key"
    REVOKED_KEY = "revoked-key"
    NOT_OPEN_YET = "not-open-yet"
    WITHDRAWN = "withdrawn"
    RELEASED = "released"
    EXPIRED = "expired"
    CLOSED = "closed"
    CONTAINED = "contained"  # a leak was reported, and the developer has not signed anew
    LEAKED_KEY = "key-before-leak"  # a new consent stands, but this key is from before the leak
    NO_CONSENT = "no-consent"
    REPLACED = "consent-replaced"  # the call in flight was made under a consent for another build or endpoint
    NOT_NAMED = "not-named"  # the person does not stand in the consent, or is no longer active in the body
    PURPOSE = "purpose-not-consented"
    ENDPOINT = "endpoint-not-consented"
    MODEL = "model-not-consented"
    STORED = "stored-answer-not-consented"
    LEVEL = "level-not-consented"
    LABEL = "label-exceeds-channel"
    REQUESTS = "requests-spent"
    TOKENS = "tokens-spent"
    MONEY = "money-spent"
    CONCURRENCY = "too-many-at-once"
    OVERRUN = "reservation-overrun"  # an answer grew past what was reserved for it
    UNVERIFIED = "access-unverified"  # whether the right still stands could not be asked in time


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """What the gateway knows of a call before forwarding it. ``tokens`` is the most it may cost (reserved)."""

    key: str = field(repr=False)
    purpose: str | None  # from the X-Seatrial-Purpose header; None takes the key's own
    method: str
    path: str  # relative to the upstream, e.g. chat/completions
    request_digest: Digest
    request_bytes: int
    tokens: int
    model: str | None = None  # as the body names it
    logits: bool = False  # the body asks for probabilities
    stored: bool = False  # the body refers to what the endpoint keeps of earlier calls
    answer: int | None = None  # how many of ``tokens`` are the answer's; None: nobody can tell
    gateway: str = ""  # the process that asks: settles what it left open when it starts again


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """What is known of the key a call came with. ``holder`` is ``None`` if the person is no longer active."""

    id: str
    person: str
    review: str
    home: str  # the organisation for which its holder calls: the body, or a trusted partner
    purpose: str
    revoked: bool
    issued_at: datetime
    holder: Reader | None


class Side(enum.StrEnum):
    """Which body of an exchange."""

    REQUEST = "request"
    RESPONSE = "response"


@dataclass(frozen=True, slots=True)
class Keep:
    """That both bodies of an exchange are to be kept: for whom, and under which label."""

    recipients: tuple[RecipientKey, ...]
    label: str
    days: int  # after the exchange's end


@dataclass(frozen=True, slots=True)
class SealedBody:
    """What became of a body that was to be kept. ``digest`` and ``size`` (bytes) are those of the sealed file; no
    digest means that there is none.

    ``whole`` is false if the file is cut: it holds what came before the gateway was killed or its disk failed.
    """

    side: Side
    digest: Digest | None
    size: int
    whole: bool


@dataclass(frozen=True, slots=True)
class BodyView:
    """A kept body as those see it who may see its exchange. The sealed file can be fetched until ``destroyed_at``.

    ``whole`` is ``None`` while it is being written. ``until`` is when it is destroyed, unless
    the date for whatever is left of its review comes first.
    """

    side: Side
    digest: Digest | None
    size: int
    whole: bool | None
    until: datetime
    destroyed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Pass:
    """Leave to forward one exchange. Its record is durable before this is returned. Its bodies are kept if ``keep``
    says so, and only then.
    """

    exchange: str
    review: str
    person: str
    upstream: str
    upstream_credential: str = field(repr=False)  # the developer's secret, "" if none was set; never logged
    ends_at: datetime
    keep: Keep | None = None


@dataclass(frozen=True, slots=True)
class Models:
    """What whoever asks which models there are is told. It is no exchange: nothing leaves the instance for it."""

    names: tuple[str, ...]  # the consented builds whose levels are in force
    owner: str  # the developer's organisation
    since: datetime  # when the consent was signed


@dataclass(frozen=True, slots=True)
class Settlement:
    """What an exchange turned out to be.

    ``ended`` is ``complete``, ``client-left``, ``upstream-failed``, ``gateway-stopped``, ``body-not-kept`` or a
    ``Why``. ``status`` 0 means that nobody knows any more; so does ``None`` for both token counts, and then the
    reservation is charged. ``bodies`` are those that were to be kept.
    """

    exchange: str
    status: int
    response_digest: Digest | None  # of every body byte handed to the caller
    response_bytes: int
    prompt_tokens: int | None
    completion_tokens: int | None
    first_byte_seconds: float | None
    seconds: float
    ended: str
    bodies: tuple[SealedBody, ...] = ()


@dataclass(frozen=True, slots=True)
class NewKey:
    """A fresh access key. ``secret`` is shown this once and kept only as a hash."""

    id: str
    secret: str = field(repr=False)
    person: str
    review: str
    purpose: str


@dataclass(frozen=True, slots=True)
class KeyView:
    """A key as its holder and the developer see it; never the secret."""

    id: str
    person: str
    review: str
    home: str
    purpose: str
    issued_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class ExchangeView:
    """One exchange as the developer and the caller may see it."""

    id: str
    review: str
    person: str
    purpose: str
    at: datetime
    method: str
    path: str
    request_digest: Digest
    request_bytes: int
    response_digest: Digest | None
    response_bytes: int
    status: int | None
    prompt_tokens: int | None
    completion_tokens: int | None
    first_byte_seconds: float | None
    seconds: float | None
    ended: str | None
    log: str | None  # of the ledger's entry for its batch; None until about a second after its end
    index: int | None
    bodies: tuple[BodyView, ...] = ()  # those that were kept
    money: int | None = None  # charged, or reserved while in flight: millionths of the tariff's currency


@dataclass(frozen=True, slots=True)
class Usage:
    """What a review's consent has been charged so far (reservations of calls in flight included)."""

    requests: int
    tokens: int
    in_flight: int
    money: int = 0  # millionths of ``currency``
    currency: str = ""  # of the tariff; "" without one
