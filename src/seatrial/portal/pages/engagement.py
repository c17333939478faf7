"""Engagement memos: the lab weighs for itself whether to take part. Nobody else can tell that one exists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import BaseFormSet, formset_factory
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from seatrial.kernel.clock import now
from seatrial.kernel.errors import NotFound
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, Role
from seatrial.portal.asking import asker
from seatrial.portal.forms import PortalForm, long_text, objections
from seatrial.review.planning import api as planning
from seatrial.review.planning.types import Entry, Form, Heading, MemoView, Option, Weighing

_BLANK = 4  # empty entries offered at the end of the form
_MOST = 200


@login_required
@require_safe
def memo(request: HttpRequest, memo_id: str) -> HttpResponse:
    """``/engagements/<id>/``; ``?version=`` shows an earlier one."""
    asking = asker(request)
    version = request.GET.get("version", "")
    view = planning.memo(asking, memo_id, int(version) if version.isascii() and version.isdecimal() else None)
    found = planning.totals(view.weighing)
    most = max((total.weight for total in found), default=0) or 1
    context = {
        "memo": view,
        "names": parties.names(),
        "options": planning.OPTIONS,
        "headings": [title for title, _ in planning.HEADINGS.values()],
        "not_a_rule": planning.NOT_A_RULE,
        "sums": [
            (words, [(t, f"{100 * t.weight / most:.1f}%") for t in found if t.option is option])
            for option, words in planning.OPTIONS.items()
        ],
        "parts": [(option, words, _headed(view, option)) for option, words in planning.OPTIONS.items()],
        "forms": [(form, "Markdown" if form is Form.MARKDOWN else form.name) for form in Form],
        "newest": view.version == view.versions[-1].version,
    }
    return render(request, "portal/engagement.html", context)


class MemoForm(PortalForm):
    """What a version says besides its entries."""

    title = forms.CharField(label="Title", max_length=200)
    scope = forms.CharField(
        label="What partly engaging would mean",
        required=False,
        max_length=20_000,
        widget=long_text(3),
        help_text="Which levels, which variants, which windows.",
    )
    conclusion = forms.ChoiceField(
        label="Conclusion",
        required=False,
        widget=forms.RadioSelect,
        choices=[("", "Still open"), *((option.value, words) for option, words in planning.OPTIONS.items())],
    )
    reasons = forms.CharField(label="Reasons", required=False, max_length=20_000, widget=long_text(5))
    plan = forms.ChoiceField(label="Release plan it is about", required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, asking: Actor, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        plans = [(line.id, line.title) for line in planning.plans(asking)]
        self.fields["plan"].choices = [("", "None"), *plans]  # type: ignore[attr-defined]


class EntryForm(PortalForm):
    """One consideration; left without words it is left out."""

    text = forms.CharField(label="Consideration", required=False, max_length=5_000, widget=long_text(2))
    option = forms.ChoiceField(
        label="Speaks about", choices=[(option.value, words) for option, words in planning.OPTIONS.items()]
    )
    heading = forms.ChoiceField(
        label="Under", choices=[(heading.value, title) for heading, (title, _) in planning.HEADINGS.items()]
    )
    weight = forms.TypedChoiceField(
        label="Weight", coerce=int, choices=[(n, str(n)) for n in range(planning.HEAVIEST + 1)], initial=1
    )

    def entry(self) -> Entry | None:
        said = self.cleaned_data
        if not said.get("text", "").strip():
            return None
        return Entry(Option(said["option"]), Heading(said["heading"]), said["weight"], said["text"])


Entries = formset_factory(EntryForm, extra=_BLANK, max_num=_MOST, absolute_max=_MOST)


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """``/engagements/new/``"""
    asking = asker(request)
    homes = [home for home in planning.desks(asking) if asking.has(Role.GOVERNANCE, home)]
    if not homes:
        raise NotFound("not-offered", "Release plans and memos are a developer’s own.")
    form = MemoForm(asking, request.POST or None)
    if homes[1:]:
        names = parties.names()
        choices = [(home, names.get(home, home)) for home in homes]
        form.fields = {"developer": forms.ChoiceField(label="For", choices=choices), **form.fields}
    entries = _entries(request, [])
    if form.is_valid() and entries.is_valid():
        with objections(to=form):
            made = planning.write_memo(
                by=asking,
                developer=form.cleaned_data.get("developer", homes[0]),
                weighing=_weighing(form, entries),
                plan=form.cleaned_data["plan"] or None,
                at=now(),
            )
            messages.success(request, "Kept. Only your organisation can see it.")
            return redirect("engagement", made)
    return _form(request, form, entries, None)


@login_required
@require_http_methods(["GET", "POST"])
def write(request: HttpRequest, memo_id: str) -> HttpResponse:
    """``/engagements/<id>/write/``: a new version; the earlier ones stay."""
    asking = asker(request)
    view = planning.memo(asking, memo_id)
    if not view.may_write:
        raise NotFound("not-offered", "Writing a memo is for the developer’s governance lead.")
    said = view.weighing
    initial = {name: getattr(said, name) or "" for name in ("title", "scope", "conclusion", "reasons")}
    form = MemoForm(asking, request.POST or None, initial=initial | {"plan": view.plan or "", "version": view.version})
    entries = _entries(
        request, [{n: getattr(e, n) for n in ("text", "option", "heading", "weight")} for e in said.entries]
    )
    if form.is_valid() and entries.is_valid():
        with objections(to=form):
            made = planning.rewrite_memo(
                by=asking,
                memo=memo_id,
                weighing=_weighing(form, entries),
                plan=form.cleaned_data["plan"] or None,
                version=form.cleaned_data["version"],
                at=now(),
            )
            messages.success(request, f"Kept as version {made}.")
            return redirect("engagement", memo_id)
    return _form(request, form, entries, view)


@login_required
@require_safe
def export(request: HttpRequest, memo_id: str, form: str) -> HttpResponse:
    """``/engagements/<id>/memo.<form>``"""
    if form not in list(Form):
        raise NotFound("no-such-form", f"A memo is handed on as {', '.join(Form)}.")
    wanted, version = Form(form), request.GET.get("version", "")
    view = planning.memo(asker(request), memo_id, int(version) if version.isascii() and version.isdecimal() else None)
    headers = {"Content-Disposition": f'attachment; filename="engagement-memo.{wanted}"'}
    text = planning.exported(view, wanted, parties.names())
    return HttpResponse(text, content_type=f"{wanted.media}; charset=utf-8", headers=headers)


def _headed(view: MemoView, option: Option) -> list[tuple[str, list[Entry]]]:
    """The entries of one option, heading by heading, weightiest first."""
    found = []
    for heading, (title, _question) in planning.HEADINGS.items():
        entries = [e for e in view.weighing.entries if (e.option, e.heading) == (option, heading)]
        if entries:
            found.append((title, sorted(entries, key=lambda e: e.weight, reverse=True)))
    return found


def _entries(request: HttpRequest, initial: list[Mapping[str, Any]]) -> BaseFormSet[EntryForm]:
    # Every entry that was sent is read, also one that is as it was offered.
    kwargs = {"empty_permitted": False, "use_required_attribute": False}
    return Entries(request.POST or None, prefix="entry", initial=initial, form_kwargs=kwargs)


def _weighing(form: MemoForm, entries: BaseFormSet[EntryForm]) -> Weighing:
    said = form.cleaned_data
    return Weighing(
        title=said["title"],
        entries=tuple(entry for row in entries for entry in [row.entry()] if entry is not None),
        scope=said["scope"],
        conclusion=Option(said["conclusion"]) if said["conclusion"] else None,
        reasons=said["reasons"],
    )


def _form(request: HttpRequest, form: MemoForm, entries: BaseFormSet[EntryForm], view: MemoView | None) -> HttpResponse:
    wrong = bool(form.errors) or (entries.is_bound and not entries.is_valid())
    context = {
        "form": form,
        "entries": entries,
        "memo": view,
        "questions": planning.HEADINGS.values(),
        "not_a_rule": planning.NOT_A_RULE,
    }
    return render(request, "portal/engagement_form.html", context, status=422 if wrong else 200)
