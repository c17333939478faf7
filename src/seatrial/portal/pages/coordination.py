"""Cases of several parties: the list, and a case with its embargo's clock, its parties and its thread."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from seatrial.clearinghouse.advisories import api as advisories
from seatrial.clearinghouse.coordination import api as coordination
from seatrial.clearinghouse.coordination.types import CoordinationView, MilestoneKind, PartyView
from seatrial.clearinghouse.triage import api as triage
from seatrial.kernel.clock import now
from seatrial.kernel.errors import NotFound
from seatrial.parties.types import Role
from seatrial.portal.asking import asker
from seatrial.portal.buttons import press
from seatrial.portal.forms import PortalForm, long_text, objections
from seatrial.portal.moves import OF_CASE, OF_PARTY, Move, offered
from seatrial.portal.templatetags.cases import LETTERS, milestone_words

from .embargo import face

MOST = 200  # cases in the list


@login_required
@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    """``/cases/``: the open ones one may see, by priority and age; ``?closed=1`` those that ended."""
    closed = request.GET.get("closed") == "1"
    lines = coordination.cases(asker(request), now(), limit=MOST + 1, closed=closed)
    context = {"lines": lines[:MOST], "more": len(lines) > MOST, "most": MOST, "closed": closed}
    return render(request, "portal/cases.html", context)


@login_required
@require_safe
def case(request: HttpRequest, case_id: str) -> HttpResponse:
    """``/cases/<id>/``; ``?before=`` goes back in the thread."""
    asking, moment, before = asker(request), now(), request.GET.get("before")
    view = coordination.case(asking, case_id, moment)
    context = {
        "case": view,
        "face": face(view.embargo, moment),
        # One's own organisation before those outside, for which an analyst speaks.
        "own": [
            (party, found)
            for party in sorted(view.parties, key=lambda party: not party.organisation)
            if (found := party_links(view, party))
        ],
        "moves": case_links(view),
        "advisories": advisories.advisories(asking, case=case_id),
        "thread": coordination.thread(asking, case_id, moment, before=before),
        "before": before,
        "legend": LETTERS,
        "now": moment,
    }
    return render(request, "portal/case_page.html", context)


class Opening(PortalForm):
    """What a case begins with. Its subjects are the reports of the finding's cluster."""

    title = forms.CharField(label="Title", max_length=200)
    summary = forms.CharField(
        label="Summary", max_length=50_000, widget=long_text(8), help_text="Every party that is told reads it."
    )
    product = forms.CharField(
        label="Product", max_length=200, help_text="Whoever is invited reads this before anything else."
    )
    priority = forms.IntegerField(
        label="Priority", min_value=0, max_value=1_000_000, initial=100, help_text="The lowest number goes first."
    )


@login_required
@require_http_methods(["GET", "POST"])
def open_case(request: HttpRequest, report_id: str) -> HttpResponse:
    """``/findings/<report>/case/``"""
    asking = asker(request)
    view = triage.finding(asking, report_id)
    if not any(role is Role.ANALYST for _, role in asking.roles):
        raise NotFound("not-offered", "There is nothing here for you now.")
    cluster = triage.cluster(asking, view.line.cluster)
    known = {"title": view.report.title, "summary": view.report.description, "product": view.report.product}
    form = Opening(request.POST or None, initial=known)
    if form.is_valid():
        with objections(to=form):
            made = coordination.open_case(by=asking, subjects=[cluster.id], **form.cleaned_data, at=now())
            messages.success(request, "Opened. Invite who can fix it.")
            return redirect("coordination-case", made)
    context = {"form": form, "finding": view, "here": "Open a case", "button": "Open it", "about": cluster.reports}
    return render(request, "portal/finding_form.html", context, status=422 if form.errors else 200)


def party_links(view: CoordinationView, party: PartyView) -> list[tuple[Move, str]]:
    """What the asker can do for a party, each with its address."""
    return [
        (move, reverse("coordination-party-move", args=[view.id, party.id, move.slug]))
        for move in offered(OF_PARTY, party.may)
    ]


def case_links(view: CoordinationView) -> list[tuple[Move, str]]:
    """What the asker can do with the case itself, each with its address."""
    return [(move, reverse("coordination-move", args=[view.id, move.slug])) for move in offered(OF_CASE, view.may)]


@login_required
@require_POST
def relayed(request: HttpRequest, case_id: str, party_id: str) -> HttpResponse:
    """``/cases/<id>/parties/<party>/relayed/``: somebody of the reporter chain was told by other means."""
    kind = _milestone(request.POST.get("kind", ""))
    return press(
        request,
        lambda: coordination.mark_told(by=asker(request), case=case_id, kind=kind, party=party_id, at=now()),
        done=f"Noted: told of “{milestone_words(kind)}”.",
        back=("coordination-case", case_id),
    )


def _milestone(word: str) -> MilestoneKind:
    try:
        return MilestoneKind(word)
    except ValueError as error:
        raise NotFound("no-such-relay", "There is no such milestone; the case’s own page lists them.") from error
