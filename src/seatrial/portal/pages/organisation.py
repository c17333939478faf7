"""One's own organisation: its people and their roles, who was invited, who lends whom which role."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from seatrial.kernel.clock import now
from seatrial.kernel.errors import NotFound
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, OrganisationKind, OrganisationView, Role
from seatrial.portal.asking import asker
from seatrial.portal.buttons import press
from seatrial.portal.forms import MomentField, PortalForm, objections
from seatrial.portal.templatetags.words import said

_MEANT = {
    Role.GOVERNANCE: "plans, offers, closes reviews",
    Role.SECURITY: "sees every use, ends access",
    Role.SIGNATORY: "signs for the organisation",
    Role.INTAKE: "acknowledges, asks, routes",
    Role.EVALUATOR: "calls the model, runs campaigns",
    Role.AUTHORITY: "decides and records reasons",
    Role.ANALYST: "handles vulnerability reports",
    Role.MAINTAINER: "hears of vulnerabilities, and answers",
    Role.DEFENDER: "keeps inventories, and says what became of systems",
    Role.INSPECTOR: "reads, changes nothing",
    Role.COUNSEL: "advises; does only what a colleague delegates",
    Role.STEWARD: "invites people, gives and ends roles",
}


@login_required
@require_safe
def organisations(request: HttpRequest) -> HttpResponse:
    """``/organisations/``: straight to the one somebody belongs to, or the choice if there are several."""
    homes = sorted(asker(request).organisations)
    if len(homes) == 1:
        return redirect("organisation", homes[0])
    found = [parties.organisation(home) for home in homes]
    return render(request, "portal/organisations.html", {"found": found})


@login_required
@require_safe
def organisation(request: HttpRequest, organisation_id: str) -> HttpResponse:
    """``/organisations/<id>/``"""
    asking, moment = asker(request), now()
    home = _own(asking, organisation_id)
    lent = parties.delegations(asking, home.id, moment)
    context = {
        "home": home,
        "people": [
            (person, sorted((role for where, role in person.roles if where == home.id), key=list(Role).index))
            for person in parties.people(asking, home.id)
        ],
        "manages": asking.has(Role.STEWARD, home.id),
        "invitations": parties.invitations(asking, home.id, moment),
        "running": [delegation for delegation in lent if delegation.in_force],
        "over": sum(not delegation.in_force for delegation in lent),
        "may_delegate": bool(_lendable(asking, home.id)),
        "declares": home.kind in (OrganisationKind.BODY, OrganisationKind.PARTNER, OrganisationKind.DEVELOPER),
        "names": parties.names(),
    }
    return render(request, "portal/organisation.html", context)


class Invite(PortalForm):
    """Whom to invite, and as what."""

    name = forms.CharField(label="Name", max_length=200, help_text="As they write it; every script is kept.")
    email = forms.EmailField(label="E-mail", max_length=254, help_text="What they will sign in with.")
    roles = forms.MultipleChoiceField(label="As", widget=forms.CheckboxSelectMultiple)


@login_required
@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest, organisation_id: str) -> HttpResponse:
    """``/organisations/<id>/invite/``: the link is shown in the answer, this once."""
    asking = asker(request)
    home = _managed(asking, organisation_id)
    form = Invite(request.POST or None)
    form.fields["roles"].choices = _role_choices(home)  # type: ignore[attr-defined]
    made = None
    if form.is_valid():
        typed = form.cleaned_data
        with objections(to=form):
            made = parties.invite(
                by=asking,
                organisation=home.id,
                email=typed["email"],
                name=typed["name"],
                roles=[Role(role) for role in typed["roles"]],
                at=now(),
            )
    context = {"home": home, "form": form, "made": made}
    return render(request, "portal/invite.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def uninvite(request: HttpRequest, organisation_id: str, invitation: str) -> HttpResponse:
    """``/organisations/<id>/invitations/<invitation>/withdraw/``"""
    return press(
        request,
        lambda: parties.withdraw_invitation(by=asker(request), invitation=invitation, at=now()),
        done="Withdrawn. The link opens nothing any more.",
        back=("organisation", organisation_id),
    )


class GiveRole(PortalForm):
    """One more role of a colleague."""

    role = forms.ChoiceField(label="Role")


@login_required
@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, organisation_id: str, person_id: str) -> HttpResponse:
    """``/organisations/<id>/people/<person>/``: a people manager gives a role here; the buttons end one, or all."""
    asking = asker(request)
    home = _managed(asking, organisation_id)
    found = next((one for one in parties.people(asking, home.id) if one.id == person_id), None)
    if found is None:
        raise NotFound("no-such-person", f"There is nobody {person_id!r} in {home.name}.")
    given = sorted((role for where, role in found.roles if where == home.id), key=list(Role).index)
    form = GiveRole(request.POST or None)
    form.fields["role"].choices = [choice for choice in _role_choices(home) if choice[0] not in given]  # type: ignore[attr-defined]
    if form.is_valid():
        role = Role(form.cleaned_data["role"])
        with objections(to=form):
            parties.give_role(by=asking, person=found.id, organisation=home.id, role=role, at=now())
            messages.success(request, f"{found.name} is {said(role).lower()} from now on.")
            return redirect("organisation-person", home.id, found.id)
    context = {"home": home, "person": found, "given": given, "form": form, "meant": _MEANT}
    return render(request, "portal/organisation_person.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def end_role(request: HttpRequest, organisation_id: str, person_id: str, role: str) -> HttpResponse:
    """``/organisations/<id>/people/<person>/roles/<role>/end/``"""
    if role not in list(Role):
        raise NotFound("no-such-role", f"There is no role {role!r}.")
    return press(
        request,
        lambda: parties.end_role(
            by=asker(request), person=person_id, organisation=organisation_id, role=Role(role), at=now()
        ),
        done="Ended. It counts for nothing from this moment.",
        back=("organisation", organisation_id),
    )


@login_required
@require_http_methods(["GET", "POST"])
def remove(request: HttpRequest, organisation_id: str, person_id: str) -> HttpResponse:
    """``/organisations/<id>/people/<person>/remove/``: says what will happen, with one button."""
    asking = asker(request)
    home = _managed(asking, organisation_id)
    if request.method == "POST":
        return press(
            request,
            lambda: parties.remove_person(by=asking, person=person_id, organisation=home.id, at=now()),
            done="Removed. Their roles and delegations here ended in this moment.",
            back=("organisation", home.id),
        )
    found = parties.person(asking, person_id)
    return render(request, "portal/organisation_remove.html", {"home": home, "person": found})


class Delegate(PortalForm):
    """Which of one's roles, to whom, until when."""

    role = forms.ChoiceField(label="Role of yours", widget=forms.RadioSelect)
    to = forms.ChoiceField(label="To")
    until = MomentField(label="Until (UTC)")

    def __init__(self, asking: Actor, home: OrganisationView, *arguments: object, **named: object) -> None:
        super().__init__(*arguments, **named)
        others = [one for one in parties.people(asking, home.id) if one.id != asking.person]
        mine = _lendable(asking, home.id)
        self.fields["role"].choices = [(role.value, f"{said(role)}: {_MEANT[role]}") for role in mine]  # type: ignore[attr-defined]
        self.fields["to"].choices = [("", "Choose a colleague"), *((one.id, one.name) for one in others)]  # type: ignore[attr-defined]
        self.fields["until"].help_text = f"At most {parties.LONGEST_DELEGATION.days} days ahead. You can end it sooner."


@login_required
@require_http_methods(["GET", "POST"])
def delegate(request: HttpRequest, organisation_id: str) -> HttpResponse:
    """``/organisations/<id>/delegate/``"""
    asking, moment = asker(request), now()
    home = _own(asking, organisation_id)
    mine = _lendable(asking, home.id)
    if not mine:
        raise NotFound("not-offered", "You have no role here that can be delegated.")
    week = moment.replace(second=0, microsecond=0) + timedelta(days=7)
    initial = {"until": week, "role": mine[0].value if len(mine) == 1 else None}
    form = Delegate(asking, home, request.POST or None, initial=initial)
    if form.is_valid():
        typed = form.cleaned_data
        with objections(to=form):
            parties.delegate(
                by=asking,
                organisation=home.id,
                role=Role(typed["role"]),
                to=typed["to"],
                until=typed["until"],
                at=now(),
            )
            messages.success(request, "Delegated. What they do with it stands on the record under their own name.")
            return redirect("organisation", home.id)
    context = {"home": home, "form": form, "never": [(said(role), why) for role, why in _kept(asking, home.id)]}
    return render(request, "portal/delegate.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def end_delegation(request: HttpRequest, organisation_id: str, delegation: str) -> HttpResponse:
    """``/organisations/<id>/delegations/<delegation>/end/``"""
    return press(
        request,
        lambda: parties.end_delegation(by=asker(request), delegation=delegation, at=now()),
        done="Ended. It counts for nothing from this moment.",
        back=("organisation", organisation_id),
    )


def _own(asking: Actor, organisation_id: str) -> OrganisationView:
    """An organisation that the asker belongs to. Raises ``NotFound``, as for one that there is not."""
    if organisation_id not in asking.organisations:
        raise NotFound("no-such-organisation", "You belong to no organisation of that name.")
    return parties.organisation(organisation_id)


def _managed(asking: Actor, organisation_id: str) -> OrganisationView:
    """One whose people the asker manages. Raises ``NotFound`` otherwise."""
    home = _own(asking, organisation_id)
    if not asking.has(Role.STEWARD, home.id):
        raise NotFound("not-offered", "Only its people manager changes who belongs to an organisation.")
    return home


def _role_choices(home: OrganisationView) -> list[tuple[str, str]]:
    fitting = sorted(parties.ROLES[home.kind], key=list(Role).index)
    return [(role.value, f"{said(role)}: {_MEANT[role]}") for role in fitting]


def _lendable(asking: Actor, home: str) -> list[Role]:
    own = {role for where, role in asking.roles - asking.delegated if where == home}
    return sorted(own - set(parties.NEVER_DELEGATED), key=list(Role).index)


def _kept(asking: Actor, home: str) -> list[tuple[Role, str]]:
    return [(role, why) for role, why in parties.NEVER_DELEGATED.items() if asking.has(role, home)]
