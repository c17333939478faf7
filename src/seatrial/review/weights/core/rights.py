"""Who may send, and who may fetch at a moment: functions of the review's standing. Pure."""

from __future__ import annotations

from datetime import datetime

from seatrial.kernel.digests import Digest
from seatrial.kernel.labels import Reader
from seatrial.review.cases.types import AccessLevel, Consent, ReviewState, Standing

OVER = {  # nobody may fetch any more, whatever is signed for another time: what is left here is destroyed
    ReviewState.WITHDRAWN: "the developer withdrew",
    ReviewState.RELEASED: "the model was released",
    ReviewState.EXPIRED: "the consented window is over",
    ReviewState.CLOSED: "the review was closed",
    ReviewState.CONTAINED: "a leak was reported",
}


def pinned(consent: Consent) -> frozenset[Digest]:
    """The artefacts whose weights a consent names: its first build's, and those of variants under that level."""
    if AccessLevel.WEIGHTS not in consent.levels:
        return frozenset()
    return frozenset({consent.artefact, *(one.artefact for one in consent.variants)})


def why_not_sent(standing: Standing, artefact: Digest) -> str | None:
    """Why weights of ``artefact`` are not taken in, or ``None``."""
    if standing.state in OVER:
        return f"Nothing is taken in any more: {OVER[standing.state]}."
    if standing.consent is None or AccessLevel.WEIGHTS not in standing.consent.levels:
        return "No standing consent names the weights; sign one that does, then send them."
    if artefact not in pinned(standing.consent):
        return "The consent pins other weights: its artefact is not the digest of these files."
    return None


def why_not_fetched(standing: Standing, artefact: Digest, reader: Reader, now: datetime) -> str | None:
    """Why ``reader`` gets no part of a transfer at ``now``, or ``None``. Asked again while a part is on its way."""
    if standing.reason is not None or standing.consent is None:
        return standing.reason or "No consent stands for this review."
    consent, window = standing.consent, standing.window
    if window is None or not window.contains(now):
        return "The consented window is not open."
    if AccessLevel.WEIGHTS not in standing.levels:
        return "The weights take a consent that names them, signed by two people of each side."
    if artefact not in pinned(consent):
        return "The standing consent pins other weights than these."
    if reader.person not in consent.people or standing.body not in reader.organisations:
        return "You do not stand among the people whom the consent names; ask the developer to name you."
    if not reader.may_read(consent.label):
        return "The channel's label is above the level that you may read."
    return None


def why_destroyed(standing: Standing) -> str | None:
    """Why the instance must not keep a transfer any longer, or ``None``."""
    return OVER.get(standing.state)
