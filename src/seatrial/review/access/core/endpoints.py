"""What may be called at all, and how deep each call reaches. What is not listed is not consented to.

Paths are compared as they were sent, byte for byte: no decoding, no dot segments, no query. A model is
named once, in the body or in the path; listing models would show others than the consented one.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from seatrial.review.cases.types import AccessLevel, Consent, Variant

GENERATING = frozenset(  # POST, "model" in the body
    {"chat/completions", "completions", "responses", "embeddings", "messages", "messages/count_tokens"}
)


def builds(consent: Consent) -> tuple[Variant, ...]:
    """Every build a consent opens, the first of them under the API level."""
    first = Variant(consent.model, consent.variant, consent.artefact, consent.upstream, AccessLevel.API)
    return (first, *consent.variants)


def covers(method: str, path: str, models: Iterable[str]) -> bool:
    """True if a consent to ``models`` can cover this method and path at all."""
    if method == "POST":
        return path in GENERATING
    return method == "GET" and any(_names(path, model) for model in models)


def build_called(consent: Consent, method: str, path: str, model: str | None) -> Variant | None:
    """The build that a call is for: named in its body, or in the path when a model is looked up."""
    for build in builds(consent):
        if build.model == model if names_model(method, path) else _names(path, build.model):
            return build
    return None


def names_model(method: str, path: str) -> bool:
    """True if the body of such a call must name the model."""
    return method == "POST" and path in GENERATING


def level_of(*, logits: bool) -> AccessLevel:
    """The access level that a call takes, apart from that of the build it is for."""
    return AccessLevel.LOGITS if logits else AccessLevel.API


def _names(path: str, model: str) -> bool:
    return path in (f"models/{model}", f"models/{quote(model, safe='')}")
