"""The door to reviews."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from seatrial.kernel.labels import Level
from seatrial.parties.types import Actor

from . import actions
from .actions import (
    acknowledge,
    adopt_policy,
    answer,
    ask,
    close,
    draft,
    end_partner,
    move_release,
    offer,
    propose_partner,
    record_release,
    sign_partner,
    take_back,
    withdraw,
)
from .core.modelcheck import check as check_model
from .queries import brief, developer_of, review, reviews, standing, standings, timeline
from .types import Consent, ConsentTerms

__all__ = [
    "acknowledge",
    "adopt_policy",
    "answer",
    "ask",
    "brief",
    "check_model",
    "close",
    "developer_of",
    "draft",
    "end_partner",
    "move_release",
    "narrow_consent",
    "offer",
    "propose_partner",
    "record_release",
    "review",
    "reviews",
    "sign_consent",
    "sign_partner",
    "standing",
    "standings",
    "take_back",
    "timeline",
    "withdraw",
]


def sign_consent(*, by: Actor, review: str, terms: ConsentTerms, at: datetime) -> Consent:
    """See ``actions.sign_consent``; the instance's own level bounds the channel's label."""
    return actions.sign_consent(by=by, review=review, terms=terms, at=at, system_high=_system_high())


def narrow_consent(*, by: Actor, review: str, terms: ConsentTerms, at: datetime) -> Consent:
    """See ``actions.narrow_consent``."""
    return actions.narrow_consent(by=by, review=review, terms=terms, at=at, system_high=_system_high())


def _system_high() -> Level:
    return next(level for level in Level if level.word == settings.SEATRIAL.system_high)
