"""Trusted partners: proposed by either side, with terms both sign; and what a partner's own people see of it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from seatrial.kernel.clock import Window, now
from seatrial.kernel.errors import NotFound, Refused
from seatrial.kernel.money import millionths, written
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, OrganisationKind, Role
from seatrial.portal.asking import asker
from seatrial.portal.buttons import press
from seatrial.portal.forms import MomentField, PortalForm, exactly, long_text, objections
from seatrial.portal.steps import offered
from seatrial.portal.templatetags.words import said
from seatrial.review.access import api as access
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import AccessLevel, Budget, PartnerTerms, PartnerView, ReviewView


class Proposal(PortalForm):
    """An organisation proposed as a trusted partner, and why."""

    organisation = forms.ChoiceField(label="Organisation")
    criteria = forms.CharField(
        label="How it meets the criteria", max_length=10_000, required=False, widget=long_text(5)
    )


@login_required
@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/partners/``: propose a trusted partner."""
    asking = asker(request)
    view = cases.review(asking, review_id, now())
    offered(view, "propose_partner")
    form = Proposal(request.POST or None)
    known = {partner.organisation for partner in view.partners}
    form.fields["organisation"].choices = [  # type: ignore[attr-defined]
        (found.id, found.name)
        for found in parties.organisations(asking, OrganisationKind.PARTNER)
        if found.id not in known
    ]
    criteria = parties.policy(view.body, view.policy_version).criteria
    if criteria:
        form.fields["criteria"].help_text = "The policy asks: " + " ".join(criteria)
    if form.is_valid():
        with objections(to=form):
            cases.propose_partner(by=asking, review=review_id, **form.cleaned_data, at=now())
            messages.success(request, "Proposed. The developer signs terms, the review body signs the same terms.")
            return redirect("review", review_id)
    context = {
        "form": form,
        "review": view,
        "here": "Propose a trusted partner",
        "intro": "Proposing signs nothing. A partner’s access needs terms that the developer signs and the review body "
        "signs too. Either side ends it. Refusing has no effect on anything else.",
        "button": "Propose",
    }
    return render(request, "portal/review_form.html", context, status=422 if form.errors else 200)


class Terms(PortalForm):
    """What a partner may do, inside the standing consent."""

    people = forms.MultipleChoiceField(label="Who", widget=forms.CheckboxSelectMultiple)
    purposes = forms.MultipleChoiceField(label="For what", widget=forms.CheckboxSelectMultiple)
    levels = forms.MultipleChoiceField(label="How deep", widget=forms.CheckboxSelectMultiple)
    opens = MomentField(label="Opens (UTC)")
    closes = MomentField(label="Closes (UTC)", help_text="Inside the window of the consent.")
    requests = forms.IntegerField(label="Most requests", min_value=1, initial=500)
    tokens = forms.IntegerField(label="Most tokens, in and out", min_value=1, initial=200_000)
    concurrency = forms.IntegerField(label="Most requests at once", min_value=1, initial=2)
    money = forms.CharField(
        label="Most money",
        max_length=20,
        required=False,
        help_text="In the currency of the consent, if it names prices.",
    )

    def __init__(self, asking: Actor, view: ReviewView, partner: PartnerView, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        consent = view.consent
        people = [(person.id, person.name) for person in parties.people(asking, partner.organisation)]
        levels = sorted(consent.levels - {AccessLevel.WEIGHTS}) if consent else []
        choices: dict[str, list[tuple[str, str]]] = {
            "people": people,
            "purposes": [(word, said(word)) for word in sorted(consent.purposes if consent else ())],
            "levels": [(level.value, said(level)) for level in levels],
        }
        for name, chosen in choices.items():
            self.fields[name].choices = chosen  # type: ignore[attr-defined]

    def terms(self, last: Window) -> PartnerTerms:
        """What was typed; moments of the window ``last`` that were left alone stay exact."""
        typed = self.cleaned_data
        return PartnerTerms(
            people=frozenset(typed["people"]),
            purposes=frozenset(typed["purposes"]),
            levels=frozenset(AccessLevel(level) for level in typed["levels"]),
            budget=Budget(
                typed["requests"],
                typed["tokens"],
                typed["concurrency"],
                millionths(typed["money"], "The bound in money") if typed["money"] else None,
            ),
            window=Window(exactly(typed["opens"], last.opens), exactly(typed["closes"], last.closes)),
        )


@login_required
@require_http_methods(["GET", "POST"])
def terms(request: HttpRequest, review_id: str, organisation: str) -> HttpResponse:
    """``/reviews/<id>/partners/<organisation>/terms/``: the developer signs what a partner may do."""
    asking = asker(request)
    view = cases.review(asking, review_id, now())
    offered(view, "sign_partner_terms")
    partner = next((p for p in view.partners if p.organisation == organisation and not p.ended), None)
    window = view.clock.window
    if partner is None or view.consent is None or window is None:
        raise NotFound("not-offered", "There is no such partner for whom terms could be signed now.")
    last = partner.terms.window if partner.terms else window
    form = Terms(asking, view, partner, request.POST or None, initial=_proposal(view, partner, last))
    if form.is_valid():
        with objections(to=form):
            signed = form.terms(last)
            cases.sign_partner_terms(by=asking, review=review_id, organisation=organisation, terms=signed, at=now())
            messages.success(request, "Signed. They count once the review body has signed the same terms.")
            return redirect("review", review_id)
    context = {
        "form": form,
        "review": view,
        "here": f"Terms for {parties.organisation(organisation).name}",
        "intro": "A partner gets nothing that your consent does not give, and its use is counted apart.",
        "button": f"Sign for {view.developer_name}",
    }
    return render(request, "portal/review_form.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def countersign(request: HttpRequest, review_id: str, organisation: str) -> HttpResponse:
    """``/reviews/<id>/partners/<organisation>/sign/``: the review body signs the developer's terms."""
    return press(
        request,
        lambda: cases.countersign_partner(by=asker(request), review=review_id, organisation=organisation, at=now()),
        done="Signed. The partner’s people can issue themselves keys while the consent stands.",
        back=("review", review_id),
    )


@login_required
@require_POST
def end(request: HttpRequest, review_id: str, organisation: str) -> HttpResponse:
    """``/reviews/<id>/partners/<organisation>/end/``"""
    asking = asker(request)
    back: tuple[str, ...] = ("shared-with-you",) if organisation in asking.organisations else ("review", review_id)
    return press(
        request,
        lambda: cases.end_partner(by=asking, review=review_id, organisation=organisation, at=now()),
        done="Ended. Nothing else depends on it.",
        back=back,
    )


@login_required
@require_safe
def shared(request: HttpRequest) -> HttpResponse:
    """``/shared/``: what a partner's people were given to call, with their own keys and what is to be destroyed."""
    return _shared(request, asker(request))


@login_required
@require_POST
def issue(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/shared/<id>/key/``: a partner's person issues a key; it appears in this answer only."""
    asking = asker(request)
    try:
        made = access.issue_key(by=asking, review=review_id, purpose=request.POST.get("purpose", ""), at=now())
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("shared-with-you")
    return _shared(request, asking, made=made)


def _shared(request: HttpRequest, asking: Actor, **more: Any) -> HttpResponse:
    context = {
        "rows": [(one, access.keys(asking, one.review)) for one in cases.invitations(asking, now())],
        "names": parties.names(),
        "signs": {home for home, role in asking.roles if role is Role.SIGNATORY},
        **more,
    }
    return render(request, "portal/shared.html", context)


def _proposal(view: ReviewView, partner: PartnerView, last: Window) -> dict[str, Any]:
    """What the form says before anybody typed: the last terms, or the consent's own purposes and window."""
    known, consent = partner.terms, view.consent
    proposal: dict[str, Any] = {"opens": last.opens, "closes": last.closes, "levels": [AccessLevel.API.value]}
    if known is not None:
        budget = known.budget
        return proposal | {
            "people": sorted(known.people),
            "purposes": sorted(known.purposes),
            "levels": sorted(known.levels),
            "requests": budget.requests,
            "tokens": budget.tokens,
            "concurrency": budget.concurrency,
            "money": "" if budget.money is None else written(budget.money),
        }
    return proposal | {"purposes": sorted(consent.purposes) if consent else []}
