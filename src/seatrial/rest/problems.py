"""Problem details (RFC 9457): the one table from errors to statuses, and the one shape of a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, JsonResponse
from ninja.errors import HttpError, ValidationError

from seatrial.kernel.canonical import plain
from seatrial.kernel.errors import Conflict, Forbidden, Misuse, NotFound, Refused, SeatrialError, Unavailable

# The first kind that fits decides; a code may say it more exactly.
STATUSES: tuple[tuple[type[SeatrialError], int], ...] = (
    (NotFound, 404),
    (Conflict, 409),
    (Misuse, 400),
    (Forbidden, 403),
    (Refused, 409),
    (Unavailable, 503),
)
CODES: Mapping[str, int] = {
    "unknown-token": 401,
    "sign-in-needed": 401,
    "label-forbids": 404,
    "idempotency-key-reused": 422,
    "body-too-large": 413,
    "too-many-reports": 429,
    "attachment-too-large": 413,
    "attachment-type": 415,
    "attachment-empty": 422,
    "attachment-archive": 422,
    "attachment-too-many": 422,
}
# Narrower kinds stand before wider ones.
KINDS: tuple[tuple[type[SeatrialError], str], ...] = (
    (NotFound, "not-found"),
    (Conflict, "conflict"),
    (Misuse, "misuse"),
    (Forbidden, "forbidden"),
    (Refused, "refused"),
    (Unavailable, "unavailable"),
)


def status_of(error: SeatrialError) -> int:
    """The HTTP status of an error."""
    return CODES.get(error.code) or next((status for kind, status in STATUSES if isinstance(error, kind)), 500)


def problem(status: int, code: str, detail: str, **more: Any) -> JsonResponse:
    """A problem document: ``type`` is a stable reference, ``detail`` one sentence for people."""
    body = {"type": f"urn:seatrial:problem:{code}", "title": code.replace("-", " "), "status": status, "detail": detail}
    answer = JsonResponse({**body, **more}, status=status, content_type="application/problem+json")
    answer._has_been_logged = True  # type: ignore[attr-defined]  # a refusal is an answer; Django would warn of it
    return answer


def on_seatrial_error(_request: HttpRequest, error: SeatrialError | type[SeatrialError]) -> JsonResponse:
    """A rule or a caller's slip becomes its problem document."""
    if not isinstance(error, SeatrialError):
        raise error
    status = status_of(error)
    answer = problem(status, error.code, error.message, kind=_kind_of(error, status), facts=plain(error.facts))
    if "retry_after" in error.facts:
        answer["Retry-After"] = str(error.facts["retry_after"])
    return answer


def on_validation_error(_request: HttpRequest, error: ValidationError | type[ValidationError]) -> JsonResponse:
    """A body that does not fit its schema: every field to mend, in one sentence."""
    if not isinstance(error, ValidationError):
        raise error
    faults = [f"{'.'.join(str(part) for part in fault['loc'][1:])}: {fault['msg']}" for fault in error.errors]
    return problem(
        422, "body-invalid", f"The request does not fit: {'; '.join(faults)}.", kind="misuse", facts={"faults": faults}
    )


def on_unreadable(_request: HttpRequest, error: HttpError | type[HttpError]) -> JsonResponse:
    """A body that is not what its type says: the framework's only error of its own that reaches a caller."""
    if not isinstance(error, HttpError) or error.status_code != 400:
        raise error
    what = "This body cannot be read; send JSON in UTF-8, or the form that the description of this route shows."
    return problem(400, "body-invalid", what, kind="misuse")


def on_too_large(_request: HttpRequest, error: RequestDataTooBig | type[RequestDataTooBig]) -> JsonResponse:
    """A body that no route takes."""
    return problem(413, "body-too-large", "This body is larger than the API takes; send less at once.", kind="misuse")


def _kind_of(error: SeatrialError, status: int) -> str:
    """Which branch of the tree in ``kernel.errors`` this is, for a client that raises it again."""
    if status == 404:
        return "not-found"
    for kind, word in KINDS:
        if isinstance(error, kind):
            return word
    return "error"
