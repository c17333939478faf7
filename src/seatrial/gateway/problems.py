"""What a caller is told when a call does not go through. Pure.

RFC 9457 problem details that also carry the ``error`` member of the protocol spoken, so that stock clients raise what
their users expect. Anthropic's documents have a ``type`` of their own: there the problem's stands as ``problem``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from seatrial.gateway.call import Fields
from seatrial.gateway.protocols import Shape
from seatrial.kernel.errors import SeatrialError, Unavailable
from seatrial.review.access.types import Why

_STATUSES: Mapping[str, int] = {
    **dict.fromkeys(Why, 403),
    **dict.fromkeys((Why.UNKNOWN_KEY, Why.REVOKED_KEY, Why.LEAKED_KEY), 401),  # another key would do
    **dict.fromkeys((Why.REQUESTS, Why.TOKENS, Why.MONEY, Why.CONCURRENCY), 429),
    Why.UNVERIFIED: 503,
    "no-recipient": 403,
    "body-not-kept": 503,
    "no-such-path": 404,
    "request-slow": 408,
    "body-too-large": 413,
    "body-encoded": 415,
    "headers-too-large": 431,
    "upstream-slow": 504,
    **dict.fromkeys(
        (
            "upstream-down",
            "upstream-private",
            "upstream-untrusted",
            "upstream-tls",
            "upstream-broke",
            "upstream-redirected",
            "upstream-refused",
            "upstream-leaks",
        ),
        502,
    ),
}
_TYPES: Mapping[int, str] = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
_ANTHROPIC_TYPES: Mapping[int, str] = {
    **_TYPES,
    404: "not_found_error",
    413: "request_too_large",
    503: "overloaded_error",
    504: "timeout_error",
}
_FAULTS = {  # OpenSSL's verify codes; its own words would tell the caller hosts that are none of its business
    9: "does not hold yet",
    10: "has ended",
    18: "is signed by itself only",
    62: "is for another host",
    64: "is for another host",
    **dict.fromkeys((2, 19, 20, 21), "is from an authority that is not known here"),
}
_OUR_FAULT = frozenset(
    {
        "database-away",
        "gateway-full",
        "gateway-stopping",
        "gateway-fault",
        "spool-full",
        "spool-broke",
        "reader-ended",
        "reader-busy",
    }
)
_AGAIN_SOON = _OUR_FAULT | {Why.CONCURRENCY.value, Why.UNVERIFIED.value}
_AGAIN = _AGAIN_SOON | {"upstream-down", "upstream-slow", "upstream-broke", "request-slow"}


@dataclass(frozen=True, slots=True)
class Problem:
    """One clear sentence with a stable code."""

    code: str
    detail: str

    @classmethod
    def of(cls, error: SeatrialError) -> Problem:
        return cls(error.code, error.message)

    @property
    def status(self) -> int:
        return _STATUSES.get(self.code) or (503 if self.code in _OUR_FAULT else 400)

    def body(self, shape: Shape = Shape.OPENAI) -> bytes:
        """The document in the words of that protocol, as JSON in UTF-8."""
        return _json(self._document(shape))

    def headers(self, shape: Shape = Shape.OPENAI) -> Fields:
        """Of the whole answer. Stock clients try again on 408, 409, 429 and 5xx unless told not to."""
        kind = "application/json" if shape is Shape.ANTHROPIC else "application/problem+json"
        found = [("Content-Type", kind), ("Content-Length", str(len(self.body(shape))))]
        if self.code in _AGAIN_SOON:
            found.append(("Retry-After", "1"))
        if self.code not in _AGAIN:
            found.append(("X-Should-Retry", "false"))
        if self.status == 401:
            found.append(("WWW-Authenticate", 'Bearer realm="seatrial"'))
        return found

    def last_event(self, shape: Shape = Shape.OPENAI) -> bytes:
        """The event that ends a stream. The blank line first ends whatever event was cut in its middle.

        Responses have typed events: there the event is an ``error`` with code and message, and the problem's own type
        stands as ``problem``. Its ``sequence_number`` is 0: what came before was passed on, not read.
        """
        document = self._document(shape)
        if shape is Shape.RESPONSES:
            flat = {"type": "error", "code": self.code, "message": self.detail, "param": None, "sequence_number": 0}
            document = {**document, **flat, "problem": document["type"]}
        return b"\n\nevent: error\ndata: " + _json(document) + b"\n\n"

    def _document(self, shape: Shape) -> dict[str, object]:
        urn = f"urn:seatrial:problem:{self.code}"
        common = {"title": self.code.replace("-", " "), "status": self.status, "detail": self.detail}
        ours = self.status >= 500
        if shape is Shape.ANTHROPIC:
            kind = _ANTHROPIC_TYPES.get(self.status, "api_error" if ours else "invalid_request_error")
            said = {"type": kind, "message": self.detail, "code": self.code}
            return {"type": "error", "error": said, "problem": urn, **common}
        kind = _TYPES.get(self.status, "server_error" if ours else "invalid_request_error")
        error = {"message": self.detail, "type": kind, "param": None, "code": self.code}
        return {"type": urn, **common, "error": error}


def _json(document: Mapping[str, object]) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def defect() -> Problem:
    """What a caller is told of a fault of our own."""
    return Problem("gateway-fault", "The gateway met a fault of its own; try again, and tell its operator if it stays.")


def away() -> Unavailable:
    """Nothing can be decided without the record, so nothing is let through."""
    return Unavailable(
        "database-away", "The gateway cannot reach its database and lets nothing through; try again soon."
    )


def busy() -> Unavailable:
    """Large bodies are read one after the other."""
    return Unavailable("reader-busy", "The gateway has too many large bodies to read; try again soon.")


def stopping() -> Unavailable:
    """Nothing new is begun while the gateway ends."""
    return Unavailable("gateway-stopping", "The gateway is stopping; try again in a moment.")


def down() -> Unavailable:
    """An endpoint nobody answers at."""
    return Unavailable(
        "upstream-down", "The developer's endpoint cannot be reached; tell the developer, and try again later."
    )


def untrusted(code: int) -> Unavailable:
    """An endpoint whose certificate is not accepted; ``code`` is OpenSSL's."""
    return Unavailable(
        "upstream-untrusted",
        f"The certificate of the developer's endpoint {_FAULTS.get(code, 'is not accepted')}, so nothing was sent; "
        "tell the developer.",
    )


def no_tls() -> Unavailable:
    """An endpoint that ends the handshake."""
    return Unavailable(
        "upstream-tls",
        "The gateway and the developer's endpoint could not agree on TLS (it may ask for a certificate of the "
        "gateway, or speak none); tell the developer.",
    )


def slow(seconds: float) -> Unavailable:
    """An endpoint that says nothing."""
    return Unavailable(
        "upstream-slow", f"The developer's endpoint said nothing for {seconds:g} seconds; try again, or ask for less."
    )


def broke() -> Unavailable:
    """An endpoint that ends before its answer does."""
    return Unavailable(
        "upstream-broke", "The developer's endpoint broke its answer off; tell the developer, and try again."
    )


def check_status(status: int) -> None:
    """An endpoint's answers to *us* are not for the caller: its key is not what was refused.

    Raises ``Unavailable`` (``upstream-refused``, ``upstream-redirected``).
    """
    if status in (401, 403, 407):
        raise Unavailable(
            "upstream-refused",
            f"The developer's endpoint refused the developer's own credential ({status}); "
            "the developer has to set it again.",
        )
    if 300 <= status < 400:
        raise Unavailable(
            "upstream-redirected",
            f"The developer's endpoint redirected the call ({status}), and no redirect is followed; "
            "the consent must name the address itself.",
        )
