"""Whom the review body consulted, for a review or for a determination request: a list, and one form to record it."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from seatrial.kernel.clock import now
from seatrial.kernel.errors import NotFound
from seatrial.parties.types import Role
from seatrial.portal.asking import asker
from seatrial.portal.forms import PortalForm, long_text, objections
from seatrial.portal.templatetags.words import said
from seatrial.review.cases import api as cases
from seatrial.review.determinations import api as determinations
from seatrial.review.determinations.types import Consulted, Stance

INTRO = "Every memo drafted afterwards lists it, word for word. No determination needs one, and nothing waits for it."
NOT_OFFERED = "Recording a consultation is for an authority of the review body."


class Asked(PortalForm):
    """Who was consulted, and what was said."""

    organisation = forms.CharField(label="Organisation", max_length=200)
    person = forms.CharField(label="Person", max_length=200, required=False)
    capacity = forms.CharField(label="In which capacity", max_length=200)
    on = forms.DateField(label="On", widget=forms.DateInput(attrs={"type": "date"}))
    stance = forms.ChoiceField(
        label="What they said of the question",
        widget=forms.RadioSelect,
        choices=[(stance.value, said(stance)) for stance in Stance],
    )
    words = forms.CharField(label="Their words", required=False, widget=long_text(6), max_length=20_000)

    def consulted(self) -> Consulted:
        typed = self.cleaned_data
        return Consulted(
            typed["organisation"],
            typed["person"],
            typed["capacity"],
            Stance(typed["stance"]),
            typed["words"],
            typed["on"],
        )


@login_required
@require_http_methods(["GET", "POST"])
def of_review(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/consultations/new/``"""
    asking = asker(request)
    view = cases.review(asking, review_id, now())
    if not asking.has(Role.AUTHORITY, view.body):
        raise NotFound("not-offered", NOT_OFFERED)
    form = Asked(request.POST or None)
    if form.is_valid():
        with objections(to=form):
            determinations.record_consultation(by=asking, review=review_id, consulted=form.consulted(), at=now())
            messages.success(request, "Recorded.")
            return redirect("memos", review_id)
    context = {"form": form, "review": view, "here": "Record a consultation", "intro": INTRO, "button": "Record it"}
    return render(request, "portal/review_form.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def of_request(request: HttpRequest, request_id: str) -> HttpResponse:
    """``/determination-requests/<id>/consultations/new/``"""
    asking = asker(request)
    view = determinations.one_request(asking, request_id, now())
    if not asking.has(Role.AUTHORITY, view.body):
        raise NotFound("not-offered", NOT_OFFERED)
    form = Asked(request.POST or None)
    if form.is_valid():
        with objections(to=form):
            determinations.record_consultation(by=asking, request=request_id, consulted=form.consulted(), at=now())
            messages.success(request, "Recorded.")
            return redirect("determination-request", request_id)
    context = {"form": form, "asked": view, "here": "Record a consultation", "intro": INTRO, "button": "Record it"}
    return render(request, "portal/determination_request_form.html", context, status=422 if form.errors else 200)
