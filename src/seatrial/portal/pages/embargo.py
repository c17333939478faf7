"""An embargo's clock in words: what is agreed, until when, and what that means for whoever reads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from seatrial.clearinghouse.coordination.types import EmbargoState, EmbargoView, EndReason
from seatrial.portal.templatetags.cases import REASONS
from seatrial.portal.templatetags.words import span

_DECIDED = {
    "accept": "As answered so far, the proposed date is accepted.",
    "reject": "As answered so far, the proposed date is rejected.",
}


@dataclass(frozen=True, slots=True)
class EmbargoFace:
    """``headline`` is the clock itself, ``meaning`` what follows from it, ``outcome`` what the answers come to."""

    headline: str
    meaning: str
    outcome: str = ""


def face(view: EmbargoView, now: datetime) -> EmbargoFace:
    """What the embargo's clock says at ``now``."""
    outcome = _DECIDED.get(view.decided, "")
    if view.state is EmbargoState.EXITED:
        reason = REASONS[view.reason or EndReason.LAPSED]
        return EmbargoFace("The embargo is over", f"It ended because {reason}. Anybody may publish.", outcome)
    if view.state is EmbargoState.NONE:
        return EmbargoFace("No embargo", "Nobody has promised to publish nothing.", outcome)
    if view.state is EmbargoState.PROPOSED or view.until is None:
        return EmbargoFace("An embargo is proposed", "It binds nobody before it is agreed.", outcome)
    left = f"{span(view.until - now)} of embargo left"
    if view.state is EmbargoState.REVISE:
        return EmbargoFace(left, "Another date is proposed; the present one counts until that is agreed.", outcome)
    return EmbargoFace(left, "Nobody who accepted it publishes anything before it ends.", outcome)
