"""Notices: how often one is told, one's latest, and the webhooks of one's organisation."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from seatrial.kernel.clock import now
from seatrial.notices import api as notices
from seatrial.notices.types import Cadence, NewSecret
from seatrial.parties import api as parties
from seatrial.parties.types import Actor
from seatrial.portal.asking import asker
from seatrial.portal.buttons import press
from seatrial.portal.forms import PortalForm, objections
from seatrial.review.cases import api as cases

CADENCES = (
    (Cadence.EACH.value, "Soon after each change, at most one mail a review in ten minutes"),
    (Cadence.DAILY.value, "One mail a day, at 07:00 UTC"),
    (Cadence.NONE.value, "Never"),
)
SHOWN = 10  # notices, and deliveries of each webhook


class Choice(PortalForm):
    """How often, and of what."""

    review = forms.ChoiceField(label="Which reviews", required=False)
    cadence = forms.ChoiceField(label="Tell me by mail", choices=CADENCES, widget=forms.RadioSelect)
    says_optional = False


class Webhook(PortalForm):
    """An address that is told."""

    organisation = forms.ChoiceField(label="Organisation")
    url = forms.CharField(
        label="Address", max_length=500, help_text="A public one over https, such as https://host.example/in."
    )


@login_required
@require_http_methods(["GET"])
def page(request: HttpRequest) -> HttpResponse:
    """``/notices/``"""
    return _page(request)


@login_required
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """``/notices/choose/``"""
    asking = asker(request)
    form = _choice(asking, request)
    if form.is_valid():
        with objections(to=form):
            said = form.cleaned_data
            notices.choose(by=asking, cadence=Cadence(said["cadence"]), review=said["review"], at=now())
            messages.success(request, "Chosen.")
            return redirect("notices")
    return _page(request, choice=form)


@login_required
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """``/notices/webhooks/add/``: the secret is shown in the answer itself, and nowhere again."""
    asking = asker(request)
    form = _webhook(asking, request)
    if form.is_valid():
        with objections(to=form):
            made = notices.add_webhook(by=asking, **form.cleaned_data, at=now())
            return _page(request, made=made)
    return _page(request, adding=form)


@login_required
@require_POST
def rotate(request: HttpRequest, webhook: str) -> HttpResponse:
    """``/notices/webhooks/<id>/rotate/``"""
    return _page(request, made=notices.rotate_secret(by=asker(request), webhook=webhook, at=now()))


@login_required
@require_POST
def test(request: HttpRequest, webhook: str) -> HttpResponse:
    """``/notices/webhooks/<id>/test/``"""
    done = "A test is on its way. Look at this page again in a moment to see how it went."
    return _press(request, lambda: notices.send_test(by=asker(request), webhook=webhook, at=now()), done)


@login_required
@require_POST
def redeliver(request: HttpRequest, webhook: str) -> HttpResponse:
    """``/notices/webhooks/<id>/redeliver/``"""
    done = "What has not arrived is sent again."
    return _press(request, lambda: notices.redeliver(by=asker(request), webhook=webhook, at=now()), done)


@login_required
@require_POST
def remove(request: HttpRequest, webhook: str) -> HttpResponse:
    """``/notices/webhooks/<id>/remove/``"""
    done = "Removed. Nothing is sent there any more."
    return _press(request, lambda: notices.remove_webhook(by=asker(request), webhook=webhook, at=now()), done)


@csrf_exempt  # a mail program presses this button: the token in the address is the proof (RFC 8058)
@require_http_methods(["GET", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """``/notices/unsubscribe/<token>/``: looking at it does nothing, so that no mail scanner presses it."""
    if request.method == "POST":
        notices.unsubscribe(token=token, at=now())
    return render(request, "portal/unsubscribe.html", {"done": request.method == "POST"})


def _page(
    request: HttpRequest, *, choice: Choice | None = None, adding: Webhook | None = None, made: NewSecret | None = None
) -> HttpResponse:
    asking = asker(request)
    chosen = notices.choices(asking)
    stewarded = notices.stewarded(asking)
    titles = _titles(asking)
    refused = bool((choice and choice.errors) or (adding and adding.errors))
    context = {
        "choice": choice or _choice(asking),
        "chosen": chosen,
        "single": [(titles.get(review, review), cadence) for review, cadence in sorted(chosen.reviews.items())],
        "notices": notices.notices(asking, limit=SHOWN),
        "stewarded": stewarded,
        "adding": adding or (_webhook(asking) if stewarded else None),
        "made": made,
        "webhooks": [(hook, notices.deliveries(asking, hook.id, limit=SHOWN)) for hook in notices.webhooks(asking)],
        "names": parties.names(),
        "titles": titles,
        "objecting": adding if adding and adding.errors else choice,
    }
    return render(request, "portal/notices.html", context, status=422 if refused else 200)


def _choice(asking: Actor, request: HttpRequest | None = None) -> Choice:
    usual = notices.choices(asking).everything or Cadence.EACH
    form = Choice(request.POST if request else None, initial={"review": "", "cadence": usual.value})
    form.fields["review"].choices = [("", "All reviews"), *_titles(asking).items()]  # type: ignore[attr-defined]
    return form


def _webhook(asking: Actor, request: HttpRequest | None = None) -> Webhook:
    names = parties.names()
    form = Webhook(request.POST if request else None)
    known = sorted(notices.stewarded(asking))
    form.fields["organisation"].choices = [(key, names.get(key, key)) for key in known]  # type: ignore[attr-defined]
    return form


def _titles(asking: Actor) -> dict[str, str]:
    return cases.titles(asking)


def _press(request: HttpRequest, act: Callable[[], object], done: str) -> HttpResponse:
    return press(request, act, done=done, back=("notices",))
