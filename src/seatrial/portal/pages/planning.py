"""Release plans: the lab's own desk. Nobody outside the developer sees any of it; looking at a move saves nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from seatrial.kernel.clock import now
from seatrial.kernel.errors import Misuse, NotFound
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, Role
from seatrial.portal.asking import asker
from seatrial.portal.buttons import press
from seatrial.portal.forms import PortalForm, long_text, objections
from seatrial.review.cases import api as cases
from seatrial.review.planning import api as planning
from seatrial.review.planning.types import (
    ANCHORS,
    Milestone,
    Move,
    PlanView,
    Progress,
    ReleasePlan,
    Side,
    Track,
    Unit,
    WindowRule,
)

from .timeline import timeline

_LOCAL = "%Y-%m-%dT%H:%M"
_ANCHORS = {
    "partner-release": "the release to trusted partners",
    "public-release": "the public release",
    "window-opens": "the window’s opening",
    "window-closes": "the window’s closing",
}


class LocalField(forms.DateTimeField):
    """A date and time as clocks in the plan's zone show it, without a zone of its own."""

    def __init__(self, **named: Any) -> None:
        super().__init__(widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_LOCAL), **named)

    def clean(self, value: Any) -> datetime | None:
        found: datetime | None = super().clean(value)
        return found.replace(tzinfo=None) if found else None


@login_required
@require_safe
def plans(request: HttpRequest) -> HttpResponse:
    """``/plans/``: the asker's plans and memos; a 404 for who belongs to no developer."""
    asking = asker(request)
    _desks(asking)
    context = {
        "plans": [(line, _local(line.partner_release, line.zone)) for line in planning.plans(asking)],
        "memos": planning.memos(asking),
        "options": planning.OPTIONS,
        "names": parties.names(),
        "may_write": bool(_writing(asking)),
    }
    return render(request, "portal/plans.html", context)


class NewPlan(PortalForm):
    """The head of a plan, and what to begin with."""

    developer = forms.ChoiceField(label="For", help_text="The organisation you plan for.")
    title = forms.CharField(label="Title", max_length=200, help_text="What you call this plan.")
    model = forms.CharField(label="Model", max_length=200)
    zone = forms.CharField(
        label="Time zone",
        max_length=80,
        initial="UTC",
        help_text="Where your days are counted, such as America/New_York.",
    )
    partner_release = LocalField(label="Release to trusted partners", help_text="In that time zone.")
    public_release = LocalField(label="Public release", help_text="In that time zone.")
    days = forms.IntegerField(
        label="Days of a review window", initial=30, min_value=0, max_value=30, help_text="0 for no window; 30 at most."
    )
    ends_before = forms.IntegerField(
        label="Days between its end and the release to partners", initial=5, min_value=0, max_value=400
    )
    usual = forms.BooleanField(label="Begin with the usual milestones", required=False, initial=True)

    def __init__(self, asking: Actor, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        names = parties.names()
        self.fields["developer"].choices = [(home, names.get(home, home)) for home in _writing(asking)]  # type: ignore[attr-defined]

    def content(self) -> ReleasePlan:
        said = self.cleaned_data
        plan = ReleasePlan(
            title=said["title"],
            model=said["model"],
            zone=said["zone"],
            partner_release=planning.moment(said["partner_release"], said["zone"]),
            public_release=planning.moment(said["public_release"], said["zone"]),
            window=WindowRule(said["days"], said["ends_before"]) if said["days"] else None,
            holidays=frozenset(),
            milestones=(),
        )
        return planning.starting(plan) if said["usual"] else plan


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """``/plans/new/``"""
    asking = asker(request)
    if not _writing(asking):
        raise _not_yours()
    form = NewPlan(asking, request.POST or None)
    if form.is_valid():
        with objections(to=form):
            developer = form.cleaned_data["developer"]
            made = planning.make_plan(by=asking, developer=developer, plan=form.content(), at=now())
            messages.success(request, "Kept. Only your organisation can see it.")
            return redirect("plan", made)
    return _form(request, form, None, "Plan a release", "Keep the plan", "Nobody outside your organisation can see it.")


@login_required
@require_safe
def plan(request: HttpRequest, plan_id: str) -> HttpResponse:
    """``/plans/<id>/``"""
    asking = asker(request)
    return _page(request, asking, planning.plan(asking, plan_id, now()))


class WhatIf(PortalForm):
    """Other dates, and another length of one milestone. It is sent by GET: looking changes nothing."""

    says_optional = False

    partner = LocalField(label="Release to trusted partners")
    public = LocalField(label="Public release")
    milestone = forms.ChoiceField(label="A milestone’s length", required=False)
    length = forms.IntegerField(label="Its days", min_value=1, max_value=400, required=False)

    def __init__(self, view: PlanView, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        keys = [(item.milestone.key, item.milestone.title) for item in view.schedule.items]
        self.fields["milestone"].choices = [("", "No other length"), *keys]  # type: ignore[attr-defined]
        self._view = view

    def move(self) -> Move:
        """A time that the form showed as it is moves nothing: the form shows minutes, and nobody moved it."""
        said, content = self.cleaned_data, self._view.plan
        present = {"partner": content.partner_release, "public": content.public_release}
        dates = {
            name: None
            if f"{planning.local_time(at, content.zone):{_LOCAL}}" == f"{said[name]:{_LOCAL}}"
            else said[name]
            for name, at in present.items()
        }
        partner, public = (at and planning.moment(at, content.zone) for at in dates.values())
        lengths = ((said["milestone"], said["length"]),) if said["milestone"] and said["length"] else ()
        return Move(partner, public, lengths)


@login_required
@require_http_methods(["GET", "POST"])
def what_if(request: HttpRequest, plan_id: str) -> HttpResponse:
    """``/plans/<id>/what-if/``: GET shows what a move would make slip; POST of the same words makes it."""
    asking, at = asker(request), now()
    view = planning.plan(asking, plan_id, at)
    typed = request.POST if request.method == "POST" else request.GET
    content = view.plan
    initial = {
        "partner": planning.local_time(content.partner_release, content.zone),
        "public": planning.local_time(content.public_release, content.zone),
    }
    form = WhatIf(view, typed if "partner" in typed else None, initial=initial)
    shown = None
    if form.is_valid():
        with objections(to=form):
            move = form.move()
            if request.method == "POST":
                planning.move_plan(by=asking, plan=plan_id, move=move, at=at)
                messages.success(request, "Moved. The planned window is no longer than it was.")
                return redirect("plan", plan_id)
            shown = planning.what_if(content, move, at)
    context = {
        "plan": view,
        "form": form,
        "shown": shown,
        "typed": typed.items() if shown else (),
        "windows": [
            (words, _window(window, content.zone))
            for words, window in (("Now", shown.window_before), ("Then", shown.window_after))
        ]
        if shown
        else (),
    }
    return render(request, "portal/plan_what_if.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def mark(request: HttpRequest, plan_id: str, key: str, progress: str) -> HttpResponse:
    """``/plans/<id>/milestones/<key>/mark/<progress>/``"""
    if progress not in list(Progress):
        raise NotFound("no-such-mark", "A milestone is open, begun or done.")
    said = {Progress.OPEN: "Open again.", Progress.BEGUN: "Begun.", Progress.DONE: "Done."}[Progress(progress)]
    return press(
        request,
        lambda: planning.mark_milestone(
            by=asker(request), plan=plan_id, milestone=key, progress=Progress(progress), at=now()
        ),
        done=said,
        back=("plan", plan_id),
    )


class MilestoneForm(PortalForm):
    """One milestone and its rule."""

    key = forms.CharField(label="Key", max_length=60, help_text="Lower-case letters, digits and hyphens.")
    title = forms.CharField(label="Title", max_length=200)
    track = forms.ChoiceField(label="Track", choices=[(t.value, t.value.capitalize()) for t in Track])
    owner = forms.CharField(label="Owner", max_length=200, help_text="A name, or a person’s id.")
    days = forms.IntegerField(label="How many days", min_value=0, max_value=400, initial=1)
    unit = forms.ChoiceField(label="Which days", choices=[(u.value, f"{u.value.capitalize()} days") for u in Unit])
    side = forms.ChoiceField(label="Before or after", choices=[(s.value, s.value.capitalize()) for s in Side])
    anchor = forms.ChoiceField(label="What")
    length = forms.IntegerField(label="Days it takes", min_value=1, max_value=400, initial=1)
    needs = forms.CharField(
        label="Needs", required=False, help_text="Keys of milestones that must be done first, separated by commas."
    )

    def __init__(self, view: PlanView, old: Milestone | None, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        others = [(m.key, m.title) for m in view.plan.milestones if m is not old]
        anchors = [(anchor, _ANCHORS[anchor].capitalize()) for anchor in ANCHORS]
        self.fields["anchor"].choices = [*anchors, *others]  # type: ignore[attr-defined]
        if old is not None:
            self.fields["key"].disabled = True

    def milestone(self) -> Milestone:
        said = self.cleaned_data
        return Milestone(
            key=said["key"],
            title=said["title"],
            track=Track(said["track"]),
            owner=said["owner"],
            days=said["days"],
            unit=Unit(said["unit"]),
            side=Side(said["side"]),
            anchor=said["anchor"],
            length=said["length"],
            needs=tuple(dict.fromkeys(key for key in said["needs"].replace(",", " ").split())),
        )


@login_required
@require_http_methods(["GET", "POST"])
def milestone(request: HttpRequest, plan_id: str, key: str = "") -> HttpResponse:
    """``/plans/<id>/milestones/new/`` and ``/plans/<id>/milestones/<key>/``"""
    asking = asker(request)
    view = _written(asking, plan_id)
    old = next((m for m in view.plan.milestones if m.key == key), None)
    if key and old is None:
        raise NotFound("no-such-milestone", f"This plan has no milestone {key!r}.")
    initial = (
        {name: getattr(old, name) for name in Milestone.__slots__} | {"needs": ", ".join(old.needs)} if old else None
    )
    form = MilestoneForm(view, old, request.POST or None, initial=initial)
    if form.is_valid():
        with objections(to=form):
            planning.set_milestone(by=asking, plan=plan_id, milestone=form.milestone(), at=now())
            messages.success(request, "Written.")
            return redirect("plan", plan_id)
    return _form(request, form, view, old.title if old else "Add a milestone", "Keep it", "", removes=key)


@login_required
@require_POST
def remove(request: HttpRequest, plan_id: str, key: str) -> HttpResponse:
    """``/plans/<id>/milestones/<key>/remove/``"""
    return press(
        request,
        lambda: planning.remove_milestone(by=asker(request), plan=plan_id, milestone=key, at=now()),
        done="Taken out.",
        back=("plan", plan_id),
    )


class PlanText(PortalForm):
    """The whole plan as a file."""

    text = forms.CharField(label="The plan as a file (TOML)", max_length=1_000_000, widget=long_text(30))
    revision = forms.IntegerField(widget=forms.HiddenInput)


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, plan_id: str) -> HttpResponse:
    """``/plans/<id>/edit/``: everything the plan says, as the file that the command line reads."""
    asking = asker(request)
    view = _written(asking, plan_id)
    initial = {"text": planning.to_toml(view.plan), "revision": view.revision}
    form = PlanText(request.POST or None, initial=initial)
    if form.is_valid():
        with objections(to=form):
            content = planning.from_toml(form.cleaned_data["text"])
            revision = form.cleaned_data["revision"]
            planning.rewrite_plan(by=asking, plan=plan_id, content=content, revision=revision, at=now())
            messages.success(request, "Changed.")
            return redirect("plan", plan_id)
    intro = "Title, dates, window, holidays and milestones. Times without an offset count in the plan’s zone."
    return _form(request, form, view, "Change the plan", "Keep the change", intro)


class Link(PortalForm):
    review = forms.ChoiceField(label="Review", required=False)

    def __init__(self, asking: Actor, view: PlanView, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        ours = [(r.id, r.title) for r in cases.reviews(asking, now()) if r.developer == view.developer]
        self.fields["review"].choices = [("", "No review"), *ours]  # type: ignore[attr-defined]


@login_required
@require_http_methods(["GET", "POST"])
def link(request: HttpRequest, plan_id: str) -> HttpResponse:
    """``/plans/<id>/review/``: which review the plan is about."""
    asking = asker(request)
    view = _written(asking, plan_id)
    form = Link(asking, view, request.POST or None, initial={"review": view.linked.id if view.linked else ""})
    if form.is_valid():
        with objections(to=form):
            planning.link_review(by=asking, plan=plan_id, review=form.cleaned_data["review"] or None, at=now())
            messages.success(request, "Linked." if form.cleaned_data["review"] else "Not about a review any more.")
            return redirect("plan", plan_id)
    intro = "Each keeps its own dates: moving the plan never moves the review’s, nor the other way round."
    return _form(request, form, view, "The review it is about", "Keep it", intro)


@login_required
@require_POST
def feed(request: HttpRequest, plan_id: str) -> HttpResponse:
    """``/plans/<id>/feed/``: a new calendar address, shown in this answer only."""
    asking, at = asker(request), now()
    secret = planning.issue_feed(by=asking, plan=plan_id, at=at)
    address = settings.SEATRIAL.portal_url + reverse("plan-calendar", args=[secret])
    return _page(request, asking, planning.plan(asking, plan_id, at), address=address)


@login_required
@require_POST
def end_feed(request: HttpRequest, plan_id: str) -> HttpResponse:
    """``/plans/<id>/feed/end/``"""
    return press(
        request,
        lambda: planning.revoke_feed(by=asker(request), plan=plan_id, at=now()),
        done="Ended. Nobody can read the calendar at the old address any more.",
        back=("plan", plan_id),
    )


@login_required
@require_safe
def as_file(request: HttpRequest, plan_id: str, form: str) -> HttpResponse:
    """``/plans/<id>/plan.toml`` and ``/plans/<id>/plan.ics``"""
    asking = asker(request)
    if form == "ics":
        body, media = planning.ics(planning.calendar(asking, plan_id, now())), "text/calendar"
    else:
        body, media = planning.to_toml(planning.plan(asking, plan_id, now()).plan).encode(), "application/toml"
    headers = {"Content-Disposition": f'attachment; filename="plan.{form}"'}
    return HttpResponse(body, content_type=f"{media}; charset=utf-8", headers=headers)


def _page(request: HttpRequest, asking: Actor, view: PlanView, address: str = "") -> HttpResponse:
    content = view.plan
    context = {
        "plan": view,
        "late": view.schedule.late,
        "done": sum(item.milestone.progress is Progress.DONE for item in view.schedule.items),
        "timeline": timeline(view),
        "dates": [
            ("Release to trusted partners", _local(content.partner_release, content.zone)),
            ("Planned window", _window(view.schedule.window, content.zone)),
            ("Public release", _local(content.public_release, content.zone)),
        ],
        "review_window": _window(view.linked.window, content.zone) if view.linked else "",
        "names": parties.names(),
        "address": address,
        "may_move_review": asking.has(Role.GOVERNANCE, view.developer),
    }
    return render(request, "portal/release_plan.html", context)


def _form(
    request: HttpRequest, form: PortalForm, view: PlanView | None, here: str, button: str, intro: str, removes: str = ""
) -> HttpResponse:
    context = {"form": form, "plan": view, "here": here, "button": button, "intro": intro, "removes": removes}
    return render(request, "portal/plan_form.html", context, status=422 if form.errors else 200)


def _written(asking: Actor, plan_id: str) -> PlanView:
    """The plan, for who may change it. Raises ``NotFound``."""
    view = planning.plan(asking, plan_id, now())
    if not view.may_write:
        raise NotFound("not-offered", "Changing a plan is for the developer’s governance lead.")
    return view


def _desks(asking: Actor) -> tuple[str, ...]:
    """The developers the asker belongs to. Raises ``NotFound``, the same for everybody else."""
    found = planning.desks(asking)
    if not found:
        raise _not_yours()
    return found


def _writing(asking: Actor) -> list[str]:
    return [home for home in planning.desks(asking) if asking.has(Role.GOVERNANCE, home)]


def _not_yours() -> Misuse:
    return NotFound("not-offered", "Release plans and memos are a developer’s own.")


def _local(at: datetime, zone: str) -> str:
    local = planning.local_time(at, zone)
    shown = f"{local.day} {local:%B %Y, %H:%M} {zone}"
    return shown if zone == "UTC" else f"{shown} ({at:%d %b, %H:%M} UTC)"


def _window(window: Any, zone: str) -> str:
    if window is None:
        return "None"
    days = window.length.total_seconds() / 86400
    return f"{_local(window.opens, zone)} to {_local(window.closes, zone)}: {days:g} days of 24 hours"
