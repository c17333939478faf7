"""What may be called at all, and how deep each call reaches. What is not listed is not consented to.

    known        POST to what generates, the model named in the body; GET of one consented model
    consented    what the consent's own endpoints cover: for the build that the body names, else for the first one
    the list     GET models: answered from the consent by the gateway itself, for the endpoint's would show other models

Paths are compared as they were sent, byte for byte: no decoding, no dot segments, no query.
"""

from __future__ import annotations

from urllib.parse import quote

from seatrial.review.cases.types import AccessLevel, Consent, Variant

GENERATING = frozenset(  # POST, "model" in the body
    {"chat/completions", "completions", "responses", "embeddings", "messages", "messages/count_tokens"}
)


def builds(consent: Consent) -> tuple[Variant, ...]:
    """Every build a consent opens, the first of them under the API level."""
    first = Variant(consent.model, consent.variant, consent.artefact, consent.upstream, AccessLevel.API)
    return (first, *consent.variants)


def covers(consent: Consent, method: str, path: str) -> bool:
    """True if the consent covers this method and path at all."""
    if names_model(method, path) or (method == "GET" and any(_names(path, build.model) for build in builds(consent))):
        return True
    return any(endpoint.covers(method, path) for endpoint in consent.endpoints)


def build_called(consent: Consent, method: str, path: str, model: str | None) -> Variant | None:
    """The build that a call of a covered endpoint is for: named in its body, or in the path when a model is looked up.

    Where a call need name none the first build is meant; ``None`` if it names one that is not consented.
    """
    found = builds(consent)
    if method == "GET":
        return next((build for build in found if _names(path, build.model)), found[0])
    if model is None and not names_model(method, path):
        return found[0]
    return next((build for build in found if build.model == model), None)


def is_list(method: str, path: str) -> bool:
    """True if the call asks which models there are."""
    return method == "GET" and path == "models"


def stored_are_consented(consent: Consent) -> bool:
    """True if a call may refer to what the endpoint keeps of earlier calls, whosesoever they were."""
    return any(endpoint.method == "GET" and endpoint.path == "responses/*" for endpoint in consent.endpoints)


def names_model(method: str, path: str) -> bool:
    """True if the body of such a call must name the model."""
    return method == "POST" and path in GENERATING


def level_of(*, logits: bool) -> AccessLevel:
    """The access level that a call takes, apart from that of the build it is for."""
    return AccessLevel.LOGITS if logits else AccessLevel.API


def _names(path: str, model: str) -> bool:
    return path in (f"models/{model}", f"models/{quote(model, safe='')}")
