"""A button that does one thing at once: the call, a message that says how it went, and back to the page."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from seatrial.kernel.errors import Forbidden, Misuse, NotFound, Refused


def press(request: HttpRequest, act: Callable[[], object], *, done: str, back: tuple[str, ...]) -> HttpResponse:
    """Make the call and return to the page ``back`` (a URL name and its arguments).

    What a rule says against it is shown there. ``Forbidden`` and ``NotFound`` are pages of their own.
    """
    try:
        act()
        messages.success(request, done)
    except (Forbidden, NotFound):
        raise
    except (Refused, Misuse) as objection:
        messages.error(request, objection.message)
    return redirect(*back)
