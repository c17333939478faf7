"""The words of access. Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from seatrial.kernel.digests import Digest


class Why(enum.StrEnum):
    """Why a call was not let through, or a stream was cut. Each has one sentence in ``core``."""

    UNKNOWN_KEY = "unknown-key"
    REVOKED_KEY = "revoked-key"
    NOT_OPEN_YET = "not-open-yet"
    WITHDRAWN = "withdrawn"
    RELEASED = "released"
    EXPIRED = "expired"
    CLOSED = "closed"
    NO_CONSENT = "no-consent"
    NOT_NAMED = "not-named"  # the person does not stand in the consent
    PURPOSE = "purpose-not-consented"
    LEVEL = "level-not-consented"
    ENDPOINT = "endpoint-not-consented"
    LABEL = "label-exceeds-channel"
    REQUESTS = "requests-spent"
    TOKENS = "tokens-spent"
    CONCURRENCY = "too-many-at-once"


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """What the gateway knows of a call before forwarding it. ``tokens`` is the most it may cost (reserved)."""

    key: str
    purpose: str | None  # from the X-Seatrial-Purpose header; None takes the key's own
    method: str
    path: str  # relative to the upstream, e.g. chat/completions
    request_digest: Digest
    request_bytes: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Pass:
    """Leave to forward one exchange. Its record is durable before this is returned."""

    exchange: str
    review: str
    person: str
    upstream: str
    upstream_credential: str  # the developer's secret; never leaves the gateway, never logged
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Settlement:
    """What an exchange turned out to be.

    ``ended`` is ``complete``, ``client-left``, ``upstream-failed``, ``gateway-stopped`` or a ``Why``.
    """

    exchange: str
    status: int
    response_digest: Digest
    response_bytes: int
    prompt_tokens: int | None
    completion_tokens: int | None
    first_byte_seconds: float | None
    seconds: float
    ended: str


@dataclass(frozen=True, slots=True)
class NewKey:
    """A fresh access key. ``secret`` is shown this once and kept only as a hash."""

    id: str
    secret: str
    person: str
    review: str
    purpose: str


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
    log: str
    index: int


@dataclass(frozen=True, slots=True)
class Usage:
    """What a review's consent has been charged so far (reservations of calls in flight included)."""

    requests: int
    tokens: int
    in_flight: int
