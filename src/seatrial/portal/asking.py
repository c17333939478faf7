"""Who asks: the signed-in person as an ``Actor``, looked up once a request, with what is delegated to them now."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest

from seatrial.kernel.addresses import client_address
from seatrial.kernel.clock import now
from seatrial.kernel.errors import NotFound
from seatrial.parties import api as parties
from seatrial.parties.types import ANYONE, Actor
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import ReviewView

_KEPT = "_seatrial_asker"


def address(request: HttpRequest) -> str:
    """Where a request came from; empty where that cannot be known."""
    forwarded = request.headers.get("X-Forwarded-For", "")
    return client_address(request.META.get("REMOTE_ADDR", ""), forwarded, settings.SEATRIAL.proxies)


def asker(request: HttpRequest) -> Actor:
    """The person at the other end, or ``ANYONE``. Whoever was removed since their request began is signed out."""
    kept: Any = getattr(request, _KEPT, None)
    if kept is None:
        try:
            kept = parties.actor(str(request.user.pk), now()) if request.user.is_authenticated else ANYONE
        except NotFound:
            logout(request)
            kept = ANYONE
        setattr(request, _KEPT, kept)
    return kept  # type: ignore[no-any-return]


def visible_review(asking: Actor, review_id: str) -> ReviewView | None:
    """The review, for a page's trail; ``None`` for whoever may know of none, as a trusted partner."""
    try:
        return cases.brief(asking, review_id, now())
    except NotFound:
        return None
