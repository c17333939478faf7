"""Declarations of interests: evaluators say what ties them to a developer, and the developer reads it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from seatrial.kernel.clock import now
from seatrial.kernel.errors import NotFound
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, Interest, InterestKind, OrganisationKind, OrganisationView
from seatrial.portal.asking import asker
from seatrial.portal.forms import PortalForm, long_text, objections

_ASKED = {
    InterestKind.EMPLOYMENT: ("Employment", "Work for them, now or in the last three years, or an offer of it."),
    InterestKind.EQUITY: ("Equity", "Shares, options or other stakes, also through a fund you direct."),
    InterestKind.FAMILY: ("Family", "Somebody close to you who works for them or owns a part of them."),
    InterestKind.RESEARCH_FUNDING: ("Research funding", "Money, compute or access they give to your research."),
    InterestKind.OTHER: ("Other", "Anything else that they would want to know."),
}


@login_required
@require_safe
def declarations(request: HttpRequest) -> HttpResponse:
    """``/declarations/``: one's own by developer, one's colleagues', and to a developer all that are about it."""
    asking, moment = asker(request), now()
    about = parties.organisations(asking, OrganisationKind.DEVELOPER)
    mine = {made.developer: made for made in parties.declared_by(asking, moment)}
    context = {
        "declares": bool(_declaring(asking)),
        "mine": [(developer, mine.get(developer.id)) for developer in about] if _declaring(asking) else [],
        "groups": [
            (developer, made)
            for developer in about
            if (
                made := [
                    one for one in parties.declarations(asking, developer.id, moment) if one.person != asking.person
                ]
            )
        ],
        "reads": any(developer.id in asking.organisations for developer in about),
        "asked": {kind.value: words[0] for kind, words in _ASKED.items()},
        "names": parties.names(),
    }
    return render(request, "portal/declarations.html", context)


class Interests(PortalForm):
    """A text for each kind of interest, or the word that there is none."""

    says_optional = False
    none = forms.BooleanField(label="I have no interest in this developer", required=False)
    organisation = forms.ChoiceField(label="You declare it as one of", required=False)

    def __init__(self, homes: list[OrganisationView], *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        if len(homes) == 1:
            del self.fields["organisation"]
        else:
            self.fields["organisation"].choices = [(home.id, home.name) for home in homes]  # type: ignore[attr-defined]
        for kind, (heading, asked) in _ASKED.items():
            widget = long_text(2)
            widget.attrs["class"] = "usa-textarea portal-short"
            self.fields[kind.value] = forms.CharField(
                label=heading, help_text=asked, required=False, max_length=2000, widget=widget
            )

    def clean(self) -> dict[str, Any]:
        """Either some interest, or none: not both and not neither."""
        typed = super().clean() or self.cleaned_data
        if bool(self.said()) == bool(typed.get("none")):
            raise forms.ValidationError("Write down what interests you have, or tick that there are none; not both.")
        return typed

    def said(self) -> list[Interest]:
        """What was typed, as interests."""
        return [
            Interest(kind, text) for kind in InterestKind if (text := self.cleaned_data.get(kind.value, "").strip())
        ]


@login_required
@require_http_methods(["GET", "POST"])
def declare(request: HttpRequest, developer: str) -> HttpResponse:
    """``/declarations/<developer>/``"""
    asking, moment = asker(request), now()
    homes = _declaring(asking)
    about = next(
        (one for one in parties.organisations(asking, OrganisationKind.DEVELOPER) if one.id == developer), None
    )
    if not homes or about is None:
        raise NotFound("not-offered", "There is nothing here for you to declare.")
    last = next((made for made in parties.declared_by(asking, moment) if made.developer == developer), None)
    form = Interests(homes, request.POST or None, initial=_before(last))
    if form.is_valid():
        with objections(to=form):
            home = form.cleaned_data.get("organisation") or homes[0].id
            parties.declare(by=asking, organisation=home, developer=developer, interests=form.said(), at=now())
            messages.success(request, f"Declared. {about.name} and your own organisation can read it.")
            return redirect("declarations")
    context = {"form": form, "about": about, "last": last}
    return render(request, "portal/declare.html", context, status=422 if form.errors else 200)


def _declaring(asking: Actor) -> list[OrganisationView]:
    """The bodies and partners that somebody belongs to."""
    homes = [parties.organisation(home) for home in sorted(asking.organisations)]
    return [home for home in homes if home.kind in (OrganisationKind.BODY, OrganisationKind.PARTNER)]


def _before(last: Any) -> dict[str, Any]:
    if last is None:
        return {}
    words: dict[str, Any] = {"none": not last.interests, "organisation": last.organisation}
    for interest in last.interests:
        words[interest.kind.value] = "\n".join(filter(None, (words.get(interest.kind.value), interest.text)))
    return words
