"""Published advisories, for everybody who may read them; without an account those for all."""

from __future__ import annotations

from typing import Any

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from seatrial.clearinghouse.advisories import api as advisories
from seatrial.clearinghouse.advisories.types import Form
from seatrial.portal.asking import asker

_MOST = 500
_FORMS = tuple(form for form in Form if form is not Form.HTML)


@require_safe
def published(request: HttpRequest) -> HttpResponse:
    """``/advisories/``, the newest first."""
    asking = asker(request)
    numbers = advisories.numbers(asking, form=Form.HTML)[-_MOST:]
    found: list[Any] = []
    for begun in range(0, len(numbers), 100):
        found += advisories.numbered(asking, numbers[begun : begun + 100])
    return render(request, "portal/advisories.html", {"documents": found[::-1], "forms": _FORMS})


# A document brings its style, and forbids itself all else.
@csp_update({"style-src": ["'unsafe-inline'"]})  # type: ignore[untyped-decorator]
@require_safe
def advisory(request: HttpRequest, advisory_id: str, form: str = Form.HTML.value) -> HttpResponse:
    """``/advisories/<name>/`` as a page, ``/advisories/<name>/<form>/`` as a file: the bytes that were signed."""
    asking = asker(request)
    if form not in set(Form):
        raise advisories.no_such_advisory(f"{advisory_id} as {form}")
    found = advisories.document(asking, advisory_id, Form(form))
    answer = HttpResponse(found.content, content_type=found.media_type)
    if found.form is not Form.HTML:
        answer["Content-Disposition"] = f'attachment; filename="{found.name}"'
    answer["Cache-Control"] = "private, no-cache"
    return answer
