"""What a party does in a case, what is done with the case, and what one does with an invitation: one page for all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from seatrial.clearinghouse.coordination import api as coordination
from seatrial.clearinghouse.coordination.types import CoordinationView, InvitationToCase, PartyView
from seatrial.kernel.clock import now
from seatrial.kernel.errors import NotFound
from seatrial.parties.types import Actor
from seatrial.portal.asking import asker
from seatrial.portal.forms import objections
from seatrial.portal.moves import OF_CASE, OF_PARTY, Move, found

from .case_forms import FORMS, MoveForm, act_for_case, act_for_party


@login_required
@require_http_methods(["GET", "POST"])
def of_case(request: HttpRequest, case_id: str, move: str) -> HttpResponse:
    """``/cases/<id>/<move>/``"""
    asking = asker(request)
    view = coordination.case(asking, case_id, now())
    step = found(OF_CASE, view.may, move)
    form = _form(request, step, view, None)
    if form.is_valid() and _done(
        request, step, form, lambda: act_for_case(asking, case_id, step.word, form.cleaned_data, now())
    ):
        return redirect("coordination-case", case_id)
    return _page(request, step, form, {"case": view})


@login_required
@require_http_methods(["GET", "POST"])
def of_party(request: HttpRequest, case_id: str, party_id: str, move: str) -> HttpResponse:
    """``/cases/<id>/parties/<party>/<move>/``"""
    asking = asker(request)
    view = coordination.case(asking, case_id, now())
    party = next((one for one in view.parties if one.id == party_id), None)
    step = found(OF_PARTY, party.may if party else (), move)
    form = _form(request, step, view, party)
    if form.is_valid() and _done(
        request, step, form, lambda: act_for_party(asking, party_id, step.word, form.cleaned_data, now(), case_id)
    ):
        return redirect("coordination-case", case_id)
    return _page(request, step, form, {"case": view, "party": party})


@login_required
@require_http_methods(["GET", "POST"])
def of_invitation(request: HttpRequest, party_id: str, move: str) -> HttpResponse:
    """``/invitations/<party>/<move>/``: before one has been told, and so without the case's own page."""
    asking = asker(request)
    invitation = _invitation(asking, party_id)
    step = found(OF_PARTY, invitation.may, move)
    form = _form(request, step, None, None)
    if step.word == "join" and invitation.until is None:
        del form.fields["accept"]
    if form.is_valid() and _done(
        request, step, form, lambda: act_for_party(asking, party_id, step.word, form.cleaned_data, now())
    ):
        boxes = coordination.inboxes(asking, now())
        told = [line.case for box in boxes for line in box.cases if line.party == party_id]
        return redirect("coordination-case", told[0]) if told else redirect("inbox")
    return _page(request, step, form, {"invitation": invitation})


def _form(request: HttpRequest, step: Move, view: CoordinationView | None, party: PartyView | None) -> MoveForm:
    data = request.POST if request.method == "POST" else None
    return FORMS.get(step.word, MoveForm)(data, asking=asker(request), view=view, party=party, at=now())


def _done(request: HttpRequest, step: Move, form: MoveForm, act: Callable[[], None]) -> bool:
    """Make the call; true if nothing was said against it."""
    with objections(to=form):
        act()
        messages.success(request, step.done)
        return True
    return False


def _page(request: HttpRequest, step: Move, form: MoveForm, context: dict[str, Any]) -> HttpResponse:
    named = {"step": step, "form": form, **context}
    return render(request, "portal/case_form.html", named, status=422 if form.errors else 200)


def _invitation(asking: Actor, party: str) -> InvitationToCase:
    for box in coordination.inboxes(asking, now()):
        for one in box.invitations:
            if one.party == party:
                return one
    raise NotFound("no-such-invitation", f"There is no invitation {party[:60]!r} that is yours.")
