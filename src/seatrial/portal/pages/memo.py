"""Determinations: the memo, its signatures, sharing it back, the developer's own words on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from seatrial.kernel.clock import now
from seatrial.kernel.errors import NotFound
from seatrial.parties.types import Actor, Role
from seatrial.portal.asking import asker
from seatrial.portal.buttons import press
from seatrial.portal.forms import PortalForm, long_text, objections
from seatrial.portal.templatetags.words import said
from seatrial.review.benchmarks import api as benchmarks
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import ReviewView
from seatrial.review.determinations import api as determinations
from seatrial.review.determinations.types import Finding, Part, Withhold

PARTS = {
    Part.FAMILIES.value: "Figures by family, and of neutral twins",
    Part.ITEMS.value: "Which items were never sent",
    Part.REFERENCES.value: "Reference models",
    Part.CAMPAIGNS.value: "Other campaigns of the review, and other rungs",
    Part.CONSULTATIONS.value: "Who was consulted, and what was said",
}
EVIDENCE = "One a line: campaign:ID, dossier:VERSION or document:sha256:…, then a few words."


@login_required
@require_safe
def memos(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/determinations/``"""
    asking = asker(request)
    view = cases.review(asking, review_id, now())
    decides = _decides(asking, view)
    context = {
        "review": view,
        "determinations": determinations.determinations(asking, review_id),
        "may_draft": decides,
        "consultations": determinations.consultations(asking, review_id) if decides else (),
    }
    return render(request, "portal/memos.html", context)


class Draft(PortalForm):
    """A finding and its reasons, on a campaign's evidence."""

    campaign = forms.ChoiceField(
        label="Evidence",
        required=False,
        help_text="Without a campaign nothing was measured: then it is not determined.",
    )
    finding = forms.ChoiceField(
        label="Finding",
        widget=forms.RadioSelect,
        choices=[(finding.value, said(finding)) for finding in Finding],
        help_text="The only three words there are. Each informs; nothing depends on it.",
    )
    reasons = forms.CharField(label="Reasons", widget=long_text(8), max_length=20_000)
    reconsiders = forms.ChoiceField(
        label="Looks again at",
        required=False,
        help_text="An earlier determination. It stays as it is; the memo shows what changed.",
    )
    evidence = forms.CharField(
        label="New evidence since then",
        required=False,
        widget=long_text(3),
        max_length=20_000,
        help_text=EVIDENCE,
    )
    withhold = forms.MultipleChoiceField(
        label="Not for the developer",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=list(PARTS.items()),
        help_text="The developer then gets a twin without these, which says so. Both people sign both.",
    )
    why_withheld = forms.CharField(label="Why not", required=False, max_length=200)


@login_required
@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/determinations/new/``"""
    asking = asker(request)
    view = cases.review(asking, review_id, now())
    if not _decides(asking, view):
        raise NotFound("not-offered", "Drafting a determination is for an authority of the review body.")
    form = Draft(request.POST or None)
    run = [(one.id, f"{one.name}: {said(one.decision.verdict)}") for one in benchmarks.campaigns(asking, review_id)]
    form.fields["campaign"].choices = [*run, ("", "No campaign: documents alone")]  # type: ignore[attr-defined]
    earlier = [one for one in determinations.determinations(asking, review_id) if len(one.signatures) == 2]
    told = [(one.id, f"{said(one.finding)}, {one.id}") for one in earlier]
    form.fields["reconsiders"].choices = [("", "None"), *told]  # type: ignore[attr-defined]
    if form.is_valid():
        with objections(to=form):
            typed = form.cleaned_data
            made = determinations.draft(
                by=asking,
                review=review_id,
                campaign=typed["campaign"] or None,
                finding=Finding(typed["finding"]),
                reasons=typed["reasons"],
                at=now(),
                reconsiders=typed["reconsiders"] or None,
                evidence=determinations.read_evidence(typed["evidence"]),
                withhold=withheld(typed),
            )
            messages.success(request, "Drafted. Two people of the review body sign it before it is shared.")
            return redirect("memo", made)
    context = {
        "form": form,
        "review": view,
        "here": "Draft a determination",
        "intro": "Write for a reader who has minutes. The developer can attach a statement of its own.",
        "button": "Keep the draft",
    }
    return render(request, "portal/review_form.html", context, status=422 if form.errors else 200)


@login_required
@require_safe
def memo(request: HttpRequest, determination_id: str) -> HttpResponse:
    """``/determinations/<id>/``"""
    asking = asker(request)
    found = determinations.determination(asking, determination_id)
    twin = request.GET.get("twin") == "1" and bool(found.withheld)
    context = {
        "determination": found,
        "twin": twin or found.redacted,
        "review": cases.brief(asking, found.review, now()) if found.review else None,
        "asked": determinations.one_request(asking, found.request, now()) if found.request else None,
        # Safe: the room writes this HTML itself and escapes every value in it.
        "fragment": SafeString(determinations.memo_fragment(asking, determination_id, twin=twin)),
    }
    return render(request, "portal/memo.html", context)


@login_required
@require_safe
def memo_pdf(request: HttpRequest, determination_id: str) -> HttpResponse:
    """``/determinations/<id>/memo.pdf``"""
    found = determinations.memo_pdf(asker(request), determination_id, twin=request.GET.get("twin") == "1")
    headers = {"Content-Disposition": f'attachment; filename="{determination_id}.pdf"'}
    return HttpResponse(found, content_type="application/pdf", headers=headers)


@login_required
@require_safe
def memo_page(request: HttpRequest, determination_id: str) -> HttpResponse:
    """``/determinations/<id>/memo.html``: the page that stands alone and can be verified offline."""
    found = determinations.memo_html(asker(request), determination_id, twin=request.GET.get("twin") == "1")
    return HttpResponse(found, headers={"Content-Disposition": f'attachment; filename="{determination_id}.html"'})


@login_required
@require_POST
def sign(request: HttpRequest, determination_id: str) -> HttpResponse:
    """``/determinations/<id>/sign/``"""
    return press(
        request,
        lambda: determinations.sign(by=asker(request), determination=determination_id, at=now()),
        done="Signed.",
        back=("memo", determination_id),
    )


@login_required
@require_POST
def share(request: HttpRequest, determination_id: str) -> HttpResponse:
    """``/determinations/<id>/share/``"""
    return press(
        request,
        lambda: determinations.share(by=asker(request), determination=determination_id, at=now()),
        done="Shared with the developer.",
        back=("memo", determination_id),
    )


class Statement(PortalForm):
    """The developer's own words."""

    text = forms.CharField(label="Your statement", widget=long_text(10), max_length=20_000)


@login_required
@require_http_methods(["GET", "POST"])
def statement(request: HttpRequest, determination_id: str) -> HttpResponse:
    """``/determinations/<id>/statement/``"""
    asking = asker(request)
    found = determinations.determination(asking, determination_id)
    if "attach_statement" not in found.may:
        raise NotFound("not-offered", "There is no statement for you to write on this determination now.")
    form = Statement(request.POST or None)
    if form.is_valid():
        with objections(to=form):
            text = form.cleaned_data["text"]
            determinations.attach_statement(by=asking, determination=determination_id, text=text, at=now())
            messages.success(request, "Attached. It stands in the memo exactly as you wrote it.")
            return redirect("memo", determination_id)
    context: dict[str, Any] = {
        "form": form,
        "review": cases.brief(asking, found.review, now()) if found.review else None,
        "asked": determinations.one_request(asking, found.request, now()) if found.request else None,
        "here": "Developer’s statement",
        "intro": "It is attached to the memo word for word and travels with it.",
        "button": "Attach it",
    }
    template = "portal/review_form.html" if found.review else "portal/determination_request_form.html"
    return render(request, template, context, status=422 if form.errors else 200)


def withheld(typed: Mapping[str, Any]) -> Withhold | None:
    """What a form says is not for the developer; nothing, unless a part or a reason was given."""
    parts, why = frozenset(map(Part, typed["withhold"])), typed["why_withheld"]
    return Withhold(parts, why) if parts or why else None


def _decides(asking: Actor, view: ReviewView) -> bool:
    return asking.has(Role.AUTHORITY, view.body)
