"""An operator's exposures: which systems, how bad, what to do, by when; answers, dates, and how long they last."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from seatrial.clearinghouse.remediation import api as remediation
from seatrial.clearinghouse.remediation.types import Justification, PaceView, Said, Status
from seatrial.kernel.clock import now
from seatrial.kernel.errors import NotFound
from seatrial.parties import api as parties
from seatrial.parties.types import Role
from seatrial.portal.asking import asker
from seatrial.portal.buttons import press
from seatrial.portal.forms import PortalForm, long_text, objections
from seatrial.portal.templatetags.words import said

_PART = 50
_WHY_NOT = {
    Justification.COMPONENT_NOT_PRESENT: "The component is not there",
    Justification.CODE_NOT_PRESENT: "The vulnerable code is not there",
    Justification.CODE_NOT_IN_PATH: "The vulnerable code is never run",
    Justification.CODE_NOT_CONTROLLED: "No attacker can reach the vulnerable code",
    Justification.MITIGATIONS: "Something of ours already stops it",
}


@login_required
@require_safe
def exposures(request: HttpRequest) -> HttpResponse:
    """``/exposures/``; ``?show=over`` those that are over, ``?q=`` a part of system, component or title, ``?from=``."""
    asking, search = asker(request), request.GET.get("q", "")[:200]
    over, start = request.GET.get("show") == "over", _number(request.GET.get("from", ""))
    found = remediation.exposures(asking, over=over, search=search, limit=_PART + 1, offset=start)
    homes = sorted(home for home, role in asking.roles if role is Role.DEFENDER)
    names = parties.names(set(homes))
    context = {
        "lines": found[:_PART],
        "more": start + _PART if len(found) > _PART else 0,
        "over": over,
        "search": search,
        "homes": [(home, names.get(home, home)) for home in homes],
        "today": now().date(),
        "undertakings": remediation.undertakings(asking),
    }
    return render(request, "portal/exposures.html", context)


class AnswerForm(PortalForm):
    """What is said of an exposure, as VEX has it."""

    status = forms.ChoiceField(
        label="What becomes of it",
        choices=[
            (Status.UNDER_INVESTIGATION.value, "We are looking into it"),
            (Status.AFFECTED.value, "We are affected"),
            (Status.FIXED.value, "It is fixed here"),
            (Status.NOT_AFFECTED.value, "We are not affected"),
        ],
        widget=forms.RadioSelect,
    )
    justification = forms.ChoiceField(
        label="Why you are not affected",
        choices=[("", "–"), *((reason.value, words) for reason, words in _WHY_NOT.items())],
        required=False,
        help_text="Only for “We are not affected”; or say it in a note.",
    )
    action = forms.CharField(label="What you will do", max_length=4000, widget=long_text(2), required=False)
    until = forms.DateField(
        label="By when",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Your own date. Nobody else sees it, and you can move it.",
    )
    note = forms.CharField(label="Note", max_length=4000, widget=long_text(2), required=False)

    def said(self) -> Said:
        given = self.cleaned_data
        reason = Justification(given["justification"]) if given["justification"] else None
        return Said(Status(given["status"]), reason, given["note"], given["action"], given["until"])


@login_required
@require_http_methods(["GET", "POST"])
def exposure(request: HttpRequest, exposure_id: str) -> HttpResponse:
    """``/exposures/<exposure>/``"""
    asking = asker(request)
    found = remediation.exposure(asking, exposure_id)
    form = AnswerForm(request.POST or None)
    if form.is_valid():
        with objections(to=form):
            remediation.answer(by=asking, exposures=[exposure_id], said=form.said(), at=now())
            messages.success(request, f"Kept: {said(form.said().status).lower()}.")
            return redirect("exposure", exposure_id)
    return render(request, "portal/exposure.html", {"one": found, "form": form}, status=422 if form.errors else 200)


class PaceForm(PortalForm):
    """The days an operator gives itself."""

    act = forms.IntegerField(label="Days for what is to be acted on", min_value=0, max_value=3650, required=False)
    attend = forms.IntegerField(label="Days for what is to be attended to", min_value=0, max_value=3650, required=False)
    track_more = forms.IntegerField(
        label="Days for what is tracked closely", min_value=0, max_value=3650, required=False
    )
    track = forms.IntegerField(label="Days for what is tracked", min_value=0, max_value=3650, required=False)
    remind = forms.IntegerField(label="Remind us so many days before", min_value=0, max_value=3650, required=False)
    sector = forms.ChoiceField(
        label="Sector",
        choices=[("", "None"), *((sector, sector.capitalize()) for sector in remediation.SECTORS)],
        required=False,
        help_text=f"You count in its sums, which are shown once {remediation.LEAST} operators stand behind them.",
    )


@login_required
@require_http_methods(["GET", "POST"])
def pace(request: HttpRequest, organisation_id: str) -> HttpResponse:
    """``/exposures/<organisation>/pace/``"""
    asking = asker(request)
    known = remediation.pace(asking, organisation_id)
    initial = {name: getattr(known, name) for name in PaceForm.base_fields}
    form = PaceForm(request.POST or None, initial=initial)
    if form.is_valid():
        with objections(to=form):
            remediation.state_pace(by=asking, pace=PaceView(organisation_id, **form.cleaned_data), at=now())
            messages.success(request, "Kept. What is open has its dates by it, unless you gave it one of its own.")
            return redirect("exposures")
    return _pace_page(request, organisation_id, form)


def _pace_page(request: HttpRequest, organisation_id: str, form: PaceForm, address: str = "") -> HttpResponse:
    found = remediation.calendar_of(asker(request), organisation_id)
    context = {
        "form": form,
        "organisation": organisation_id,
        "name": parties.organisation(organisation_id).name,
        "calendar": found,
        "issued_by": parties.names([found.issued_by]).get(found.issued_by, found.issued_by) if found else "",
        "address": address,
    }
    return render(request, "portal/exposure_pace.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def issue_calendar(request: HttpRequest, organisation_id: str) -> HttpResponse:
    """``/exposures/<organisation>/calendar/``: a new address, shown in this answer only."""
    asking = asker(request)
    secret = remediation.issue_calendar(by=asking, organisation=organisation_id, at=now())
    known = remediation.pace(asking, organisation_id)
    form = PaceForm(initial={name: getattr(known, name) for name in PaceForm.base_fields})
    address = settings.SEATRIAL.portal_url + reverse("exposures-calendar", args=[secret])
    return _pace_page(request, organisation_id, form, address)


@login_required
@require_POST
def end_calendar(request: HttpRequest, organisation_id: str) -> HttpResponse:
    """``/exposures/<organisation>/calendar/end/``"""
    return press(
        request,
        lambda: remediation.end_calendar(by=asker(request), organisation=organisation_id, at=now()),
        done="Ended. Nobody can read your dates at the old address any more.",
        back=("exposures-pace", organisation_id),
    )


@login_required
@require_POST
def move_undertaking(request: HttpRequest, undertaking_id: str, move: str) -> HttpResponse:
    """``/undertakings/<undertaking>/<move>/``"""
    asking = asker(request)
    return press(
        request,
        lambda: remediation.move_undertaking(by=asking, undertaking=undertaking_id, move=move, at=now()),
        done="Done.",
        back=("exposures",),
    )


@login_required
@require_safe
def tickets(request: HttpRequest) -> HttpResponse:
    """``/exposures/tickets.csv``"""
    found = remediation.exposures(asker(request), limit=remediation.MOST)
    return _file(remediation.as_csv(found), "text/csv; charset=utf-8", "exposures.csv")


@login_required
@require_safe
def dates(request: HttpRequest) -> HttpResponse:
    """``/exposures/dates.ics``"""
    found = remediation.exposures(asker(request), limit=remediation.MOST)
    return _file(remediation.calendar(found), "text/calendar; charset=utf-8", "exposures.ics")


@login_required
@require_safe
def lasting(request: HttpRequest) -> HttpResponse:
    """``/exposures/lasting/``: how long they last; ``?advisory=`` of one."""
    asking, moment = asker(request), now()
    advisory = request.GET.get("advisory", "")[:100]
    curves = remediation.curves(asking, moment, advisory=advisory)
    sectors = remediation.sectors(asking, moment)
    if not curves and not sectors and not any(role in (Role.DEFENDER, Role.ANALYST) for _, role in asking.roles):
        raise NotFound("not-offered", "There is nothing here for you now.")
    until = max((step.days for steps in curves.values() for step in steps), default=0.0)
    context = {
        "advisory": advisory,
        "sectors": sectors,
        "least": remediation.LEAST,
        "figure": SafeString(remediation.remediation_figure(curves, until=max(1.0, until * 1.1))) if curves else "",
        "curves": [_row(name, steps) for name, steps in curves.items()],
    }
    return render(request, "portal/exposures_lasting.html", context)


def _row(name: str, steps: tuple[remediation.Step, ...]) -> dict[str, Any]:
    return {
        "name": name,
        "exposures": steps[0].at_risk,
        "half": remediation.days_until(steps, 0.5),
        "most": remediation.days_until(steps, 0.95),
        "open": round(100 * steps[-1].share),
        "steps": steps,
    }


def _file(content: str | bytes, kind: str, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else 0
