"""Reviews: the list, a plan for a new one, a review's own page and its uses."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from seatrial.kernel.clock import now
from seatrial.kernel.errors import NotFound
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, OrganisationKind, Role
from seatrial.portal.asking import asker
from seatrial.portal.forms import MomentField, PortalForm, objections
from seatrial.portal.live import Part, signed_out
from seatrial.portal.steps import Step, links, steps
from seatrial.review.access import api as access
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import ENDED, ReviewState, ReviewView
from seatrial.review.threads import api as threads

from .clock import face, way
from .threads import begin

RECENT = 5  # uses, and threads, shown on a review's own page


@login_required
@require_safe
def reviews(request: HttpRequest) -> HttpResponse:
    """``/reviews/``"""
    asking, moment = asker(request), now()
    rows = [(view, face(view, moment)) for view in cases.reviews(asking, moment)]
    return render(request, "portal/reviews.html", {"rows": rows, "may_plan": bool(_developers(asking))})


class Plan(PortalForm):
    """What a developer says of a release it plans."""

    developer = forms.ChoiceField(label="For", help_text="The organisation you plan for.")
    body = forms.ChoiceField(label="With", help_text="The review body you would offer it to.")
    title = forms.CharField(label="Title", max_length=200, help_text="What you call this review.")
    model = forms.CharField(label="Model", max_length=200, help_text="The model’s name at your endpoint.")
    partner_release = MomentField(
        label="Planned release to trusted partners (UTC)",
        help_text="Pre-release access ends no later than this, whatever else is agreed.",
    )
    public_release = MomentField(label="Planned public release (UTC)")

    def __init__(self, asking: Actor, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        names = parties.names()
        self.fields["developer"].choices = [(home, names[home]) for home in _developers(asking)]  # type: ignore[attr-defined]
        bodies = parties.organisations(asking, OrganisationKind.BODY)
        self.fields["body"].choices = [(body.id, body.name) for body in bodies]  # type: ignore[attr-defined]


@login_required
@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest) -> HttpResponse:
    """``/reviews/new/``: a draft that only the developer can see."""
    asking = asker(request)
    if not _developers(asking):
        raise NotFound("not-offered", "Planning a release is for a developer’s governance lead.")
    form = Plan(asking, request.POST or None)
    if form.is_valid():
        with objections(to=form):
            made = cases.draft(by=asking, **form.cleaned_data, at=now())
            messages.success(request, "Drafted. Only your organisation can see it until you offer it.")
            return redirect("review", made)
    return render(request, "portal/plan.html", {"form": form}, status=422 if form.errors else 200)


@login_required
@require_safe
def review(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/``"""
    asking = asker(request)
    view = cases.review(asking, review_id, now())
    names = parties.names()
    conversation = threads.threads(asking, review_id, now(), limit=RECENT)
    return render(
        request,
        "portal/review.html",
        {
            "review": view,
            "names": names,
            "way": way(view),
            "steps": links(view, _possible(view)),
            "policy": parties.policy(view.body, view.policy_version),
            "conversation": conversation,
            "begin": begin(conversation.may),
            "now_part": _now_part(asking, view).render(request),
            "happened_part": _happened_part(asking, view, names).render(request),
            "of_developer": view.developer in asking.organisations,
            "may_call": view.state is ReviewState.CONSENTED
            and view.consent is not None
            and asking.person in view.consent.people,
        },
    )


@require_safe
def review_part(request: HttpRequest, review_id: str, part: str) -> HttpResponse:
    """``/reviews/<id>/parts/<now|happened>/``: one part of the page, for its refreshing."""
    if not request.user.is_authenticated:
        return signed_out()
    asking = asker(request)
    view = cases.review(asking, review_id, now())
    names = parties.names()
    made = _now_part(asking, view) if part == "now" else _happened_part(asking, view, names)
    return made.answer(request)


@login_required
@require_safe
def timeline(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/timeline/``: all that happened, newest first; ``?before=`` goes further back."""
    asking, before = asker(request), request.GET.get("before")
    context = {
        "review": cases.brief(asking, review_id, now()),
        "part": cases.timeline(asking, review_id, before=before),
        "before": before,
        "names": parties.names(),
    }
    return render(request, "portal/timeline.html", context)


@login_required
@require_safe
def uses(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/uses/``: every use of the model that the asker may see, newest first."""
    asking = asker(request)
    context = {
        "review": cases.review(asking, review_id, now()),
        "uses": access.exchanges(asking, review_id, limit=500),
        "usage": access.usage(asking, review_id),
        "names": parties.names(),
    }
    return render(request, "portal/uses.html", context)


def _now_part(asking: Actor, view: ReviewView) -> Part:
    """The clock and the budget used."""
    usage = access.usage(asking, view.id) if view.consent else None
    context = {"review": view, "face": face(view, now()), "usage": usage}
    url = reverse("review-part", args=[view.id, "now"])
    return Part("now", url, "portal/review_now.html", context, over=view.state in ENDED)


def _happened_part(asking: Actor, view: ReviewView, names: dict[str, str]) -> Part:
    """The newest uses and the timeline."""
    uses = access.exchanges(asking, view.id, limit=RECENT) if view.consent else ()
    context = {"review": view, "uses": uses, "names": names}
    url = reverse("review-part", args=[view.id, "happened"])
    return Part("happened", url, "portal/review_happened.html", context, over=view.state in ENDED)


def _possible(view: ReviewView) -> list[Step]:
    """The steps that would change something: a policy can be adopted only if there is a newer one."""
    found = steps(view)
    if "adopt_policy" in view.may and parties.current_policy(view.body, now()).version == view.policy_version:
        found = [step for step in found if step.event != "adopt_policy"]
    return found


def _developers(asking: Actor) -> list[str]:
    """The organisations this person plans releases for."""
    return sorted(home for home, role in asking.roles if role is Role.GOVERNANCE)
