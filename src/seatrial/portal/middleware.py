"""Errors as calm pages: the sentence the rule gave, a status from one table, never a traceback.

``NotFound`` covers what does not exist and what the asker may not know of; the page is the same.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from seatrial.kernel.errors import Conflict, Forbidden, Misuse, NotFound, Refused, SeatrialError, Unavailable

# The first kind that fits counts: narrower ones stand before wider ones.
STATUSES: tuple[tuple[type[SeatrialError], int, str], ...] = (
    (NotFound, 404, "Not found"),
    (Forbidden, 403, "Not yours to do"),
    (Conflict, 409, "Changed meanwhile"),
    (Refused, 409, "Not possible now"),
    (Misuse, 400, "Something to mend"),
    (Unavailable, 503, "Not reachable just now"),
)

_log = logging.getLogger(__name__)


class ErrorPages:
    """Innermost middleware: what a view raises becomes a page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store"  # a shared machine's back button shows nothing after sign-out
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, Http404 | PermissionDenied):
            return None  # Django's own; 404.html and 403.html
        if isinstance(error, SeatrialError):
            status, heading = told(error)
            return render(request, "portal/error.html", {"heading": heading, "sentence": error.message}, status=status)
        if settings.DEBUG:
            return None
        _log.error("Unexpected error on %s %s", request.method, request.path, exc_info=error)
        return render(request, "500.html", status=500)


def told(error: SeatrialError) -> tuple[int, str]:
    """HTTP status and heading of an error."""
    for kind, status, heading in STATUSES:
        if isinstance(error, kind):
            return status, heading
    return 500, "Something went wrong"
