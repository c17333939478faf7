"""An operator's inventories: what it runs, and which advisories speak of it, for its own people alone (ADR 44)."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from seatrial.clearinghouse.exposure import api as exposure
from seatrial.clearinghouse.exposure.types import Verdict
from seatrial.kernel.clock import now
from seatrial.kernel.errors import NotFound
from seatrial.parties import api as parties
from seatrial.parties.types import Actor
from seatrial.portal.asking import asker
from seatrial.portal.buttons import press
from seatrial.portal.forms import PortalForm, objections

_SYSTEMS = 100  # on a page
_MATCHES = 200
WORDS = {
    Verdict.AFFECTED: "affected",
    Verdict.CANNOT_TELL: "cannot tell",
    Verdict.UNDER_INVESTIGATION: "under investigation",
    Verdict.FIXED: "fixed",
    Verdict.NOT_AFFECTED: "not affected",
}


class ManyFiles(forms.ClearableFileInput):
    """A file input that takes several."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or several, each by its name."""

    def clean(self, data: Any, initial: Any = None) -> dict[str, bytes]:
        """What they are is for the rules to say."""
        found = {file.name: file.read() for file in data or ()}
        if not found or len(found) < len(data):
            raise forms.ValidationError("Choose at least one file, and give each a name of its own.")
        return found


class Inventory(PortalForm):
    """Files, and what they are called together."""

    organisation = forms.ChoiceField(label="Whose systems they are")
    name = forms.CharField(label="Name", max_length=200, help_text="One that has this name is replaced.")
    documents = FilesField(
        label="Files",
        widget=ManyFiles(attrs={"class": "portal-file"}),
        help_text="CycloneDX 1.4 to 1.7 or SPDX 2.3 or 3.0 in JSON, a system each; or a list of devices in CSV.",
    )


@login_required
@require_safe
def inventories(request: HttpRequest) -> HttpResponse:
    """``/inventories/``"""
    asking = asker(request)
    found = exposure.inventories(asking)
    names = parties.names({one.organisation for one in found})
    context = {"inventories": found, "names": names, "keeps": bool(_homes(asking))}
    return render(request, "portal/inventories.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """``/inventories/add/``"""
    asking = asker(request)
    homes = _homes(asking)
    if not homes:
        raise NotFound("not-offered", "There is nothing here for you. An operator’s defenders keep inventories.")
    form = Inventory(request.POST or None, request.FILES or None)
    names = parties.names(homes)
    form.fields["organisation"].choices = [(home, names[home]) for home in homes]  # type: ignore[attr-defined]
    if form.is_valid():
        with objections(to=form):
            said = form.cleaned_data
            made = exposure.add_inventory(
                by=asking,
                organisation=said["organisation"],
                name=said["name"],
                files=said["documents"],
                at=now(),
            )
            return redirect("inventory", made.id)
    return render(request, "portal/inventory_add.html", {"form": form}, status=422 if form.errors else 200)


@login_required
@require_safe
def inventory(request: HttpRequest, inventory_id: str) -> HttpResponse:
    """``/inventories/<id>/``"""
    asking, after = asker(request), request.GET.get("after", "")
    found = exposure.inventory(asking, inventory_id)
    systems = exposure.systems(asking, inventory_id, after=after, limit=_SYSTEMS + 1)
    counts = exposure.verdicts(asking, inventory_id)
    matches = sorted(
        islice(exposure.matches(asking, inventory=inventory_id), 10 * _MATCHES),
        key=lambda one: (list(WORDS).index(one.verdict), one.vulnerability, one.system_name),
    )
    context = {
        "inventory": found,
        "systems": [(one, _said(counts.get(one.id, Counter()))) for one in systems[:_SYSTEMS]],
        "next": systems[_SYSTEMS - 1].name if len(systems) > _SYSTEMS else "",
        "matches": [(one, WORDS[one.verdict]) for one in matches[:_MATCHES]],
        "all": sum(sum(one.values()) for one in counts.values()),
        "most": _MATCHES,
        "keeps": found.organisation in _homes(asking),
    }
    return render(request, "portal/inventory.html", context)


@login_required
@require_POST
def remove(request: HttpRequest, inventory_id: str) -> HttpResponse:
    """``/inventories/<id>/remove/``"""

    def act() -> None:
        exposure.remove_inventory(by=asker(request), inventory=inventory_id, at=now())

    return press(request, act, done="It is gone, and all that was known of its systems.", back=("inventories",))


def _homes(asking: Actor) -> list[str]:
    """The organisations for which the asker keeps inventories."""
    return sorted({home for home, role in asking.roles if role in exposure.KEEPERS})


def _said(counts: Counter[Verdict]) -> str:
    return ", ".join(f"{counts[verdict]:,} {words}" for verdict, words in WORDS.items() if counts[verdict]) or "none"
