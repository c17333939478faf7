"""Documents made from the dossier: what each is, what it still asks for, and the files."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from seatrial.kernel.clock import now
from seatrial.portal.asking import asker
from seatrial.review.cases import api as cases
from seatrial.review.dossiers import api as dossiers
from seatrial.review.dossiers.types import Audience, Form

WRITTEN: Mapping[str, str] = {
    "pdf": "PDF",
    "html": "HTML",
    "md": "Markdown",
    "csv": "CSV",
    "json": "JSON",
    "cdx.json": "CycloneDX JSON",
}
READERS: Mapping[str, str] = {
    "": "Yourself: all that you may read",
    Audience.BODY.value: "The review body: without what is marked to stay back from it",
    Audience.PUBLIC.value: "The public: without anything that is marked",
}


@login_required
@require_safe
def exports(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/dossier/exports/``; ``?version=`` and ``?audience=`` choose from what and for whom."""
    asking = asker(request)
    view = cases.review(asking, review_id, now())
    ours = view.developer in asking.organisations
    version, audience = _chosen(request)
    made = dossiers.exports(asking, review_id, audience=audience, version=version)
    context = {
        "review": view,
        "version": made.version,
        "chosen": audience.value if audience else "",
        "readers": READERS if ours else {},
        "offers": [
            (offer, [(form, WRITTEN[form.ending]) for form in offer.forms], offer.lacks) for offer in made.offers
        ],
    }
    return render(request, "portal/dossier_exports.html", context)


@login_required
@require_safe
def export(request: HttpRequest, review_id: str, form: str) -> HttpResponse:
    """``/reviews/<id>/dossier/exports/<form>/``: one file."""
    if form not in list(Form):
        raise Http404
    version, audience = _chosen(request)
    made = dossiers.export(asker(request), review_id, Form(form), at=now(), audience=audience, version=version)
    headers = {"Content-Disposition": f'attachment; filename="{made.name}"', "ETag": f'"{made.digest}"'}
    return HttpResponse(made.data, content_type=made.media_type, headers=headers)


def _chosen(request: HttpRequest) -> tuple[int | None, Audience | None]:
    """The version and the audience that the address names; what it names wrongly, it does not name."""
    version, audience = request.GET.get("version", ""), request.GET.get("audience", "")
    known = audience in (Audience.BODY, Audience.PUBLIC)
    return (int(version) if version.isdecimal() else None), (Audience(audience) if known else None)
