"""Whether access is open, and if not, why: one sentence (V8, V9, V11)."""

from __future__ import annotations

from datetime import datetime

from seatrial.kernel.clock import iso
from seatrial.review.cases.types import ReviewState, Standing

from .case import Case, state_of, usable_window

_REASONS = {
    ReviewState.DRAFT: "This review is a draft; no consent was signed.",
    ReviewState.OFFERED: "The developer has signed no consent for this review.",
    ReviewState.WITHDRAWN: "The developer has withdrawn from this review; access has ended.",
    ReviewState.RELEASED: "The developer has released the model; pre-release access has ended.",
    ReviewState.EXPIRED: "The consented window is over; access has ended.",
    ReviewState.CLOSED: "This review is closed; access has ended.",
}


def standing(review: str, case: Case, now: datetime) -> Standing:
    """What a request at ``now`` may rely on. Access is open iff ``reason`` is ``None``."""
    state, window = state_of(case, now), usable_window(case)
    reason = _REASONS.get(state)
    if reason is None and (window is None or not window.contains(now)):
        reason = f"The consented window opens {iso(window.opens)}." if window else _REASONS[ReviewState.EXPIRED]
    return Standing(
        review=review,
        developer=case.developer,
        body=case.body,
        state=state,
        consent=case.consent,
        window=window,
        reason=reason,
    )


def partner_reaches(case: Case, organisation: str, now: datetime) -> bool:
    """True if a trusted partner may reach the model: both sides signed, neither ended it, the review is alive (V12)."""
    partner = case.partner(organisation)
    return partner is not None and partner.active and state_of(case, now) is ReviewState.CONSENTED
