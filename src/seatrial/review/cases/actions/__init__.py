"""Every write of reviews: load, apply the one table, store, and leave exactly one ledger entry."""

from .consents import countersign_consent, narrow_consent, sign_consent
from .handling import (
    acknowledge_leak,
    attest_destruction,
    hand_over,
    list_kept,
    plant_canary,
    report_found,
    report_leak,
)
from .life import (
    acknowledge,
    adopt_policy,
    answer,
    ask,
    close,
    draft,
    move_release,
    offer,
    record_release,
    take_back,
    withdraw,
)
from .partners import countersign_partner, end_partner, propose_partner, sign_partner_terms

__all__ = [
    "acknowledge",
    "acknowledge_leak",
    "adopt_policy",
    "answer",
    "ask",
    "attest_destruction",
    "close",
    "countersign_consent",
    "countersign_partner",
    "draft",
    "end_partner",
    "hand_over",
    "list_kept",
    "move_release",
    "narrow_consent",
    "offer",
    "plant_canary",
    "propose_partner",
    "record_release",
    "report_found",
    "report_leak",
    "sign_consent",
    "sign_partner_terms",
    "take_back",
    "withdraw",
]
