"""What answers at a feed's address. It decides nothing: the address is known, or there is nothing here."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from seatrial.clearinghouse.remediation import api as remediation
from seatrial.kernel.clock import now
from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Misuse
from seatrial.review.planning import api as planning

from .asked import Asked
from .serving import served

_MOST_ALARM = 60  # days ahead


@require_safe
def plan_calendar(request: HttpRequest, secret: str) -> HttpResponse:
    """``/feeds/plans/<secret>.ics``; ``?alarm=2`` reminds two days before each milestone begins."""
    asked = request.GET.get("alarm")
    if asked is not None and not (asked.isascii() and asked.isdecimal() and int(asked) <= _MOST_ALARM):
        raise Misuse("bad-alarm", f"Write alarm=0 to alarm={_MOST_ALARM}: how many days ahead to remind.")
    body = planning.ics(planning.calendar_at(secret, now()), alarm_days=None if asked is None else int(asked))
    return _subscribed(request, body, "plan.ics")


@require_safe
def exposures_calendar(request: HttpRequest, secret: str) -> HttpResponse:
    """``/feeds/exposures/<secret>.ics``: an operator's own dates."""
    return _subscribed(request, remediation.calendar(remediation.dated_at(secret)), "exposures.ics")


def _subscribed(request: HttpRequest, body: bytes, name: str) -> HttpResponse:
    """A calendar at a secret address."""
    etag = quote_etag(digest(body))
    response = get_conditional_response(request, etag=etag) or HttpResponse(
        body, content_type="text/calendar; charset=utf-8", headers={"ETag": etag}
    )
    # Only the subscriber's own calendar keeps it, and asks again before it shows it.
    response["Cache-Control"] = "private, no-cache"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    if not isinstance(response, HttpResponseNotModified):
        response["Content-Disposition"] = f'inline; filename="{name}"'
    return response


@csrf_exempt  # a cookie says nothing here: whoever asks sends a token
def feed(request: HttpRequest, **_named: str) -> HttpResponse:
    """Every protocol's addresses; the words in them are read by the protocol itself."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    body = b"" if request.method in ("GET", "HEAD") else request.body
    asked = Asked(request.method or "GET", request.path, request.META.get("QUERY_STRING", ""), headers, body)
    found = served(asked, now(), settings.SEATRIAL.ledger_origin)
    answer = HttpResponse(found.body, status=found.status)
    del answer["Content-Type"]
    for name, value in found.all_headers():
        answer[name] = value
    answer._has_been_logged = True  # type: ignore[attr-defined]  # a refusal is an answer
    return answer
