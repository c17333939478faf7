"""Determination requests: a developer asks, a body answers or does not, the developer ends it. No clock runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from textwrap import shorten
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from seatrial.kernel.clock import now
from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import NotFound
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, OrganisationKind, Role
from seatrial.portal.asking import asker
from seatrial.portal.buttons import press
from seatrial.portal.forms import PortalForm, long_text, objections
from seatrial.portal.pages.memo import EVIDENCE, PARTS, withheld
from seatrial.portal.templatetags.words import said
from seatrial.review.cases import api as cases
from seatrial.review.determinations import api as rooms
from seatrial.review.determinations.types import DeterminationRequestView, DeterminationView, Part, Question

PAGE = 50


@login_required
@require_safe
def determination_requests(request: HttpRequest) -> HttpResponse:
    """``/determination-requests/``, newest first; ``?after=`` goes further back."""
    asking = asker(request)
    found = rooms.requests(asking, now(), after=request.GET.get("after", ""), limit=PAGE + 1)
    context = {
        "requests": found[:PAGE],
        "more": found[PAGE - 1].id if len(found) > PAGE else None,
        "may_ask": bool(_homes(asking)),
    }
    return render(request, "portal/determination_requests.html", context)


class Words(PortalForm):
    """Something to say on a request."""

    text = forms.CharField(
        label="Write to both sides", help_text="It moves nothing.", widget=long_text(5), max_length=10_000
    )


@login_required
@require_http_methods(["GET", "POST"])
def determination_request(request: HttpRequest, request_id: str) -> HttpResponse:
    """``/determination-requests/<id>/``: the request, its answers, its words; ``?before=`` goes further back."""
    asking, before = asker(request), request.GET.get("before")
    page = rooms.request_page(asking, request_id, now(), before=before)
    view = page.request
    form = Words(request.POST or None) if "post" in view.may else None
    if form is not None and form.is_valid():
        with objections(to=form):
            rooms.post_on_request(by=asking, request=request_id, text=form.cleaned_data["text"], at=now())
            messages.success(request, "Written. Both sides can read it.")
            return redirect("determination-request", request_id)
    consults = asking.has(Role.AUTHORITY, view.body)
    context = {
        "asked": view,
        "page": page,
        "before": before,
        "told": list(zip_longest(view.answers, view.reconsiderations)),
        "drafted": [one for one in rooms.drafted_for(asking, request_id) if one.shared_at is None],
        "form": form,
        "may_consult": consults,
        "consultations": rooms.consultations_for_request(asking, request_id) if consults else (),
    }
    return render(request, "portal/determination_request.html", context, status=422 if form and form.errors else 200)


class QuestionForm(PortalForm):
    """What is asked, of whom, about what."""

    body = forms.ChoiceField(label="Review body")
    model = forms.CharField(label="Model", max_length=200, help_text="A name by which both sides will know it.")
    description = forms.CharField(
        label="What it is, how far along it is, and why you ask", widget=long_text(8), max_length=20_000
    )
    artefact = forms.CharField(
        label="Artefact", required=False, max_length=71, help_text="The SHA-256 of its weights, if you want to name it."
    )
    review = forms.ChoiceField(
        label="A review it belongs to",
        required=False,
        help_text="Not needed. The body is shown this link only while it can see that review.",
    )
    dossier_version = forms.IntegerField(
        label="Version of that review’s dossier", required=False, min_value=1, help_text="One shared with the body."
    )

    def __init__(self, asking: Actor, homes: list[str], *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        bodies = parties.organisations(asking, OrganisationKind.BODY)
        own = [one for one in cases.reviews(asking, now()) if one.developer in homes]
        self.fields["body"].choices = [(one.id, one.name) for one in bodies]  # type: ignore[attr-defined]
        self.fields["review"].choices = [("", "None"), *((one.id, one.title) for one in own)]  # type: ignore[attr-defined]
        if homes[1:]:
            names = parties.names()
            choices = [(home, names.get(home, home)) for home in homes]
            self.fields = {"developer": forms.ChoiceField(label="For", choices=choices), **self.fields}

    def question(self) -> Question:
        typed = self.cleaned_data
        artefact = typed["artefact"].strip()
        return Question(
            model=typed["model"],
            description=typed["description"],
            artefact=Digest(artefact) if artefact else None,
            review=typed["review"] or None,
            dossier_version=typed["dossier_version"],
        )


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """``/determination-requests/new/``"""
    asking = asker(request)
    homes = _homes(asking)
    if not homes:
        raise NotFound("not-offered", "Asking for a determination is for a developer’s governance lead.")
    form = QuestionForm(asking, homes, request.POST or None)
    if form.is_valid():
        with objections(to=form):
            developer = form.cleaned_data.get("developer", homes[0])
            made = rooms.draft_request(
                by=asking,
                developer=developer,
                body=form.cleaned_data["body"],
                question=form.question(),
                at=now(),
            )
            messages.success(request, "Kept as a draft. Only your organisation can see it.")
            return redirect("determination-request", made)
    return _form(
        request,
        form,
        None,
        here="Ask for a determination",
        intro="Does a model under development meet the designation? This makes a draft that only your organisation "
        "can see. Nothing depends on asking, or on any answer.",
        button="Keep the draft",
    )


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, request_id: str) -> HttpResponse:
    """``/determination-requests/<id>/edit/``"""
    asking = asker(request)
    view = _offered(asking, request_id, "revise", "Only a draft can be changed, by the developer’s governance lead.")
    names = ("model", "description", "artefact", "review", "dossier_version")
    initial = {name: getattr(view, name) for name in names}
    form = QuestionForm(asking, [view.developer], request.POST or None, initial=initial)
    del form.fields["body"]
    if form.is_valid():
        with objections(to=form):
            rooms.revise_request(by=asking, request=request_id, question=form.question(), at=now())
            messages.success(request, "Changed. It is still a draft.")
            return redirect("determination-request", request_id)
    intro = f"To {view.body_name}. Only your organisation can see this draft."
    return _form(request, form, view, here="Change the draft", intro=intro, button="Keep it")


@login_required
@require_POST
def ask(request: HttpRequest, request_id: str) -> HttpResponse:
    """``/determination-requests/<id>/ask/``"""
    return _press(request, request_id, rooms.ask_request, "Asked. The review body can read it now; no clock runs.")


@login_required
@require_POST
def acknowledge(request: HttpRequest, request_id: str) -> HttpResponse:
    """``/determination-requests/<id>/acknowledge/``"""
    return _press(request, request_id, rooms.acknowledge_request, "Acknowledged. Nothing began to run.")


class Choice(PortalForm):
    """Which shared determination answers."""

    determination = forms.ChoiceField(label="Determination", widget=forms.RadioSelect)


@login_required
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, request_id: str) -> HttpResponse:
    """``/determination-requests/<id>/answer/``"""
    asking = asker(request)
    view = _offered(asking, request_id, "answer", "Answering is for an authority of the review body, once it is asked.")
    offered = rooms.answers_offered(asking, request_id, now())
    form = Choice(request.POST or None)
    form.fields["determination"].choices = [  # type: ignore[attr-defined]
        (one.id, _told(one)) for one in offered
    ]
    if form.is_valid():
        with objections(to=form):
            chosen = form.cleaned_data["determination"]
            rooms.answer_request(by=asking, request=request_id, determination=chosen, at=now())
            messages.success(request, "Answered. The developer can ask you to look again.")
            return redirect("determination-request", request_id)
    context = {"asked": view, "offered": offered, "form": form}
    return render(request, "portal/determination_request_answer.html", context, status=422 if form.errors else 200)


class Reasons(PortalForm):
    """Why it cannot be said, and what is looked at again."""

    reasons = forms.CharField(label="Reasons", widget=long_text(8), max_length=20_000)
    reconsiders = forms.ChoiceField(label="Looks again at", required=False, help_text="It stays as it is.")
    evidence = forms.CharField(label="New evidence since then", required=False, widget=long_text(3), help_text=EVIDENCE)
    withhold = forms.MultipleChoiceField(
        label="Not for the developer",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(Part.CONSULTATIONS.value, PARTS[Part.CONSULTATIONS])],
    )
    why_withheld = forms.CharField(label="Why not", required=False, max_length=200)


@login_required
@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest, request_id: str) -> HttpResponse:
    """``/determination-requests/<id>/draft/``: not determined, on the documents alone."""
    asking = asker(request)
    view = _offered(asking, request_id, "answer", "Drafting is for an authority of the review body, once it is asked.")
    form = Reasons(request.POST or None)
    answers = [one.determination for one in view.answers if one.determination is not None]
    told = [(one.id, f"{said(one.finding)}, {one.id}") for one in answers]
    form.fields["reconsiders"].choices = [("", "None"), *told]  # type: ignore[attr-defined]
    if form.is_valid():
        with objections(to=form):
            typed = form.cleaned_data
            made = rooms.draft_for_request(
                by=asking,
                request=request_id,
                reasons=typed["reasons"],
                at=now(),
                reconsiders=typed["reconsiders"] or None,
                evidence=rooms.read_evidence(typed["evidence"]),
                withhold=withheld(typed),
            )
            messages.success(request, "Drafted. Two people sign it; once shared, it can answer the request.")
            return redirect("memo", made)
    return _form(
        request,
        form,
        view,
        here="Draft on documents alone",
        intro="The finding will be: not determined. The memo says plainly that no campaign was run, and pins what "
        "was read.",
        button="Keep the draft",
    )


class Again(PortalForm):
    """Why to look again, and what is new."""

    reasons = forms.CharField(label="Why you ask to look again", widget=long_text(6), max_length=20_000)
    evidence = forms.CharField(
        label="New evidence",
        required=False,
        widget=long_text(4),
        max_length=20_000,
        help_text="What is new since the answer, and where the body finds it.",
    )
    named = forms.CharField(label="New evidence, by reference", required=False, widget=long_text(3), help_text=EVIDENCE)


@login_required
@require_http_methods(["GET", "POST"])
def reconsideration(request: HttpRequest, request_id: str) -> HttpResponse:
    """``/determination-requests/<id>/reconsideration/``"""
    asking = asker(request)
    view = _offered(asking, request_id, "ask_reconsideration", "There is no answer for you to have looked at again.")
    form = Again(request.POST or None)
    if form.is_valid():
        with objections(to=form):
            typed = form.cleaned_data
            rooms.ask_reconsideration(
                by=asking,
                request=request_id,
                reasons=typed["reasons"],
                evidence=typed["evidence"],
                named=rooms.read_evidence(typed["named"]),
                at=now(),
            )
            messages.success(request, "Asked. The answer you have stays as it is.")
            return redirect("determination-request", request_id)
    return _form(
        request,
        form,
        view,
        here="Ask for a reconsideration",
        intro="The answer you have stays as it is; another one may be given beside it. No clock runs.",
        button="Ask to look again",
    )


@dataclass(frozen=True, slots=True)
class Ending:
    """A way in which the developer ends a request."""

    event: str
    act: Callable[..., None]
    here: str
    words: tuple[str, ...]
    button: str
    done: str


WITHDRAW = Ending(
    "withdraw",
    rooms.withdraw_request,
    "Withdraw this request",
    (
        "The review body sees nothing of it any more; only the sealed record remains. You keep it.",
        "No reason is asked, and nothing else follows.",
    ),
    "Withdraw now",
    "Withdrawn.",
)
CLOSE = Ending(
    "close",
    rooms.close_request,
    "Close this request",
    ("Nobody writes or answers here any more. Both sides go on reading it.", "You can still withdraw it afterwards."),
    "Close it now",
    "Closed.",
)


@login_required
@require_http_methods(["GET", "POST"])
def end(request: HttpRequest, request_id: str, ending: Ending) -> HttpResponse:
    """``/determination-requests/<id>/withdraw/`` and ``…/close/``: what will happen, then one button."""
    view = _offered(asker(request), request_id, ending.event, "That is not yours to do on this request now.")
    if request.method == "POST":
        return _press(request, request_id, ending.act, ending.done)
    return render(request, "portal/determination_request_end.html", {"asked": view, "ending": ending})


def _told(one: DeterminationView) -> str:
    """A shared determination in a line, so that one tells it from others."""
    ground = "on a campaign" if one.campaign else "on documents alone"
    return f"{said(one.finding)}, {ground}, shared {one.shared_at:%-d %B %Y}: {shorten(one.reasons, 120)}"


def _homes(asking: Actor) -> list[str]:
    """The organisations for which the asker may ask."""
    return sorted({home for home, role in asking.roles if role is Role.GOVERNANCE})


def _offered(asking: Actor, request_id: str, event: str, otherwise: str) -> DeterminationRequestView:
    view = rooms.one_request(asking, request_id, now())
    if event not in view.may:
        raise NotFound("not-offered", otherwise)
    return view


def _press(request: HttpRequest, request_id: str, act: Callable[..., None], done: str) -> HttpResponse:
    def call() -> None:
        act(by=asker(request), request=request_id, at=now())

    return press(request, call, done=done, back=("determination-request", request_id))


def _form(request: HttpRequest, form: forms.Form, asked: DeterminationRequestView | None, **words: str) -> HttpResponse:
    context: Mapping[str, Any] = {"form": form, "asked": asked, **words}
    template = "portal/determination_request_form.html"
    return render(request, template, dict(context), status=422 if form.errors else 200)
