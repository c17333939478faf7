"""The page behind an invitation's link."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from seatrial.kernel.clock import now
from seatrial.kernel.errors import NotFound
from seatrial.parties import api as parties
from seatrial.parties.types import Welcome
from seatrial.portal.asking import asker
from seatrial.portal.forms import PortalForm, objections


class Join(PortalForm):
    """How somebody new is called and signs in."""

    name = forms.CharField(
        label="Your name",
        max_length=200,
        help_text="As you write it.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        label="Choose a password",
        max_length=1000,
        strip=False,
        help_text="At least 12 characters, and not a common one.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="The password again",
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_again(self) -> str:
        """Both were typed alike."""
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("password"):
            raise forms.ValidationError("The two passwords differ; type the same twice.")
        return again


@never_cache
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, code: str) -> HttpResponse:
    """``/join/<code>/``: new people choose a password, others sign in first; a link that is over says so calmly."""
    asking = asker(request)
    try:
        hello = parties.welcome(code, now())
        form = None if hello.known else Join(request.POST or None, initial={"name": hello.name})
        if request.method == "POST" and (form is None or form.is_valid()):
            return _accepted(request, code, hello, form)
    except NotFound as over:
        return render(request, "portal/join_over.html", {"sentence": over.message}, status=404)
    context = {"hello": hello, "form": form, "as_themselves": _as_themselves(request, hello), "somebody": asking.person}
    return render(request, "portal/join.html", context, status=422 if form and form.errors else 200)


def _accepted(request: HttpRequest, code: str, hello: Welcome, form: Join | None) -> HttpResponse:
    asking, shown = asker(request), form or PortalForm(request.POST)
    typed = form.cleaned_data if form else {"name": "", "password": ""}
    with objections(to=shown):
        parties.accept_invitation(by=asking, secret=code, name=typed["name"], password=typed["password"], at=now())
        if hello.known:
            messages.success(request, f"You act for {hello.organisation_name} from now on.")
            return redirect("organisation", hello.organisation)
        messages.success(
            request, f"Welcome to {hello.organisation_name}. Sign in with {hello.email} and your password."
        )
        return redirect("account_login")
    context = {
        "hello": hello,
        "form": shown,
        "as_themselves": _as_themselves(request, hello),
        "somebody": asking.person,
    }
    return render(request, "portal/join.html", context, status=422)


def _as_themselves(request: HttpRequest, hello: Welcome) -> bool:
    return request.user.is_authenticated and str(request.user.email).lower() == hello.email
