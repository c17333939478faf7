"""The whole case as one signed file: what will be in it, and the button that fetches it (from the API)."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from seatrial.kernel.clock import now
from seatrial.portal.asking import asker, visible_review
from seatrial.review.casefiles import api as casefiles


@login_required
@require_safe
def case(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/case/``"""
    asking = asker(request)
    found = casefiles.preview(asking, review_id, now())
    return render(request, "portal/case.html", {"case": found, "review": visible_review(asking, review_id)})
