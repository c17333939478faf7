"""Campaigns: what was planned, how far the evidence reaches, what it says so far."""

from __future__ import annotations

import secrets

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from seatrial.compute.api import enqueue
from seatrial.kernel.clock import now
from seatrial.kernel.digests import parse_digest
from seatrial.kernel.errors import NotFound
from seatrial.parties.types import Actor, Role
from seatrial.portal.asking import asker
from seatrial.portal.forms import PortalForm, objections
from seatrial.portal.live import Part, signed_out
from seatrial.review.benchmarks import api as benchmarks
from seatrial.review.benchmarks.types import CampaignState, CampaignView, LadderView, Purpose, Threshold, Verdict
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import ReviewView
from seatrial.review.determinations import api as determinations

_GOING = frozenset({CampaignState.PLANNED, CampaignState.RUNNING})


@login_required
@require_safe
def campaigns(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/campaigns/``"""
    asking = asker(request)
    view = cases.review(asking, review_id, now())
    context = {
        "review": view,
        "campaigns": benchmarks.campaigns(asking, review_id),
        "ladders": benchmarks.ladders(asking, review_id),
        "may_plan": _evaluates(asking, view),
    }
    return render(request, "portal/campaigns.html", context)


class Plan(PortalForm):
    """What is committed before the first attempt."""

    name = forms.CharField(label="Name", max_length=200, help_text="What you call this campaign.")
    suite = forms.ChoiceField(label="Suite")
    epochs = forms.IntegerField(label="Times each item may be tried", min_value=1, max_value=1000, initial=4)
    low = forms.FloatField(label="Threshold, lower end", min_value=0, max_value=1, initial=0.45)
    high = forms.FloatField(
        label="Threshold, upper end",
        min_value=0,
        max_value=1,
        initial=0.55,
        help_text="Between the two ends either word, meets or below, is right.",
    )
    alpha = forms.FloatField(
        label="Error", min_value=0.0001, max_value=0.5, initial=0.05, help_text="The most by which either word may err."
    )
    several = forms.BooleanField(
        label="Ask in several ways",
        required=False,
        help_text="Plain, with tools, several tries, and neutral twins beside: a ladder that shares this error.",
    )


@login_required
@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/campaigns/new/``"""
    asking = asker(request)
    view = cases.review(asking, review_id, now())
    if not _evaluates(asking, view):
        raise NotFound("not-offered", "Planning a campaign is for an evaluator of the review body.")
    form = Plan(request.POST or None)
    form.fields["suite"].choices = [  # type: ignore[attr-defined]
        (suite.digest, f"{suite.name} {suite.version}, {suite.items} items") for suite in benchmarks.suites(asking)
    ]
    if form.is_valid():
        with objections(to=form):
            typed = form.cleaned_data
            suite = parse_digest(typed["suite"])
            threshold = Threshold(suite, "suite-mean", typed["low"], typed["high"], typed["alpha"])
            said = {"by": asking, "review": review_id, "suite": suite, "epochs": typed["epochs"], "name": typed["name"]}
            said |= {"threshold": threshold, "seed": secrets.token_hex(16), "at": now()}
            if typed["several"]:
                made = benchmarks.plan_ladder(**said, rungs=benchmarks.usual_rungs(asking, suite))
            else:
                made = benchmarks.plan_campaign(**said)
            messages.success(request, "Planned. Suite, threshold and order are on the ledger; nothing was sent yet.")
            return redirect("ladder" if typed["several"] else "campaign", made)
    context = {
        "form": form,
        "review": view,
        "here": "Plan a campaign",
        "intro": "Suite, threshold and a random order are committed to the ledger before the first attempt.",
        "button": "Commit the plan",
    }
    return render(request, "portal/review_form.html", context, status=422 if form.errors else 200)


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


@login_required
@require_safe
def ladder(request: HttpRequest, ladder_id: str) -> HttpResponse:
    """``/ladders/<id>/``"""
    asking = asker(request)
    view = benchmarks.ladder(asking, ladder_id)
    review = cases.review(asking, view.review, now())
    context = {
        "ladder": view,
        "review": review,
        "sentence": ladder_sentence(view),
        "may_run": _evaluates(asking, review) and any(rung.state in _GOING for rung in view.rungs),
    }
    return render(request, "portal/ladder.html", context)


@require_safe
def campaign_part(request: HttpRequest, campaign_id: str) -> HttpResponse:
    """``/campaigns/<id>/part/``: what changes while a campaign runs."""
    if not request.user.is_authenticated:
        return signed_out()
    asking = asker(request)
    return _part(asking, benchmarks.campaign(asking, campaign_id)).answer(request)


@login_required
@require_POST
def run(request: HttpRequest, campaign_id: str) -> HttpResponse:
    """``/campaigns/<id>/run/``: the worker takes it up, with a key of the asker's made for this run alone."""
    asking = asker(request)
    view = benchmarks.campaign(asking, campaign_id)
    if not _evaluates(asking, cases.review(asking, view.review, now())) or view.state not in _GOING:
        raise NotFound(
            "not-offered", "Running this campaign is for an evaluator of the review body, until it has ended."
        )
    enqueue("seatrial.review.benchmarks.tasks.run_campaign", person=asking.person, campaign=campaign_id)
    messages.success(request, "Queued. The evidence below fills as attempts come in.")
    return redirect("campaign", campaign_id)


def sentence(view: CampaignView) -> str:
    """What the evidence says, in one sentence: *meets* rules out means up to θ₀, *below* means from θ₁ on."""
    zone = f"{view.threshold.low:g} to {view.threshold.high:g}"
    counted = f"after {view.decision.counted} of {view.decision.cells} attempts"
    error = f"at most {100 * view.threshold.alpha:g}% error"
    if view.state is CampaignState.VOID:
        return "Void: the model changed under test, so nothing follows from these attempts."
    if view.decision.verdict is Verdict.MEETS:
        return f"Meets the threshold: the suite mean is above {view.threshold.low:g}, {counted}, with {error}."
    if view.decision.verdict is Verdict.BELOW:
        return f"Below the threshold: the suite mean is under {view.threshold.high:g}, {counted}, with {error}."
    if view.state is CampaignState.PLANNED:
        return "Planned. Suite, threshold and order are committed to the ledger; nothing was sent yet."
    return f"Not decided {counted}; the threshold is {zone}, with {error}."


def ladder_sentence(view: LadderView) -> str:
    """What the rungs say together, in one sentence."""
    deciding = [rung for rung in view.rungs if rung.purpose is Purpose.DECIDE]
    error = f"with at most {100 * view.alpha:g}% error over all of them"
    if view.verdict is Verdict.MEETS:
        met = next(rung for rung in deciding if rung.decision.verdict is Verdict.MEETS)
        return f"Meets the threshold when asked this way – {met.elicitation} –, {error}."
    if view.verdict is Verdict.BELOW:
        return f"Below the threshold in each of {len(deciding)} ways of asking, {error}."
    decided = sum(rung.decision.verdict is not Verdict.UNDECIDED for rung in deciding)
    return f"Not decided: {decided} of {len(deciding)} ways of asking have a verdict."


def _evaluates(asking: Actor, view: ReviewView) -> bool:
    return asking.has(Role.EVALUATOR, view.body) and view.consent is not None


def _part(asking: Actor, view: CampaignView) -> Part:
    context = {
        "campaign": view,
        "sentence": sentence(view),
        # Safe: the room draws them itself and escapes every value.
        "funnel": SafeString(determinations.funnel_svg(view)) if view.funnel else "",
        "forest": SafeString(determinations.forest_svg(view)) if view.families else "",
        "running": view.state in _GOING,
        "planned": view.state is CampaignState.PLANNED and any(role is Role.EVALUATOR for _, role in asking.roles),
        "points": view.funnel[:: max(1, len(view.funnel) // 12)],
    }
    url = reverse("campaign-part", args=[view.id])
    return Part("evidence", url, "portal/campaign_part.html", context, over=view.state not in _GOING)
