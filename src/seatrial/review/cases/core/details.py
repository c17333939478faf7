"""What an event brings with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from seatrial.kernel.labels import Level
from seatrial.review.cases.types import Consent, ConsentTerms, PartnerTerms

from .case import Item, PolicySnapshot


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
class Countersigning:
    """A further signature under the standing consent, for the weights. ``side`` is ``developer`` or ``body``."""

    side: str
    person: str


@dataclass(frozen=True, slots=True)
class PartnerEvent:
    """``side`` is ``developer``, ``body`` or ``partner``."""

    organisation: str
    side: str


@dataclass(frozen=True, slots=True)
class PartnerSigning:
    """The terms the developer signs for a partner."""

    organisation: str
    terms: PartnerTerms
    grant: str  # id of the signature


@dataclass(frozen=True, slots=True)
class RequestEvent:
    """``thread`` holds the words; ``would_help_by`` is the asker's wish, on asking only."""

    thread: str
    would_help_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class Handover:
    """Something that leaves the developer's hands, or that the body says it keeps."""

    item: Item


@dataclass(frozen=True, slots=True)
class Attestation:
    """The body's (or the partner's) word that an item is destroyed. ``holder`` is for whom it is given."""

    item: str
    holder: str


@dataclass(frozen=True, slots=True)
class LeakReport:
    leak: str


@dataclass(frozen=True, slots=True)
class Adoption:
    policy: PolicySnapshot
