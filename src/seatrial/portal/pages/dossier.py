"""The dossier: read, written by section or from a file, compared, and shared as a twin that is proven first."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from seatrial.kernel.clock import now
from seatrial.kernel.errors import Misuse, NotFound, Refused
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, Role
from seatrial.portal.asking import asker
from seatrial.portal.buttons import press
from seatrial.portal.forms import PortalForm
from seatrial.portal.tables import pressed
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import ReviewState, ReviewView
from seatrial.review.dossiers import api as dossiers
from seatrial.review.dossiers.types import Audience, DossierView

from . import dossier_form as typing_in
from .dossier_reading import in_words, laid_out, pieces


@login_required
@require_safe
def dossier(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/dossier/``; ``?version=`` shows an earlier one."""
    asking, view = _asked(request, review_id)
    found = _found(asking, review_id, _number(request.GET.get("version", "")))
    names = parties.names()
    writes = _writes(asking, view)
    offers = dossiers.exports(asking, review_id, version=found.version).offers if found and writes else ()
    context = {
        "review": view,
        "dossier": found,
        "offers": [(offer.title, len(offer.lacks)) for offer in offers],
        "sections": laid_out(found.document, names) if found else (),
        "withheld": pieces(found.withheld) if found else [],
        "versions": dossiers.versions(asking, review_id),
        "names": names,
        "ours": view.developer in asking.organisations,
        "may_write": writes,
        "may_share": asking.has(Role.GOVERNANCE, view.developer) and view.state is not ReviewState.DRAFT,
        "may_sign": asking.has(Role.SIGNATORY, view.developer),
        "progress": dossiers.progress(found.document if found else dossiers.begun(asking, review_id, now())),
    }
    return render(request, "portal/dossier.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def section(request: HttpRequest, review_id: str, name: str) -> HttpResponse:
    """``/reviews/<id>/dossier/sections/<name>/``: the guided form of one section."""
    asking, view = _writing(request, review_id)
    field = next((one for one in dossiers.SECTIONS if one.name == name), None)
    if field is None:
        raise NotFound("no-such-section", f"A dossier has no section {name!r}.")
    newest = _found(asking, review_id, None)
    based_on = newest.version if newest else 0
    objections: list[tuple[str, str]] = []
    beside: dict[str, list[str]] = {}
    if request.method == "POST":
        table = {key: value for key, value in request.POST.items() if isinstance(value, str)}
        based_on = _number(table.get("based_on", "")) or 0
        if not pressed(table, table.get("do", "")):
            said, marking, places = typing_in.said(field, table)
            try:
                made = dossiers.compose_section(
                    by=asking, review=review_id, section=name, said=said, marking=marking, at=now(), based_on=based_on
                )
            except dossiers.Faulty as faulty:
                beside, listed = typing_in.by_name(faulty.faults, places)
                objections = [(name, f"{in_words(fault.place)}: {fault.said}") for name, fault in listed]
            except (Refused, Misuse) as error:
                objections = [("", error.message)]
            else:
                messages.success(request, f"{field.title}: kept as version {made.version}.")
                return redirect("dossier", review_id)
    else:
        dossiers.check_whole(name, newest.withheld if newest else ())
        plain = dossiers.as_json(newest.document if newest else dossiers.begun(asking, review_id, now()))
        table = typing_in.table_of(field, plain.get(name), plain.get("marked", {}).get(name, ""))
    marks = typing_in.Marks.of(view, parties.names())
    context = {
        "review": view,
        "asked": field,
        "form": typing_in.controls(field, table, beside, marks),
        "section_mark": table.get(f"{typing_in.ROOT}.section-mark", ""),
        "whole": marks.options(table.get(f"{typing_in.ROOT}.section-mark", "")),
        "objections": objections,
        "based_on": based_on,
        "others": dossiers.SECTIONS,
    }
    return render(request, "portal/dossier_section.html", context, status=422 if objections else 200)


class Upload(PortalForm):
    """A file with the whole document."""

    file = forms.FileField(label="Dossier file", help_text="TOML or JSON in UTF-8, up to 2 MB.", allow_empty_file=True)


@login_required
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/dossier/file/``: a new version from a file."""
    asking, view = _writing(request, review_id)
    form = Upload(request.POST, request.FILES) if request.method == "POST" else Upload()
    faults: list[str] = []
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            if file.size > dossiers.LARGEST_FILE:
                raise Misuse("dossier-too-large", f"{file.name} has {file.size:,} bytes, more than 2,000,000.")
            data = file.read()
            kind = "json" if data.lstrip()[:1] == b"{" else "toml"
            document = dossiers.from_bytes(data, kind)
            made = dossiers.compose(by=asking, review=review_id, document=document, at=now())
        except dossiers.Faulty as faulty:
            faults = [str(fault) for fault in faulty.faults]
        except (Refused, Misuse) as error:
            faults = [error.message]
        else:
            messages.success(request, f"{file.name}: kept as version {made.version}.")
            return redirect("dossier", review_id)
    context = {"review": view, "form": form, "faults": faults}
    return render(request, "portal/dossier_file.html", context, status=422 if faults or form.errors else 200)


@login_required
@require_safe
def source(request: HttpRequest, review_id: str, kind: str) -> HttpResponse:
    """``/reviews/<id>/dossier/source.toml`` and ``….json``: the file that reads back to exactly this version."""
    asking, _ = _asked(request, review_id)
    document = dossiers.source(asking, review_id, _number(request.GET.get("version", "")))
    text, mime = (
        (dossiers.as_toml(document), "application/toml")
        if kind == "toml"
        else (dossiers.as_json_text(document), "application/json")
    )
    return _file(text, mime, f"dossier-{review_id}.{kind}")


@login_required
@require_safe
def blank(request: HttpRequest) -> HttpResponse:
    """``/dossiers/blank.toml``: every question, and nothing answered."""
    return _file(dossiers.blank(), "application/toml", "dossier.toml")


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """``/dossiers/schema.json``"""
    return JsonResponse(dossiers.schema(), content_type="application/schema+json", json_dumps_params={"indent": 1})


@login_required
@require_safe
def changes(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/dossier/changes/?old=1&new=2``"""
    asking, view = _asked(request, review_id)
    versions = dossiers.versions(asking, review_id)
    if not versions:
        raise NotFound("no-dossier", f"The review {review_id} has no dossier that you may see.")
    new = _number(request.GET.get("new", "")) or versions[0].version
    earlier = next((one.version for one in versions if one.version < new), new)
    old = _number(request.GET.get("old", "")) or earlier
    found = dossiers.diff(asking, review_id, old, new)
    context = {
        "review": view,
        "diff": found,
        "changes": [(in_words(change.place), change) for change in found.changes],
        "hidden": [in_words(place) for place in found.hidden],
        "versions": versions,
    }
    return render(request, "portal/dossier_changes.html", context)


@login_required
@require_safe
def twin(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/dossier/twin/?audience=public``: what sharing would hand over, to read first."""
    asking, view = _asked(request, review_id)
    audience, partner = _audience(request.GET.get("audience", ""), request.GET.get("partner", ""))
    names = parties.names()
    context: dict[str, Any] = {
        "review": view,
        "audience": audience.value,
        "partner": partner,
        "choices": _choices(view, names),
        "may_share": asking.has(Role.GOVERNANCE, view.developer) and view.state is not ReviewState.DRAFT,
    }
    try:
        made = dossiers.preview(asking, review_id, audience, partner)
    except Refused as refusal:
        context["refusal"] = refusal.message
    else:
        context |= {
            "twin": made,
            "sections": laid_out(made.document, names),
            "withheld": pieces(made.withheld),
        }
    return render(request, "portal/dossier_twin.html", context, status=409 if "refusal" in context else 200)


@login_required
@require_POST
def share(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/dossier/share/``"""
    audience, partner = _audience(request.POST.get("audience", ""), request.POST.get("partner", ""))
    version = _number(request.POST.get("version", ""))
    return press(
        request,
        lambda: dossiers.share(
            by=asker(request), review=review_id, version=version, audience=audience, partner=partner, at=now()
        ),
        done="Shared, without what is marked to stay back. Each reader sees as much as their label lets them.",
        back=("dossier", review_id),
    )


@login_required
@require_POST
def sign(request: HttpRequest, review_id: str) -> HttpResponse:
    """``/reviews/<id>/dossier/sign/``"""
    audience, partner = _audience(request.POST.get("audience", ""), request.POST.get("partner", ""))
    version = _number(request.POST.get("version", "")) or 0
    return press(
        request,
        lambda: dossiers.sign(
            by=asker(request), review=review_id, version=version, audience=audience, partner=partner, at=now()
        ),
        done="Signed for the developer.",
        back=("dossier", review_id),
    )


def _asked(request: HttpRequest, review_id: str) -> tuple[Actor, ReviewView]:
    asking = asker(request)
    return asking, cases.review(asking, review_id, now())


def _writing(request: HttpRequest, review_id: str) -> tuple[Actor, ReviewView]:
    asking, view = _asked(request, review_id)
    if not _writes(asking, view):
        raise NotFound("not-offered", "Writing the dossier is for the developer’s governance and security people.")
    return asking, view


def _writes(asking: Actor, view: ReviewView) -> bool:
    return asking.has(Role.GOVERNANCE, view.developer) or asking.has(Role.SECURITY, view.developer)


def _found(asking: Actor, review_id: str, version: int | None) -> DossierView | None:
    try:
        return dossiers.dossier(asking, review_id, version)
    except NotFound:
        if version is not None:
            raise
        return None


def _audience(audience: str, partner: str) -> tuple[Audience, str]:
    """Both from an address or a form; a partner is named as ``partner`` or ``partner:organisation``."""
    word, _, named = audience.partition(":")
    try:
        return Audience(word or Audience.BODY), partner or named
    except ValueError as error:
        raise NotFound("no-such-audience", "A twin is made for the body, for a partner, or for the public.") from error


def _choices(view: ReviewView, names: dict[str, str]) -> list[tuple[str, str]]:
    partners = [(f"partner:{one.organisation}", names.get(one.organisation, one.organisation)) for one in view.partners]
    return [("body", names.get(view.body, view.body)), *partners, ("public", "The public")]


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else None


def _file(text: str, mime: str, name: str) -> HttpResponse:
    return HttpResponse(
        text, content_type=f"{mime}; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
