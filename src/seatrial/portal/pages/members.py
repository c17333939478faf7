"""Members: CSAF providers whose feeds are followed and mirrored, for analysts."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from seatrial.clearinghouse.members import api as members
from seatrial.kernel.clock import now
from seatrial.kernel.errors import NotFound, Unavailable
from seatrial.parties.types import Role
from seatrial.portal.asking import asker
from seatrial.portal.buttons import press
from seatrial.portal.forms import PortalForm, long_text, objections


class Adding(PortalForm):
    """Whom to follow."""

    url = forms.CharField(
        label="Address", max_length=500, help_text="A domain’s, such as https://vendor.example, or of its metadata."
    )
    name = forms.CharField(
        label="Folder", max_length=60, required=False, help_text="Small letters, digits and dashes; else its host."
    )
    mirror = forms.BooleanField(label="Mirror what it publishes", required=False, initial=True)
    keys = forms.CharField(
        label="Fingerprints of its keys",
        required=False,
        widget=long_text(2),
        help_text="As you were told by another way, one in each line. Else those it names now are kept.",
    )


@login_required
@require_safe
def all_members(request: HttpRequest) -> HttpResponse:
    """``/members/``"""
    return render(request, "portal/members.html", {"members": members.members(asker(request))})


@login_required
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """``/members/add/``"""
    asking = asker(request)
    if not any(role is Role.ANALYST for _, role in asking.roles):
        raise NotFound("not-offered", "There is nothing here for you.")
    form = Adding(request.POST or None)
    if form.is_valid():
        said = form.cleaned_data
        with objections(to=form):
            try:
                made = members.add_member(
                    by=asking,
                    url=said["url"],
                    name=said["name"],
                    mirror=said["mirror"],
                    keys=said["keys"].split("\n") if said["keys"] else (),
                    at=now(),
                )
            except Unavailable as error:
                form.add_error("url", error.message)
            else:
                messages.success(request, "It is followed from now on; the first reading begins within a minute.")
                return redirect("member", made)
    return render(request, "portal/member_add.html", {"form": form}, status=422 if form.errors else 200)


@login_required
@require_safe
def member(request: HttpRequest, member_id: str) -> HttpResponse:
    """``/members/<id>/``, with what could not be mirrored."""
    asking = asker(request)
    view = members.member(asking, member_id)
    return render(request, "portal/member.html", {"member": view, "faults": members.faults(asking, view.id)})


@login_required
@require_POST
def end(request: HttpRequest, member_id: str) -> HttpResponse:
    """``/members/<id>/end/``"""
    return press(
        request,
        lambda: members.end_member(by=asker(request), member=member_id, at=now()),
        done="It is followed no more; nothing of it is served or matched any longer.",
        back=("members",),
    )
