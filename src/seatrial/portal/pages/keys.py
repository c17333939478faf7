"""Access keys: issue one's own (shown once), see them, revoke one."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from seatrial.kernel.clock import now
from seatrial.kernel.errors import NotFound
from seatrial.portal.asking import asker
from seatrial.portal.buttons import press
from seatrial.portal.forms import PortalForm, objections
from seatrial.portal.templatetags.words import said
from seatrial.review.access import api as access
from seatrial.review.cases import api as cases


class Purpose(PortalForm):
    """What the key is for."""

    purpose = forms.ChoiceField(label="Purpose", help_text="One of those the consent names.")


@login_required
@require_http_methods(["GET", "POST"])
def keys(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/keys/``: those a consent names issue their own; the developer sees all and can end each."""
    asking = asker(request)
    view = cases.review(asking, review_id, now())
    named = view.consent is not None and asking.person in view.consent.people
    if not named and (view.consent is None or view.developer not in asking.organisations):
        raise NotFound("not-offered", "Access keys are for the people whom a signed consent names.")
    form = _form(request, view.consent.purposes) if named and view.consent else None
    made = None
    if form is not None and form.is_valid():
        with objections(to=form):
            # Shown in the answer itself: a redirect would have to keep the secret somewhere in between.
            made = access.issue_key(by=asking, review=review_id, purpose=form.cleaned_data["purpose"], at=now())
    context = {
        "review": view,
        "form": form,
        "made": made,
        "keys": access.keys(asking, review_id),
        "gateway": f"{settings.SEATRIAL.gateway_url}/v1",
    }
    return render(request, "portal/keys.html", context, status=422 if form and form.errors else 200)


@login_required
@require_POST
def revoke(request: HttpRequest, review_id: str, key: str) -> HttpResponse:
    """``/reviews/<id>/keys/<key>/revoke/``"""
    return press(
        request,
        lambda: access.revoke_key(by=asker(request), key=key, at=now()),
        done="Revoked. Calls that use this key are cut.",
        back=("keys", review_id),
    )


def _form(request: HttpRequest, purposes: Iterable[str]) -> Purpose:
    form = Purpose(request.POST or None)
    form.fields["purpose"].choices = [(purpose, said(purpose)) for purpose in sorted(purposes)]  # type: ignore[attr-defined]
    return form
