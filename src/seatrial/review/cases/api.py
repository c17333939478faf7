"""The door to reviews."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from seatrial.kernel.labels import Level
from seatrial.parties.types import Actor

from . import actions
from .actions import (
    acknowledge,
    acknowledge_leak,
    adopt_policy,
    answer,
    ask,
    attest_destruction,
    close,
    countersign_consent,
    countersign_partner,
    draft,
    end_partner,
    hand_over,
    list_kept,
    move_release,
    offer,
    plant_canary,
    propose_partner,
    record_release,
    report_found,
    report_leak,
    sign_partner_terms,
    take_back,
    withdraw,
)
from .core.modelcheck import check as check_model
from .queries import (
    brief,
    canaries,
    destructions,
    developer_of,
    duties,
    invitations,
    items,
    leaks,
    papers,
    review,
    reviews,
    standing,
    standings,
    timeline,
    titles,
)
from .types import Consent, ConsentTerms

__all__ = [
    "acknowledge",
    "acknowledge_leak",
    "adopt_policy",
    "answer",
    "ask",
    "attest_destruction",
    "brief",
    "canaries",
    "check_model",
    "close",
    "countersign_consent",
    "countersign_partner",
    "destructions",
    "developer_of",
    "draft",
    "duties",
    "end_partner",
    "hand_over",
    "invitations",
    "items",
    "leaks",
    "list_kept",
    "move_release",
    "narrow_consent",
    "offer",
    "papers",
    "plant_canary",
    "propose_partner",
    "record_release",
    "report_found",
    "report_leak",
    "review",
    "reviews",
    "sign_consent",
    "sign_partner_terms",
    "standing",
    "standings",
    "take_back",
    "timeline",
    "titles",
    "withdraw",
]


def sign_consent(*, by: Actor, review: str, terms: ConsentTerms, at: datetime, after: int | None = None) -> Consent:
    """See ``actions.sign_consent``; the instance's own level bounds the channel's label."""
    return actions.sign_consent(by=by, review=review, terms=terms, at=at, after=after, system_high=_system_high())


def narrow_consent(*, by: Actor, review: str, terms: ConsentTerms, at: datetime, after: int | None = None) -> Consent:
    """See ``actions.narrow_consent``."""
    return actions.narrow_consent(by=by, review=review, terms=terms, at=at, after=after, system_high=_system_high())


def _system_high() -> Level:
    return next(level for level in Level if level.word == settings.SEATRIAL.system_high)
