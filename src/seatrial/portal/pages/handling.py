"""What left the developer's hands: the inventory, destruction duties and their attestation, canaries, leaks."""

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
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, Role
from seatrial.portal.asking import asker, visible_review
from seatrial.portal.buttons import press
from seatrial.portal.forms import MomentField, PortalForm, long_text, objections
from seatrial.portal.templatetags.words import said
from seatrial.review.access import api as access
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import ItemKind
from seatrial.review.weights import api as weights

PAGE = 50  # things to be destroyed, in one part of them


@login_required
@require_safe
def inventory(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/handed-over/``; answers after a withdrawal too, for the duties remain."""
    asking, moment = asker(request), now()
    view = visible_review(asking, review_id)
    ours = view is not None and view.developer in asking.organisations
    items = cases.items(asking, review_id, moment)
    context = {
        "review": view,
        "review_id": review_id,
        "items": items,
        "transfers": weights.transfers(asking, review_id, moment) if view is not None else (),
        "canaries": cases.canaries(asking, review_id) if ours else (),
        "leaks": cases.leaks(asking, review_id),
        "usage": access.usage(asking, review_id) if view is not None and view.consent else None,
        "names": parties.names({item.holder for item in items}),
        "ours": ours,
        "may_plant": ours and view is not None and _guards(asking, view.developer),
        "signs": {home for home, role in asking.roles if role is Role.SIGNATORY},
        "now": moment,
    }
    return render(request, "portal/handed_over.html", context)


@login_required
@require_safe
def duties(request: HttpRequest) -> HttpResponse:
    """``/duties/``: what one's organisations still have to destroy, first due first; ``?after=`` goes on."""
    asking, moment, after = asker(request), now(), request.GET.get("after", "")
    found = cases.duties(asking, moment, after=after, limit=PAGE + 1)
    part = found[:PAGE]
    context = {
        "duties": part,
        "names": parties.names({item.holder for item in part}),
        "now": moment,
        "after": after,
        "later": part[-1].id if len(found) > PAGE else None,
    }
    return render(request, "portal/duties.html", context)


class Listing(PortalForm):
    """Something handed over, or kept."""

    kind = forms.ChoiceField(label="What kind of thing", choices=[(kind.value, said(kind)) for kind in ItemKind])
    text = forms.CharField(label="What it is", max_length=10_000, widget=long_text(3))
    holder = forms.ChoiceField(label="Who has it")
    artefact = forms.CharField(label="Digest", max_length=71, required=False, help_text="sha256: and 64 hex digits.")
    due_at = MomentField(
        label="To be destroyed by (UTC)",
        required=False,
        help_text="Left empty, the policy’s time after the end of access counts.",
    )


@login_required
@require_http_methods(["GET", "POST"])
def give(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/handed-over/new/``: the developer hands over, or the body lists what it keeps."""
    asking = asker(request)
    view = cases.review(asking, review_id, now())
    ours = "hand_over" in view.may
    if not ours and "list_kept" not in view.may:
        raise NotFound("not-offered", "There is nothing here for you now. The review's own page lists what you can do.")
    form = Listing(request.POST or None)
    partners = [one.organisation for one in view.partners if one.body_signed and not one.ended]
    holders = [view.body, *partners] if ours else [view.body]
    names = parties.names()
    form.fields["holder"].choices = [(home, names[home]) for home in holders]  # type: ignore[attr-defined]
    if not ours:
        del form.fields["due_at"]
    if form.is_valid():
        with objections(to=form):
            typed: dict[str, Any] = dict(form.cleaned_data, kind=ItemKind(form.cleaned_data["kind"]))
            if ours:
                cases.hand_over(by=asking, review=review_id, **typed, at=now())
            else:
                del typed["holder"]
                cases.list_kept(by=asking, review=review_id, **typed, at=now())
            messages.success(request, "Listed. Whoever has it owes its destruction, and says so when it is done.")
            return redirect("handed-over", review_id)
    context = {
        "form": form,
        "review": view,
        "here": "Hand something over" if ours else "List what you keep",
        "intro": "What leaves the developer’s hands is listed with who has it and by when it is destroyed.",
        "button": "List it",
    }
    return render(request, "portal/review_form.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def attest(request: HttpRequest, review_id: str, item: str) -> HttpResponse:
    """``/reviews/<id>/handed-over/<item>/attest/``"""
    text = request.POST.get("text", "")
    return press(
        request,
        lambda: cases.attest_destruction(by=asker(request), review=review_id, item=item, text=text, at=now()),
        done="Attested and signed. The developer can see it.",
        back=("handed-over", review_id),
    )


@login_required
@require_POST
def complete_weights(request: HttpRequest, review_id: str, transfer: str) -> HttpResponse:
    """``/reviews/<id>/weights/<transfer>/complete/``"""
    return press(
        request,
        lambda: weights.complete(by=asker(request), transfer=transfer, at=now()),
        done="Handed over and signed. Whom the consent names can fetch them now.",
        back=("handed-over", review_id),
    )


@login_required
@require_POST
def cancel_weights(request: HttpRequest, review_id: str, transfer: str) -> HttpResponse:
    """``/reviews/<id>/weights/<transfer>/cancel/``"""
    return press(
        request,
        lambda: weights.cancel(by=asker(request), transfer=transfer, at=now()),
        done="Taken back. Every part of it that was here is destroyed.",
        back=("handed-over", review_id),
    )


@login_required
@require_POST
def plant(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/canaries/``: a string to plant; it appears in this answer only."""
    asking = asker(request)
    form = Place(request.POST)
    made = None
    if form.is_valid():
        with objections(to=form):
            made = cases.plant_canary(by=asking, review=review_id, place=form.cleaned_data["place"], at=now())
    context = {"review": cases.review(asking, review_id, now()), "made": made, "form": form}
    return render(request, "portal/canary.html", context, status=422 if form.errors else 200)


class Place(PortalForm):
    """Where a canary goes."""

    place = forms.CharField(label="Where you will plant it", max_length=1000)


class Found(PortalForm):
    """What was found, and where."""

    found = forms.CharField(
        label="What was found, and where",
        max_length=10_000,
        widget=long_text(6),
        help_text="Paste the text as you found it. A planted string in it shows what leaked.",
    )


@login_required
@require_http_methods(["GET", "POST"])
def leak(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/leak/``: report a leak; it says first what will happen."""
    asking = asker(request)
    cases.leaks(asking, review_id)
    form = Found(request.POST or None)
    if form.is_valid():
        with objections(to=form):
            cases.report_leak(by=asking, review=review_id, found=form.cleaned_data["found"], at=now())
            messages.success(request, "Reported. All access has ended and every key is dead; the developer was told.")
            return redirect("handed-over", review_id)
    context = {"form": form, "review_id": review_id, "review": visible_review(asking, review_id)}
    return render(request, "portal/leak.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def acknowledge(request: HttpRequest, review_id: str, leak_id: str) -> HttpResponse:
    """``/reviews/<id>/leaks/<leak>/acknowledge/``"""
    return press(
        request,
        lambda: cases.acknowledge_leak(by=asker(request), review=review_id, leak=leak_id, at=now()),
        done="Acknowledged. The review body can read the report now.",
        back=("handed-over", review_id),
    )


@require_http_methods(["GET", "POST"])
def found(request: HttpRequest) -> HttpResponse:
    """``/found/``: anybody who found a planted string. The answer is the same whether it is known or not."""
    form = Found(request.POST or None)
    told = False
    if form.is_valid():
        with objections(to=form):
            cases.report_found(found=form.cleaned_data["found"], at=now())
            told = True
    return render(request, "portal/found.html", {"form": form, "told": told}, status=422 if form.errors else 200)


@login_required
@require_POST
def countersign(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/consent/countersign/``: a further signature for the weights."""
    return press(
        request,
        lambda: cases.countersign_consent(by=asker(request), review=review_id, at=now()),
        done="Signed. The weights count once two people of each side have signed.",
        back=("review", review_id),
    )


def _guards(asking: Actor, developer: str) -> bool:
    return asking.has(Role.SECURITY, developer) or asking.has(Role.GOVERNANCE, developer)
