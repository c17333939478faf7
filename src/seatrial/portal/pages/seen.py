"""Who has seen this: for the developer, everybody outside who was shown something about its review, and when."""

from __future__ import annotations

import csv

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from seatrial.kernel.clock import iso, now
from seatrial.portal.asking import asker
from seatrial.review.cases import api as cases
from seatrial.review.threads import api as threads

_MOST = 100_000  # lines of a file
_HEADINGS = ("what", "id", "title", "person", "organisation", "first seen (UTC)", "last seen (UTC)", "separate hours")
_FORMULA = ("=", "+", "-", "@", "\t")  # what a spreadsheet would take for one


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
    part = threads.sightings(asker(request), review_id, now(), limit=_MOST)
    disposition = f'attachment; filename="seen-{review_id}.csv"'
    response = HttpResponse(content_type="text/csv; charset=utf-8", headers={"Content-Disposition": disposition})
    table = csv.writer(response)
    table.writerow(_HEADINGS)
    for row in part.sightings:
        who = (row.kind, row.object, row.title, row.person, row.organisation)
        table.writerow([*map(_plain, who), iso(row.first_at), iso(row.last_at), row.times])
    return response


def _plain(text: str) -> str:
    """A cell that no spreadsheet computes."""
    return f"'{text}" if text.startswith(_FORMULA) else text
