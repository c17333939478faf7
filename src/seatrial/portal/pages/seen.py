"""Who has seen this: for the developer, everybody outside who was shown something about its review, and when."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from seatrial.kernel.clock import now
from seatrial.portal.asking import asker
from seatrial.review.cases import api as cases
from seatrial.review.threads import api as threads


@login_required
@require_safe
def seen(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/seen/``; ``?before=`` goes further back."""
    asking, moment, before = asker(request), now(), request.GET.get("before")
    part = threads.sightings(asking, review_id, moment, before=before)
    context = {"review": cases.brief(asking, review_id, moment), "part": part, "before": before}
    return render(request, "portal/seen.html", context)


@login_required
@require_safe
def seen_table(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/seen.csv``: all of it as a table."""
    table = threads.sightings_csv(asker(request), review_id, now())
    disposition = f'attachment; filename="seen-{review_id}.csv"'
    return HttpResponse(table, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": disposition})
