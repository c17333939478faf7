"""What is signed about a review, in the one form in which signing and verifying both make it."""

from __future__ import annotations

from typing import Any

from seatrial.review.cases.types import AccessLevel


def further_signature(review: str, consent: str) -> dict[str, Any]:
    """What a further signature for the weights covers; ``consent`` is the digest of the consent."""
    return {"review": review, "consent": consent, "level": AccessLevel.WEIGHTS.value}


def destruction(review: str, item: str, digest: str, words: str) -> dict[str, Any]:
    """What an attestation of destruction covers; ``digest`` is the item's, or empty."""
    return {"review": review, "item": item, "digest": digest, "destroyed": words}
