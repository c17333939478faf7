"""The repository of patches as TUF clients fetch it: metadata by version, files by digest. Open to everybody."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.urls import path
from django.views.decorators.http import require_safe

from seatrial.clearinghouse.delivery import api as delivery
from seatrial.clearinghouse.delivery.types import Served

_FOREVER = "public, max-age=31536000, immutable"


@require_safe
def metadata(request: HttpRequest, name: str) -> HttpResponse:
    """``/tuf/metadata/timestamp.json`` and ``/tuf/metadata/<version>.<role>.json``"""
    return _answer(request, delivery.metadata(name), "application/json")


@require_safe
def target(request: HttpRequest, role: str, name: str) -> HttpResponse:
    """``/tuf/targets/<role>/<sha256>.<name>``"""
    return _answer(request, delivery.target(role, name), "application/octet-stream")


def _answer(request: HttpRequest, found: Served | None, kind: str) -> HttpResponse:
    if found is None:
        return HttpResponseNotFound("There is no such file.\n", content_type="text/plain")
    tag = f'"{found.sha256}"'
    if request.headers.get("If-None-Match") in (tag, "*"):
        answer = HttpResponse(status=304)
    else:
        answer = HttpResponse(found.content, content_type=kind)
        answer["X-Content-Type-Options"] = "nosniff"
    answer["ETag"] = tag
    answer["Cache-Control"] = _FOREVER if found.fixed else "no-cache"
    return answer


urlpatterns = [
    path("metadata/<str:name>", metadata, name="tuf-metadata"),
    path("targets/<str:role>/<str:name>", target, name="tuf-target"),
]
