"""A maintainer's inbox: what waits for an answer, what one is invited to, and how much one can take."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from seatrial.clearinghouse.coordination import api as coordination
from seatrial.clearinghouse.coordination.types import Capacity, Delivery, Inbox, InvitationToCase
from seatrial.kernel.clock import now
from seatrial.kernel.errors import NotFound
from seatrial.parties import api as parties
from seatrial.parties.types import Actor
from seatrial.portal.asking import asker
from seatrial.portal.forms import PortalForm, long_text, objections
from seatrial.portal.moves import OF_PARTY, Move, offered
from seatrial.portal.templatetags.cases import DAYS


@login_required
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """``/inbox/``: of each organisation one acts for, what waits for a word first."""
    asking, moment = asker(request), now()
    boxes = coordination.inboxes(asking, moment)
    names = parties.names({box.organisation for box in boxes})
    parts = [_part(asking, box, names.get(box.organisation, box.organisation)) for box in boxes]
    return render(request, "portal/inbox.html", {"parts": parts, "alone": len(parts) == 1})


def _part(asking: Actor, box: Inbox, name: str) -> dict[str, Any]:
    return {
        "box": box,
        "name": name,
        "invitations": [(one, _steps(one)) for one in box.invitations],
        "asked": [line for line in box.cases if line.waited_for],
        "others": [line for line in box.cases if not line.waited_for],
        "states_capacity": _states(asking, box.organisation),
    }


def _steps(one: InvitationToCase) -> list[tuple[Move, str]]:
    return [(move, reverse("invitation-move", args=[one.party, move.slug])) for move in offered(OF_PARTY, one.may)]


class CapacityForm(PortalForm):
    """What a maintainer can take."""

    open_at_once = forms.IntegerField(label="Cases open at once", min_value=1, max_value=10_000, initial=3)
    per_week = forms.IntegerField(label="New cases in any seven days", min_value=1, max_value=10_000, initial=2)
    quiet_weekdays = forms.MultipleChoiceField(
        label="Days of the week on which nothing comes",
        choices=[(str(number), name) for number, name in enumerate(DAYS)],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    quiet_dates = forms.CharField(
        label="Dates on which nothing comes",
        widget=long_text(3),
        max_length=5_000,
        required=False,
        help_text="One stretch a line, first and last day: 2026-12-24 to 2027-01-02.",
    )
    delivery = forms.ChoiceField(
        label="How they come",
        choices=[
            (Delivery.SINGLE.value, "Each as soon as there is room"),
            (Delivery.DIGEST.value, "Together, at most once in seven days"),
        ],
        widget=forms.RadioSelect,
        initial=Delivery.SINGLE.value,
    )

    def clean_quiet_weekdays(self) -> list[int]:
        return [int(number) for number in self.cleaned_data["quiet_weekdays"]]

    def clean_quiet_dates(self) -> list[list[str]]:
        return [_stretch(line) for line in self.cleaned_data["quiet_dates"].splitlines() if line.strip()]


def _stretch(line: str) -> list[str]:
    """First and last day of a line, as ISO 8601; one day alone is both."""
    said = re.findall(r"\d{4}-\d{2}-\d{2}", line)
    rest = re.sub(r"\d{4}-\d{2}-\d{2}", "", line).strip()
    try:
        days = [date.fromisoformat(one) for one in said]
    except ValueError:
        days = []
    if not 1 <= len(days) <= 2 or rest not in ("", "to", "-", "–", "/", ","):
        raise forms.ValidationError(f"“{line.strip()[:60]}” is no stretch of days; write 2026-12-24 to 2027-01-02.")
    return [days[0].isoformat(), days[-1].isoformat()]


def _shown(capacity: Capacity) -> dict[str, Any]:
    return {
        "open_at_once": capacity.open_at_once,
        "per_week": capacity.per_week,
        "quiet_weekdays": [str(number) for number in sorted(capacity.quiet_weekdays)],
        "quiet_dates": "\n".join(f"{first} to {last}" for first, last in capacity.quiet_dates),
        "delivery": capacity.delivery.value,
    }


@login_required
@require_http_methods(["GET", "POST"])
def capacity(request: HttpRequest, organisation_id: str) -> HttpResponse:
    """``/inbox/<organisation>/capacity/``"""
    asking = asker(request)
    if not _states(asking, organisation_id):
        raise NotFound("not-offered", "There is nothing here for you now. Your inbox lists what you can do.")
    known = coordination.capacity_of(organisation_id)
    form = CapacityForm(request.POST or None, initial=_shown(known) if known else None)
    if form.is_valid():
        with objections(to=form):
            said = coordination.check_capacity(**form.cleaned_data)
            coordination.state_capacity(by=asking, organisation=organisation_id, capacity=said, at=now())
            messages.success(request, "Kept. What comes beyond it waits, the most important first.")
            return redirect("inbox")
    name = parties.organisation(organisation_id).name
    context = {"form": form, "name": name, "known": known}
    return render(request, "portal/capacity.html", context, status=422 if form.errors else 200)


def _states(asking: Actor, organisation: str) -> bool:
    return any(asking.has(role, organisation) for role in coordination.STATES_CAPACITY)
