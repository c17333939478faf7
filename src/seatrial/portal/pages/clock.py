"""A review's clock in words: how long, until what, and what that means for whoever reads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from seatrial.portal.templatetags.words import said, span
from seatrial.review.cases.types import ENDED, ReviewState, ReviewView


@dataclass(frozen=True, slots=True)
class ClockFace:
    """``headline`` is the clock itself; ``passed`` is whole per cent of the window, if one is running."""

    headline: str
    meaning: str
    passed: int | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """One word of the way a review goes; ``place`` is ``past``, ``now`` or ``ahead``."""

    word: str
    place: str


_ENDINGS = {
    ReviewState.WITHDRAWN: "The developer withdrew. All access ended at that moment; no reason is asked.",
    ReviewState.RELEASED: "The developer recorded the release. Pre-release access ended in the same instant.",
    ReviewState.EXPIRED: "Time ended this review. Nothing else follows from that.",
    ReviewState.CLOSED: "This review is closed. What both sides wrote stays readable to them.",
}

_REACHED = {ReviewState.DRAFT: 0, ReviewState.OFFERED: 1, ReviewState.CONSENTED: 2, ReviewState.CONTAINED: 2}


def face(view: ReviewView, now: datetime) -> ClockFace:
    """What the clock of ``view`` says at ``now``."""
    if view.state in ENDED:
        return ClockFace("No access: " + said(view.state).lower(), _ENDINGS[view.state])
    if view.state is ReviewState.DRAFT:
        return ClockFace("A draft", f"Only {view.developer_name} can see it. Nobody else can tell that it exists.")
    if view.state is ReviewState.CONTAINED:
        return ClockFace(
            "No access: a leak was reported",
            f"Every key is dead. No deadline moves; only {view.developer_name} can open access again, by signing a new "
            "consent.",
        )
    window = view.clock.window
    if view.consent is None or window is None:
        return ClockFace(
            "No access yet", f"Access opens only with a consent that {view.developer_name} signs. Nothing is due."
        )
    if now < window.opens:
        return ClockFace(f"Opens in {span(window.opens - now)}", "The consent is signed; its window has not begun.")
    if not window.contains(now):
        return ClockFace("Window over", "No call goes through any more.")
    return ClockFace(
        f"{span(window.closes - now)} left",
        "Access is open to the people named below, for the purposes named below, and to nobody else.",
        min(99, int(100 * ((now - window.opens) / window.length))),
    )


def way(view: ReviewView) -> list[Stage]:
    """Draft, offered, consent signed, ended: with the present one marked."""
    ended = view.state in ENDED
    last = said(view.state) if ended else "Ended"
    reached = _REACHED.get(view.state, 3)
    words = ("Draft", "Offered", "Consent signed", last)
    places = ["past" if place < reached else "now" if place == reached else "ahead" for place in range(4)]
    if ended and view.consent is None:
        places[2] = "ahead"  # it ended without one
    return [Stage(word, place) for word, place in zip(words, places, strict=True)]
