"""The dossier: what the developer wrote of its model, each section under its own label."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from seatrial.kernel.clock import now
from seatrial.kernel.errors import NotFound
from seatrial.kernel.labels import Label
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, Role
from seatrial.portal.asking import asker
from seatrial.portal.buttons import press
from seatrial.portal.forms import PortalForm, long_text, objections
from seatrial.portal.markdown import to_html
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import ReviewState, ReviewView
from seatrial.review.dossiers import api as dossiers
from seatrial.review.dossiers.types import DossierView, Section


@login_required
@require_safe
def dossier(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/dossier/``; ``?version=`` shows an earlier one."""
    asking = asker(request)
    view = cases.review(asking, review_id, now())
    version = request.GET.get("version", "")
    found = _found(asking, review_id, int(version) if version.isdecimal() else None)
    context = {
        "review": view,
        "dossier": found,
        "sections": [(section, to_html(section.body)) for section in found.sections] if found else [],
        "names": parties.names(),
        "ours": view.developer in asking.organisations,
        "may_write": _writes(asking, view),
        "may_share": asking.has(Role.GOVERNANCE, view.developer) and view.state is not ReviewState.DRAFT,
    }
    return render(request, "portal/dossier.html", context)


class Writing(PortalForm):
    """Every section of a dossier, and who may read it."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        for key, (title, question) in dossiers.OUTLINE.items():
            self.fields[key] = forms.CharField(
                label=title, required=False, max_length=50_000, widget=long_text(6), help_text=question
            )
            self.fields[key].widget.attrs["class"] = "usa-textarea"
            self.fields[f"{key}-reach"] = forms.ChoiceField(
                label=f"Who may read “{title}”",
                choices=[("both", "The review body too, once shared"), ("own", "Only our organisation")],
                widget=forms.Select(attrs={"class": "usa-select"}),
            )

    def sections(self, view: ReviewView) -> tuple[Section, ...]:
        """The sections that say something, labelled."""
        reach = {"both": Label.among(view.developer, view.body), "own": Label.among(view.developer)}
        return tuple(
            Section(key=key, title=title, body=self.cleaned_data[key], label=reach[self.cleaned_data[f"{key}-reach"]])
            for key, (title, _) in dossiers.OUTLINE.items()
            if self.cleaned_data[key].strip()
        )


@login_required
@require_http_methods(["GET", "POST"])
def write(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/dossier/write/``: a new version; the earlier ones stay."""
    asking = asker(request)
    view = cases.review(asking, review_id, now())
    if not _writes(asking, view):
        raise NotFound("not-offered", "Writing the dossier is for the developer’s governance and security people.")
    form = Writing(request.POST or None, initial=_initial(_found(asking, review_id, None), view))
    if form.is_valid():
        with objections(to=form):
            made = dossiers.compose(by=asking, review=review_id, sections=form.sections(view), at=now())
            messages.success(request, f"Kept as version {made.version}.")
            return redirect("dossier", review_id)
    context = {
        "form": form,
        "review": view,
        "here": "Write the dossier",
        "intro": "Write once, in Markdown. Empty sections are left out. Each section travels no further than you say.",
        "button": "Keep this version",
    }
    return render(request, "portal/review_form.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def share(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/dossier/share/``"""
    return press(
        request,
        lambda: dossiers.share(by=asker(request), review=review_id, at=now()),
        done="Shared with the review body, as far as each section’s label lets it travel.",
        back=("dossier", review_id),
    )


def _writes(asking: Actor, view: ReviewView) -> bool:
    return asking.has(Role.GOVERNANCE, view.developer) or asking.has(Role.SECURITY, view.developer)


def _found(asking: Actor, review_id: str, version: int | None) -> DossierView | None:
    try:
        return dossiers.dossier(asking, review_id, version)
    except NotFound:
        if version is not None:
            raise
        return None


def _initial(found: DossierView | None, view: ReviewView) -> dict[str, str]:
    initial = {}
    for section in found.sections if found else ():
        initial[section.key] = section.body
        shared = section.label.audience is None or view.body in section.label.audience
        initial[f"{section.key}-reach"] = "both" if shared else "own"
    return initial
