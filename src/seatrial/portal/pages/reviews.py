"""Reviews: the list, a plan for a new one, a review's own page and its uses."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

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
from seatrial.review.access.types import ExchangeView
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import ENDED, ReviewState, ReviewView
from seatrial.review.threads import api as threads

from .clock import face, way
from .threads import begin

PAGE = 50  # reviews in one part of the list
USES = 100  # uses in one part of theirs
RECENT = 5  # uses, and threads, shown on a review's own page


class Chosen(PortalForm):
    """Which of the reviews to list."""

    says_optional = False
    find = forms.CharField(label="Title or model contains", max_length=200, required=False)
    show = forms.ChoiceField(
        label="Show",
        required=False,
        choices=[("", "All reviews"), ("open", "Those that go on"), ("ended", "Ended ones")],
    )


_ENDED = {"": None, "open": False, "ended": True}


@login_required
@require_safe
def reviews(request: HttpRequest) -> HttpResponse:
    """``/reviews/``: newest first; ``?find=`` and ``?show=`` choose, ``?after=`` goes further back."""
    asking, moment = asker(request), now()
    form = Chosen(request.GET, auto_id="choose_%s")
    chosen = form.cleaned_data if form.is_valid() else {"find": "", "show": ""}
    after, find, ended = request.GET.get("after", ""), chosen["find"], _ENDED[chosen["show"]]
    found = cases.reviews(asking, moment, after=after, limit=PAGE + 1, find=find, ended=ended)
    part = found[:PAGE]
    kept = {name: typed for name, typed in chosen.items() if typed}
    context = {
        "rows": [(view, face(view, moment)) for view in part],
        "may_plan": bool(_developers(asking)),
        "form": form,
        "chosen": kept,
        "newest": f"?{urlencode(kept)}" if after else None,
        "earlier": f"?{urlencode({**kept, 'after': part[-1].id})}" if len(found) > PAGE else None,
    }
    return render(request, "portal/reviews.html", context)


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
    uses = _recent_uses(asking, view)
    names = _names(view, uses)
    conversation = threads.threads(asking, review_id, now(), limit=RECENT)
    return render(
        request,
        "portal/review.html",
        {
            "review": view,
            "names": names,
            "openers": _openers(view),
            "way": way(view),
            "steps": links(view, _possible(view)),
            "policy": parties.policy(view.body, view.policy_version),
            "conversation": conversation,
            "begin": begin(conversation.may),
            "now_part": _now_part(asking, view).render(request),
            "happened_part": _happened_part(view, uses, names).render(request),
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
    if part == "now":
        return _now_part(asking, view).answer(request)
    uses = _recent_uses(asking, view)
    return _happened_part(view, uses, _names(view, uses)).answer(request)


@login_required
@require_safe
def timeline(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/timeline/``: all that happened, newest first; ``?before=`` goes further back."""
    asking, before = asker(request), request.GET.get("before")
    context = {
        "review": cases.brief(asking, review_id, now()),
        "part": cases.timeline(asking, review_id, before=before),
        "before": before,
        "names": {},  # the timeline names people itself
    }
    return render(request, "portal/timeline.html", context)


@login_required
@require_safe
def uses(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/uses/``: the uses that the asker may see, newest first; ``?before=`` goes further back."""
    asking, before = asker(request), request.GET.get("before")
    found = access.exchanges(asking, review_id, limit=USES + 1, before=before)
    part = found[:USES]
    context = {
        "review": cases.brief(asking, review_id, now()),
        "uses": part,
        "usage": access.usage(asking, review_id),
        "names": parties.names({use.person for use in part}),
        "before": before,
        "earlier": part[-1].id if len(found) > USES else None,
    }
    return render(request, "portal/uses.html", context)


def _now_part(asking: Actor, view: ReviewView) -> Part:
    """The clock and the budget used."""
    usage = access.usage(asking, view.id) if view.consent else None
    context = {"review": view, "face": face(view, now()), "usage": usage}
    url = reverse("review-part", args=[view.id, "now"])
    return Part("now", url, "portal/review_now.html", context, over=view.state in ENDED)


def _openers(view: ReviewView) -> dict[str, str]:
    """Who may open what is kept of calls, by key."""
    keeping = view.consent.keeping if view.consent else None
    holders = parties.recipient_holders(keeping.recipients) if keeping else {}
    names = parties.names(set(holders.values())) if holders else {}
    return {key: names.get(person, person) for key, person in holders.items()}


def _happened_part(view: ReviewView, uses: tuple[ExchangeView, ...], names: dict[str, str]) -> Part:
    """The newest uses and the timeline."""
    context = {"review": view, "uses": uses, "names": names}
    url = reverse("review-part", args=[view.id, "happened"])
    return Part("happened", url, "portal/review_happened.html", context, over=view.state in ENDED)


def _recent_uses(asking: Actor, view: ReviewView) -> tuple[ExchangeView, ...]:
    return access.exchanges(asking, view.id, limit=RECENT) if view.consent else ()


def _names(view: ReviewView, uses: tuple[ExchangeView, ...]) -> dict[str, str]:
    """The names of all that the page of a review speaks of."""
    found = {view.developer, view.body, *(use.person for use in uses), *(person for _, person in view.countersigned)}
    if view.consent is not None:
        found |= {view.consent.signed_by, *view.consent.people}
    for partner in view.partners:
        found |= {partner.organisation, *(partner.terms.people if partner.terms else ())}
    return parties.names(found)


def _possible(view: ReviewView) -> list[Step]:
    """The steps that would change something: a policy can be adopted only if there is a newer one."""
    found = steps(view)
    if "adopt_policy" in view.may and parties.current_policy(view.body, now()).version == view.policy_version:
        found = [step for step in found if step.event != "adopt_policy"]
    return found


def _developers(asking: Actor) -> list[str]:
    """The organisations this person plans releases for."""
    return sorted(home for home, role in asking.roles if role is Role.GOVERNANCE)
