"""Campaigns: what was planned, how far the evidence reaches, what it says so far."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from seatrial.kernel.clock import now
from seatrial.parties.types import Actor
from seatrial.portal.asking import asker
from seatrial.portal.live import Part, signed_out
from seatrial.review.benchmarks import api as benchmarks
from seatrial.review.benchmarks.types import CampaignState, CampaignView, Verdict
from seatrial.review.cases import api as cases
from seatrial.review.determinations import api as determinations

_GOING = frozenset({CampaignState.PLANNED, CampaignState.RUNNING})


@login_required
@require_safe
def campaigns(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/campaigns/``"""
    asking = asker(request)
    view = cases.review(asking, review_id, now())
    context = {"review": view, "campaigns": benchmarks.campaigns(asking, review_id)}
    return render(request, "portal/campaigns.html", context)


@login_required
@require_safe
def campaign(request: HttpRequest, campaign_id: str) -> HttpResponse:
    """``/campaigns/<id>/``"""
    asking = asker(request)
    view = benchmarks.campaign(asking, campaign_id)
    context = {
        "campaign": view,
        "review": cases.review(asking, view.review, now()),
        "part": _part(asking, view).render(request),
    }
    return render(request, "portal/campaign.html", context)


@require_safe
def campaign_part(request: HttpRequest, campaign_id: str) -> HttpResponse:
    """``/campaigns/<id>/part/``: what changes while a campaign runs."""
    if not request.user.is_authenticated:
        return signed_out()
    asking = asker(request)
    return _part(asking, benchmarks.campaign(asking, campaign_id)).answer(request)


def sentence(view: CampaignView) -> str:
    """What the evidence says, in one sentence."""
    zone = f"{view.threshold.low:g} to {view.threshold.high:g}"
    counted = f"after {view.decision.counted} of {view.decision.cells} attempts"
    error = f"at most {view.threshold.alpha:.0%} error"
    if view.state is CampaignState.VOID:
        return "Void: the model changed under test, so nothing follows from these attempts."
    if view.decision.verdict is Verdict.MEETS:
        return f"The suite mean meets the threshold ({zone}), {counted}, with {error}."
    if view.decision.verdict is Verdict.BELOW:
        return f"The suite mean is below the threshold ({zone}), {counted}, with {error}."
    if view.state is CampaignState.PLANNED:
        return "Planned. Suite, threshold and order are committed to the ledger; nothing was sent yet."
    return f"Not decided {counted}; the threshold is {zone}, with {error}."


def _part(asking: Actor, view: CampaignView) -> Part:
    context = {
        "campaign": view,
        "sentence": sentence(view),
        "funnel": determinations.funnel_svg(view) if view.funnel else "",
        "running": view.state in _GOING,
        "points": view.funnel[:: max(1, len(view.funnel) // 12)],
    }
    url = reverse("campaign-part", args=[view.id])
    return Part("evidence", url, "portal/campaign_part.html", context, over=view.state not in _GOING)
