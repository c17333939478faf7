"""Parts of a page that stay current while one looks: htmx asks again every few seconds.

A part carries the digest of what it shows; if nothing changed the answer is empty (204) and nothing on
the page moves, so focus and reading position stay. Without scripts the part is simply part of the page.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

SECONDS = 4


@dataclass(frozen=True, slots=True)
class Part:
    """``name`` becomes the element's id; ``url`` renders the same part alone; it stands still once ``over``."""

    name: str
    url: str
    template: str
    context: Mapping[str, Any]
    over: bool = False

    def render(self, request: HttpRequest) -> SafeString:
        """The part as it goes into the page."""
        return self._wrapped(request, self._inner(request))

    def answer(self, request: HttpRequest) -> HttpResponse:
        """The part alone, or 204 if the page shows exactly this already."""
        inner = self._inner(request)
        if request.GET.get("seen") == _version(inner):
            return HttpResponse(status=204)
        return HttpResponse(self._wrapped(request, inner))

    def _inner(self, request: HttpRequest) -> SafeString:
        return render_to_string(self.template, dict(self.context), request)

    def _wrapped(self, request: HttpRequest, inner: SafeString) -> SafeString:
        context = {"part": self, "inner": inner, "version": _version(inner), "seconds": SECONDS}
        return render_to_string("portal/part.html", context, request)


def signed_out() -> HttpResponse:
    """What a part answers when the session has ended: the whole page is asked for again."""
    return HttpResponse(status=204, headers={"HX-Refresh": "true"})


_TOKEN = re.compile(r'(?<=name="csrfmiddlewaretoken" value=")[^"]*')


def _version(inner: str) -> str:
    """The digest of what ``inner`` shows; the token of a form in it is masked anew each time and shows nothing."""
    return hashlib.sha256(_TOKEN.sub("", inner).encode()).hexdigest()[:16]
