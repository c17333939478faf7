"""Advisories being written: the list, one with its state and its history, its editor, and what is done with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from csp.decorators import csp_update
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from seatrial.clearinghouse.advisories import api as advisories
from seatrial.clearinghouse.advisories.types import AdvisoryState, AdvisoryView, Form
from seatrial.kernel.clock import now
from seatrial.kernel.errors import Conflict, Misuse, NotFound, Refused
from seatrial.parties import api as parties
from seatrial.portal.asking import asker
from seatrial.portal.forms import PortalForm, long_text, objections
from seatrial.portal.moves import OF_ADVISORY, found, offered
from seatrial.portal.tables import Table, beside

from . import advisory_form as typing_in

MOST = 200  # advisories in the list
_CHANGED = f"{typing_in.ROOT}.changed"


@login_required
@require_safe
def writing(request: HttpRequest) -> HttpResponse:
    """``/advisories/writing/``, the one touched last first; ``?case=`` those of one case."""
    lines = advisories.advisories(asker(request), MOST + 1, case=request.GET.get("case", ""))
    context = {"lines": lines[:MOST], "more": len(lines) > MOST, "most": MOST, "case": request.GET.get("case", "")}
    return render(request, "portal/advisories_writing.html", context)


@login_required
@require_POST
def draft(request: HttpRequest, case_id: str) -> HttpResponse:
    """``/cases/<id>/advisory/``"""
    made = advisories.draft(by=asker(request), case=case_id, at=now())
    messages.success(request, "Drafted from the case. What is missing stands beside its field.")
    return redirect("advisory-edit", made)


@login_required
@require_safe
def written(request: HttpRequest, advisory_id: str) -> HttpResponse:
    """``/advisories/writing/<id>/``"""
    asking, moment = asker(request), now()
    view = advisories.advisory(asking, advisory_id, moment)
    names = parties.names([*view.content.audience, view.submitted_by])
    complete = not view.gaps and view.state is not AdvisoryState.WITHDRAWN
    context = {
        "advisory": view,
        # Writing is a move like the others: its address is the editor's.
        "steps": [(one, reverse("advisory-move", args=[view.id, one.slug])) for one in offered(OF_ADVISORY, view.may)],
        "readers": [names.get(one, one) for one in view.content.audience],
        "submitted_by": names.get(view.submitted_by, view.submitted_by),
        "previews": _previews(view) if complete else (),
        "beyond": advisories.beyond(view, moment) if complete else (),
        "forms": list(Form),
    }
    return render(request, "portal/advisory_written.html", context)


def _previews(view: AdvisoryView) -> list[tuple[str, str, str]]:
    """Each file that would be published now: its form, its name, and where it can be read."""
    return [
        (form.value, one.name, f"{reverse('advisory-preview', args=[view.id, form.value])}?part={part}")
        for form in Form
        for part, one in enumerate(advisories.preview(view, form, now()), 1)
    ]


# A document brings its style, and forbids itself all else.
@csp_update({"style-src": ["'unsafe-inline'"]})  # type: ignore[untyped-decorator]
@login_required
@require_safe
def preview(request: HttpRequest, advisory_id: str, form: str) -> HttpResponse:
    """``/advisories/writing/<id>/as/<form>/``: what would be published now; ``?part=`` where it is several files."""
    view = advisories.advisory(asker(request), advisory_id, now())
    if form not in set(Form):
        raise advisories.no_such_advisory(f"{advisory_id} as {form}")
    if view.gaps:
        raise Refused("nothing-missing", f"The advisory has gaps, the first: {view.gaps[0].sentence}")
    made = advisories.preview(view, Form(form), now())
    part = request.GET.get("part", "1")
    if part not in {str(number) for number in range(1, len(made) + 1)}:
        raise advisories.no_such_advisory(f"{advisory_id} as {form}, part {part[:20]}")
    one = made[int(part) - 1]
    kind = one.media_type if one.form is Form.HTML else "text/plain; charset=utf-8"
    return HttpResponse(one.content, content_type=kind, headers={"Cache-Control": "private, no-store"})


# The editor ---------------------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, advisory_id: str) -> HttpResponse:
    """``/advisories/writing/<id>/edit/``; whatever was typed stays if a rule objects, or an item is added."""
    view = _edited(request, advisory_id)
    objection, version = "", str(view.version)
    if request.method == "POST":
        table = _posted(request)
        version = table.get("version", "")
        if not typing_in.pressed(table, table.get("do", "")):
            content, _ = typing_in.said(table, _ids(table))
            try:
                advisories.edit(
                    by=asker(request),
                    advisory=view.id,
                    version=_number(version),
                    content=content,
                    at=now(),
                    summary=table.get(_CHANGED, ""),
                )
            except Conflict as error:
                objection = f"{error.message} What you typed stands below; copy it, then open the editor again."
            except (Refused, Misuse) as error:
                objection = error.message
            else:
                after = advisories.advisory(asker(request), view.id, now())
                messages.success(request, _kept(after))
                return redirect("advisory-written", view.id)
    else:
        table = typing_in.table_of(advisories.content_document(view.content), parties.names(view.content.audience))
        table[_CHANGED] = view.summary
    listed, told = _judged(view, table)
    context = {
        "advisory": view,
        "version": version,
        "controls": typing_in.controls(table, beside(listed)),
        "changed": table.get(_CHANGED, ""),
        "objection": objection,
        "live": True,
        **_gaps(listed, told),
    }
    return render(request, "portal/advisory_edit.html", context, status=422 if objection else 200)


@login_required
@require_POST
def check(request: HttpRequest, advisory_id: str) -> HttpResponse:
    """``/advisories/writing/<id>/check/``: what is missing in what is being typed, for the page to put in its places.

    It keeps nothing. Only places whose sentences changed are sent, so that nothing moves under the hands.
    """
    view = _edited(request, advisory_id)
    table = _posted(request)
    listed, told = _judged(view, table)
    shown, stand = set(table.get("shown", "").split()), beside(listed)
    slots = [(name, stand.get(name, [])) for name in sorted(shown | set(stand))]
    return render(request, "portal/advisory_gaps.html", {"advisory": view, "slots": slots, **_gaps(listed, told)})


def _edited(request: HttpRequest, advisory_id: str) -> AdvisoryView:
    view = advisories.advisory(asker(request), advisory_id, now())
    if "edit" not in view.may:
        raise NotFound("not-offered", "There is nothing to write now. The advisory’s own page lists what you can do.")
    return view


def _judged(view: AdvisoryView, table: Mapping[str, str]) -> tuple[list[tuple[str, str]], tuple[str, ...]]:
    """What is missing in what the table says, with the name of each place; and what more could be better."""
    plain, names = typing_in.said(table, _ids(table))
    try:
        content = advisories.read_content(plain)
    except Misuse as error:
        return [("", error.message)], ()
    gaps = advisories.check(content)
    told = () if gaps else advisories.beyond(replace(view, content=content, gaps=()), now())
    return typing_in.by_name(gaps, names), told


def _gaps(listed: list[tuple[str, str]], told: tuple[str, ...]) -> dict[str, Any]:
    return {"gaps": listed, "shown": " ".join(sorted({name for name, _ in listed if name})), "beyond": told}


def _posted(request: HttpRequest) -> Table:
    return {key: value for key, value in request.POST.items() if isinstance(value, str)}


def _ids(table: Mapping[str, str]) -> dict[str, str]:
    """Ids by names in small letters, if any reader is named: who writes an advisory names them as people do."""
    if not table.get(f"{typing_in.ROOT}.audience", "").strip():
        return {}
    return {name.casefold(): one for one, name in parties.names().items()}


def _number(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else 0


def _kept(view: AdvisoryView) -> str:
    count = len(view.gaps)
    return f"Kept. {count} gap{'s' if count > 1 else ''} left." if count else "Kept. Nothing is missing."


# What is done with it -----------------------------------------------------------------------------------


class Done(PortalForm):
    """Nothing is asked but to be sure; ``version`` is what one was shown."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class Why(PortalForm):
    """The reason, which somebody is shown."""

    why = forms.CharField(label="Why", max_length=2_000, widget=long_text(4))


_FORMS: Mapping[str, type[PortalForm]] = {"return": Why, "withdraw": Why}


@login_required
@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, advisory_id: str, move: str) -> HttpResponse:
    """``/advisories/writing/<id>/<move>/``: what will happen, and the button for it."""
    asking = asker(request)
    view = advisories.advisory(asking, advisory_id, now())
    step = found(OF_ADVISORY, view.may, move)
    form = _FORMS.get(step.word, Done)(request.POST or None, initial={"version": view.version})
    if form.is_valid():
        with objections(to=form):
            _ACTS[step.word](by=asking, advisory=view.id, at=now(), **form.cleaned_data)
            messages.success(request, step.done)
            return redirect("advisory-written", view.id)
    names = parties.names(view.content.audience)
    readers = [names.get(one, one) for one in view.content.audience]
    context = {"advisory": view, "step": step, "form": form, "readers": readers}
    return render(request, "portal/advisory_move.html", context, status=422 if form.errors else 200)


_ACTS: Mapping[str, Callable[..., object]] = {
    "submit": advisories.submit,
    "return": advisories.give_back,
    "publish": advisories.publish,
    "revise": advisories.revise,
    "withdraw": advisories.withdraw,
}
