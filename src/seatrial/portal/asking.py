"""Who asks: the signed-in person as an ``Actor``, looked up once a request."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from seatrial.parties import api as parties
from seatrial.parties.types import ANYONE, Actor

_KEPT = "_seatrial_asker"


def asker(request: HttpRequest) -> Actor:
    """The person at the other end, or ``ANYONE``."""
    kept: Any = getattr(request, _KEPT, None)
    if kept is None:
        kept = parties.actor(str(request.user.pk)) if request.user.is_authenticated else ANYONE
        setattr(request, _KEPT, kept)
    return kept  # type: ignore[no-any-return]
