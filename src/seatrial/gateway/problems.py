"""What a caller is told when a call does not go through. Pure.

RFC 9457 problem details that also carry OpenAI's ``error`` member, so that stock clients show the sentence.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from seatrial.gateway.call import Headers
from seatrial.kernel.errors import SeatrialError, Unavailable
from seatrial.review.access.types import Why

_STATUSES: Mapping[str, int] = {
    **dict.fromkeys(Why, 403),
    Why.UNKNOWN_KEY: 401,
    Why.REQUESTS: 429,
    Why.TOKENS: 429,
    Why.CONCURRENCY: 429,
    Why.UNVERIFIED: 503,
    **{
        why: 403
        for why in Why
        if why not in (Why.UNKNOWN_KEY, Why.REQUESTS, Why.TOKENS, Why.CONCURRENCY, Why.UNVERIFIED)
    },
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
            "upstream-broke",
            "upstream-redirected",
            "upstream-refused",
            "upstream-leaks",
        ),
        502,
    ),
}
_TYPES: Mapping[int, str] = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
_OUR_FAULT = frozenset({"database-away", "gateway-full", "gateway-stopping", "gateway-fault"})
_AGAIN_SOON = _OUR_FAULT | {Why.CONCURRENCY.value, Why.UNVERIFIED.value}


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

    def body(self) -> bytes:
        """The document, as JSON in UTF-8."""
        return json.dumps(
            {
                "type": f"urn:seatrial:problem:{self.code}",
                "title": self.code.replace("-", " "),
                "status": self.status,
                "detail": self.detail,
                "error": {
                    "message": self.detail,
                    "type": _TYPES.get(self.status, "server_error" if self.status >= 500 else "invalid_request_error"),
                    "param": None,
                    "code": self.code,
                },
            },
            ensure_ascii=False,
        ).encode()

    def headers(self) -> Headers:
        """Of the whole answer. Clients of the OpenAI kind try again on 429 and 5xx unless told not to."""
        again = self.code in _AGAIN_SOON or self.code.startswith("upstream-")
        found = [("Content-Type", "application/problem+json"), ("Content-Length", str(len(self.body())))]
        if self.code in _AGAIN_SOON:
            found.append(("Retry-After", "1"))
        if not again:
            found.append(("X-Should-Retry", "false"))
        if self.status == 401:
            found.append(("WWW-Authenticate", 'Bearer realm="seatrial"'))
        return found

    def last_event(self) -> bytes:
        """The event that ends a stream. The blank line first ends whatever event was cut in its middle."""
        return b"\n\nevent: error\ndata: " + self.body() + b"\n\n"


def defect() -> Problem:
    """What a caller is told of a fault of our own."""
    return Problem("gateway-fault", "The gateway met a fault of its own; try again, and tell its operator if it stays.")


def away() -> Unavailable:
    """Nothing can be decided without the record, so nothing is let through."""
    return Unavailable(
        "database-away", "The gateway cannot reach its database and lets nothing through; try again soon."
    )
