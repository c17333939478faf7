"""What may be called at all, and how deep each call reaches. What is not listed is not consented to.

Paths are compared as they were sent, byte for byte: no decoding, no dot segments, no query. A model is
named once, in the body or in the path; listing models would show others than the consented one.
"""

from __future__ import annotations

from urllib.parse import quote

from seatrial.review.cases.types import AccessLevel

GENERATING = frozenset({"chat/completions", "completions", "responses", "embeddings"})  # POST, "model" in the body

_DEPTH = tuple(AccessLevel)  # least first; a deeper consent includes the less deep


def covers(method: str, path: str, model: str) -> bool:
    """True if a consent to ``model`` can cover this method and path at all."""
    if method == "POST":
        return path in GENERATING
    return method == "GET" and path in (f"models/{model}", f"models/{quote(model, safe='')}")


def names_model(method: str, path: str) -> bool:
    """True if the body of such a call must name the model."""
    return method == "POST" and path in GENERATING


def level_of(*, logits: bool) -> AccessLevel:
    """The least access level under which a call may be made."""
    return AccessLevel.LOGITS if logits else AccessLevel.API


def reaches(consented: AccessLevel, needed: AccessLevel) -> bool:
    """True if ``consented`` is at least as deep as ``needed``."""
    return _DEPTH.index(consented) >= _DEPTH.index(needed)
