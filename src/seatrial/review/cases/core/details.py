"""What an event brings with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from seatrial.kernel.labels import Level
from seatrial.review.cases.types import Consent, ConsentTerms

from .case import PolicySnapshot


@dataclass(frozen=True, slots=True)
class Signing:
    """Terms to be signed; ``consent`` is what they become, ``system_high`` the highest level this instance may hold."""

    terms: ConsentTerms
    consent: Consent
    system_high: Level


@dataclass(frozen=True, slots=True)
class Dates:
    partner_release: datetime
    public_release: datetime


@dataclass(frozen=True, slots=True)
class PartnerEvent:
    """``side`` is ``developer``, ``body`` or ``partner``."""

    organisation: str
    side: str


@dataclass(frozen=True, slots=True)
class RequestEvent:
    """``thread`` holds the words; ``would_help_by`` is the asker's wish, on asking only."""

    thread: str
    would_help_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class Adoption:
    policy: PolicySnapshot
