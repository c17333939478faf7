"""Whoever is shown something about a review and is not its developer leaves a sighting for the developer (V13).

Here, in front of every page and route alike, because an address that names a review cannot be forgotten: a page that
somebody adds is counted without saying so. What has an address of its own (a thread, a file, a version of a dossier)
is kept by the door that hands it out.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from seatrial.kernel.clock import now
from seatrial.parties.types import Actor
from seatrial.portal.asking import asker
from seatrial.review.threads import api as threads
from seatrial.review.threads.types import Seen

_SHOWN = frozenset({200, 201, 206})
_NAMES = ("review_id", "review")  # how addresses of pages and of routes call a review


class Sightings:
    """Middleware: keeps that the asker was shown the review named in the address, if an answer shows it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        review = _review_of(request)
        if review is not None and response.status_code in _SHOWN:
            threads.saw(asking=_asking(request), review=review, kind=Seen.REVIEW, object=review, at=now())
        return response


def _review_of(request: HttpRequest) -> str | None:
    named = request.resolver_match.kwargs if request.resolver_match else {}
    return next((str(named[name]) for name in _NAMES if name in named), None)


def _asking(request: HttpRequest) -> Actor:
    """Whom the API found behind a token, or the portal's signed-in person."""
    found = getattr(request, "auth", None)
    return found if isinstance(found, Actor) else asker(request)
