"""Whether access is open, and if not, why: one sentence (V8, V9, V11)."""

from __future__ import annotations

from datetime import datetime

from seatrial.kernel.clock import Window, iso
from seatrial.kernel.labels import Label
from seatrial.review.cases.types import ReviewState, Standing

from .case import Case, levels_in_force, partner_consent, state_of, usable_window

_REASONS = {
    ReviewState.DRAFT: "This review is a draft; no consent was signed.",
    ReviewState.OFFERED: "The developer has signed no consent for this review.",
    ReviewState.CONTAINED: "A leak was reported, so access has ended; only a new consent of the developer opens one.",
    ReviewState.WITHDRAWN: "The developer has withdrawn from this review; access has ended.",
    ReviewState.RELEASED: "The developer has released the model; pre-release access has ended.",
    ReviewState.EXPIRED: "The consented window is over; access has ended.",
    ReviewState.CLOSED: "This review is closed; access has ended.",
}
_NO_PARTNER = "This partner may not call the model: that takes terms both sides signed, inside the standing consent."


def standing(review: str, case: Case, now: datetime, *, label: Label, partner: str | None = None) -> Standing:
    """What a request at ``now`` may rely on. Access is open iff ``reason`` is ``None``.

    For the body's people, or for those of a trusted ``partner`` (V12).
    """
    state, consent, window, levels = state_of(case, now), case.consent, usable_window(case), levels_in_force(case)
    reason = _REASONS.get(state)
    if partner is not None:
        consent = partner_consent(case, partner)
        levels = consent.levels if consent else frozenset()
        window = Window(consent.window.opens, consent.window.closes) if consent else None
        reason = reason or (None if consent else _NO_PARTNER)
    if reason is None and (window is None or not window.contains(now)):
        early = window is not None and now < window.opens
        reason = (
            f"The consented window opens {iso(window.opens)}." if early and window else _REASONS[ReviewState.EXPIRED]
        )
    return Standing(
        review=review,
        developer=case.developer,
        body=case.body,
        state=state,
        consent=consent,
        window=window,
        reason=reason,
        home=partner or case.body,
        levels=levels,
        label=label,
        leaked_at=max((leak.at for leak in case.leaks), default=None),
    )
