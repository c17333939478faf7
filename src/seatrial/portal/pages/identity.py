"""Model identity: what was declared, how it answered the probes, whether the released one is the reviewed one."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from seatrial.compute.api import enqueue
from seatrial.kernel.clock import now
from seatrial.kernel.digests import digest
from seatrial.kernel.errors import NotFound
from seatrial.parties import api as parties
from seatrial.portal.asking import asker
from seatrial.portal.buttons import press
from seatrial.portal.forms import PortalForm, long_text, objections
from seatrial.portal.templatetags.words import said
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import ReviewView
from seatrial.review.identity import api as rooms
from seatrial.review.identity.types import EndpointVersion, Fingerprint, IdentityView, Origin

_FILE = forms.FileInput(attrs={"class": "usa-file-input"})


@login_required
@require_safe
def identity(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/identity/``"""
    asking, moment = asker(request), now()
    view = cases.brief(asking, review_id, moment)
    context = {
        "review": view,
        "identity": rooms.identity(asking, review_id, moment),
        "names": parties.names(),
        "ours": view.developer in asking.organisations,
    }
    return render(request, "portal/identity.html", context)


@login_required
@require_safe
def fingerprint(request: HttpRequest, fingerprint_id: str) -> HttpResponse:
    """``/fingerprints/<id>/``: the comparison with the opening, or the answers if this is the opening."""
    asking, moment = asker(request), now()
    found = rooms.fingerprint(asking, fingerprint_id, moment)
    context = {
        "fingerprint": found,
        "review": cases.brief(asking, found.review, moment),
        "names": parties.names(),
        "shifts": sorted(found.comparison.shifts, key=lambda row: -row.shift) if found.comparison else [],
        "answers": _answers(rooms.answers(asking, fingerprint_id, moment)) if found.digest else [],
    }
    return render(request, "portal/fingerprint.html", context)


class Declaring(PortalForm):
    """An endpoint's version, a signed manifest of weights, or both."""

    version = forms.CharField(label="Version of the hosted model", required=False, max_length=200)
    build = forms.CharField(label="Build", required=False, max_length=200)
    system_prompt = forms.CharField(
        label="System prompt",
        required=False,
        max_length=100_000,
        widget=long_text(4),
        help_text="Only its digest is kept; the text is not stored.",
    )
    defaults = forms.CharField(
        label="Decoding defaults",
        required=False,
        max_length=20_000,
        widget=long_text(4),
        help_text="One a line, such as temperature = 0.7",
    )
    manifest = forms.FileField(
        label="Signed manifest of the weights",
        required=False,
        widget=_FILE,
        help_text="The file model.sig, from “seatrial identity manifest” or OpenSSF’s tool. The weights stay with you.",
    )
    public_key = forms.CharField(
        label="Public key of the manifest",
        required=False,
        max_length=5_000,
        widget=long_text(4),
        help_text="In PEM. Empty: your organisation’s model-signing key on this instance.",
    )


@login_required
@require_http_methods(["GET", "POST"])
def declare(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/identity/declare/``"""
    view = _offered(request, review_id, "declare")
    form = Declaring(request.POST or None, request.FILES or None)
    if form.is_valid():
        with objections(to=form):
            typed = form.cleaned_data
            made = rooms.declare(
                by=asker(request), review=review_id, at=now(), endpoint=_endpoint(typed), **_manifest(typed)
            )
            messages.success(request, f"Declaration {made.number} is kept; only your organisation sees it so far.")
            return redirect("identity", review_id)
    intro = (
        "Say which model this review is about. A consent can name what you declare, and access is then to that alone."
    )
    return _form(request, view, form, "Declare the model", intro, "Declare it")


class Taking(PortalForm):
    """A fingerprint through the gateway."""

    purpose = forms.ChoiceField(label="Purpose", help_text="One of those the consent names.")
    repetitions = forms.TypedChoiceField(label="Times each question is asked", coerce=int, initial=6)

    def __init__(self, *arguments: Any, purposes: frozenset[str], **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.fields["purpose"].choices = [(p, said(p)) for p in sorted(purposes)]  # type: ignore[attr-defined]
        self.fields["repetitions"].choices = [(n, _needs(n)) for n in (4, 6, 8, 12, 20)]  # type: ignore[attr-defined]


@login_required
@require_http_methods(["GET", "POST"])
def take(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/identity/fingerprint/``: the worker takes it, with a key of the asker's made for it alone."""
    view = _offered(request, review_id, "take")
    form = Taking(request.POST or None, purposes=view.consent.purposes if view.consent else frozenset())
    if form.is_valid():
        with objections(to=form):
            asking, typed = asker(request), form.cleaned_data
            rooms.check_taking(by=asking, review=review_id, at=now(), **typed)
            enqueue("seatrial.review.identity.tasks.take_fingerprint", person=asking.person, review=review_id, **typed)
            messages.success(request, "Queued. It appears here when it has begun; load this page again in a while.")
            return redirect("identity", review_id)
    intro = (
        "The model is asked 24 short questions, several times each, through the gateway and with a key of yours. "
        "It counts against the consent’s budget, and the developer sees every call and the result."
    )
    return _form(request, view, form, "Take a fingerprint", intro, "Take it")


class Bringing(PortalForm):
    """A fingerprint of an endpoint of one's own."""

    file = forms.FileField(
        label="Fingerprint file", widget=_FILE, help_text="From “seatrial identity own”, run on your own machine."
    )


@login_required
@require_http_methods(["GET", "POST"])
def bring(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/identity/bring/``"""
    view = _offered(request, review_id, "record")
    form = Bringing(request.POST or None, request.FILES or None)
    if form.is_valid():
        with objections(to=form):
            file = form.cleaned_data["file"].read()
            rooms.record_fingerprint(by=asker(request), review=review_id, file=file, at=now())
            messages.success(request, "Kept. Only your organisation sees it.")
            return redirect("identity", review_id)
    intro = "It is compared with the opening fingerprint of this review. Only your organisation sees it."
    return _form(request, view, form, "Bring a fingerprint of your own", intro, "Keep it")


class Stating(PortalForm):
    """What was released: its manifest, a fingerprint of it, or both."""

    manifest = forms.FileField(
        label="Signed manifest of the released weights", required=False, widget=_FILE, help_text="The file model.sig."
    )
    public_key = Declaring.base_fields["public_key"]
    fingerprint = forms.ChoiceField(label="Fingerprint of the released endpoint", required=False)

    def __init__(self, *arguments: Any, found: IdentityView, **named: Any) -> None:
        super().__init__(*arguments, **named)
        own = [taken for taken in found.fingerprints if taken.origin is Origin.OWN]
        choices = [("", "None"), *((taken.id, f"Brought {taken.begun_at:%d %B %Y, %H:%M} UTC") for taken in own)]
        self.fields["fingerprint"].choices = choices  # type: ignore[attr-defined]


@login_required
@require_http_methods(["GET", "POST"])
def state(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/identity/statement/``"""
    view = _offered(request, review_id, "state")
    found = rooms.identity(asker(request), review_id, now())
    form = Stating(request.POST or None, request.FILES or None, found=found)
    if form.is_valid():
        with objections(to=form):
            typed = form.cleaned_data
            named = typed["fingerprint"] or None
            rooms.state_identity(by=asker(request), review=review_id, at=now(), fingerprint=named, **_manifest(typed))
            messages.success(request, "Signed. Download it below, and hand it to whomever you like.")
            return redirect("identity", review_id)
    intro = (
        "A signed file that says whether what you released is what was reviewed, or how it differs. It is yours to "
        "make and to share. Nothing in the review or in your release depends on it."
    )
    return _form(request, view, form, "State what was released", intro, f"Sign for {view.developer_name}")


@login_required
@require_POST
def share_declaration(request: HttpRequest, review_id: str, number: int) -> HttpResponse:
    """``/reviews/<id>/identity/declarations/<number>/share/``"""
    return press(
        request,
        lambda: rooms.share_declaration(by=asker(request), review=review_id, number=number, at=now()),
        done="Shared. The review body can read it now.",
        back=("identity", review_id),
    )


@login_required
@require_POST
def share_statement(request: HttpRequest, review_id: str, statement_id: str) -> HttpResponse:
    """``/reviews/<id>/identity/statements/<id>/share/``"""
    return press(
        request,
        lambda: rooms.share_statement(by=asker(request), review=review_id, statement=statement_id, at=now()),
        done="Shared. The review body can read it now.",
        back=("identity", review_id),
    )


@login_required
@require_safe
def statement_file(request: HttpRequest, statement_id: str) -> HttpResponse:
    """``/statements/<id>/statement.json``: the envelope, which verifies offline."""
    found = rooms.statement(asker(request), statement_id, now())
    answer = HttpResponse(json.dumps(found.envelope, indent=2) + "\n", content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{found.id}.json"'
    return answer


def _offered(request: HttpRequest, review_id: str, event: str) -> ReviewView:
    """The review, for whoever could do this now; else there is no such page for them."""
    asking, moment = asker(request), now()
    view = cases.brief(asking, review_id, moment)
    if event not in rooms.identity(asking, review_id, moment).may:
        raise NotFound("not-offered", "There is nothing here for you now. The model’s identity lists what is.")
    return view


def _form(request: HttpRequest, view: ReviewView, form: PortalForm, here: str, intro: str, button: str) -> HttpResponse:
    context = {
        "form": form,
        "review": view,
        "here": here,
        "intro": intro,
        "button": button,
    }
    return render(request, "portal/review_form.html", context, status=422 if form.errors else 200)


def _endpoint(typed: dict[str, Any]) -> EndpointVersion | None:
    """What the form says of an endpoint, or ``None`` if it says nothing."""
    if not any(typed[name] for name in ("version", "build", "system_prompt", "defaults")):
        return None
    prompt = digest(typed["system_prompt"].encode()) if typed["system_prompt"] else None
    return EndpointVersion(typed["version"], typed["build"], prompt, rooms.read_defaults(typed["defaults"]))


def _manifest(typed: dict[str, Any]) -> dict[str, Any]:
    file = typed["manifest"]
    return {"bundle": file.read() if file else None, "public_key": typed["public_key"] or None}


def _needs(repetitions: int) -> str:
    cost = rooms.cost(repetitions)
    return f"{repetitions} times: up to {cost.requests:,} requests and {cost.tokens:,} tokens"


def _answers(found: Fingerprint) -> list[tuple[str, str, list[tuple[str, int]]]]:
    """Each probe with its question, and its different answers with how often each was given."""
    prompts = {probe.id: probe.prompt for probe in rooms.probe_set().probes}
    return [(i, prompts[i], Counter(a.text for a in given).most_common()) for i, given in found.answers.items()]
