"""What one's organisations are scanning, whom they meet in it, and who learns what by that (ADR 40)."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from seatrial.clearinghouse.coordination import api as coordination
from seatrial.kernel.clock import Window, now
from seatrial.kernel.errors import NotFound
from seatrial.parties import api as parties
from seatrial.parties.types import Actor
from seatrial.portal.asking import asker
from seatrial.portal.forms import MomentField, PortalForm, long_text, objections

_MOST = 500  # registrations on the page
_DAYS = 14


class Scan(PortalForm):
    """Packages, a window, and the words that the other side of an overlap is shown."""

    organisation = forms.ChoiceField(label="Whose scan it is")
    purls = forms.CharField(
        label="Packages",
        widget=long_text(6),
        max_length=100_000,
        help_text="One package URL a line, without a version: pkg:pypi/requests.",
    )
    opens = MomentField(label="From (UTC)")
    closes = MomentField(label="To (UTC)")
    who = forms.CharField(
        label="Who scans",
        max_length=200,
        help_text="Whoever you meet reads this: the scanner’s name, its network, and whom to write to.",
    )


@login_required
@require_safe
def scanning(request: HttpRequest) -> HttpResponse:
    """``/scanning/``"""
    asking, moment = asker(request), now()
    found = coordination.scans(asking, moment, limit=_MOST + 1)
    context = {
        "scans": found[:_MOST],
        "more": len(found) > _MOST,
        "most": _MOST,
        "overlaps": coordination.overlaps(asking, moment),
        "names": parties.names({one.organisation for one in found}),
        "registers": bool(_homes(asking)),
        "a_day": coordination.SCANS_A_DAY,
        "now": moment,
    }
    return render(request, "portal/scanning.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """``/scanning/register/``; the answer says which registration is of which package, for no row does."""
    asking, moment = asker(request), now()
    homes = _homes(asking)
    if not homes:
        raise NotFound("not-offered", "There is nothing here for you now. Only people who scan register it.")
    form = Scan(request.POST or None, initial={"opens": moment, "closes": moment + timedelta(days=_DAYS)})
    names = parties.names(homes)
    form.fields["organisation"].choices = [(home, names[home]) for home in homes]  # type: ignore[attr-defined]
    if form.is_valid():
        with objections(to=form):
            typed = form.cleaned_data
            made = coordination.register_scans(
                by=asking,
                organisation=typed["organisation"],
                purls=[line.strip() for line in typed["purls"].splitlines() if line.strip()],
                window=Window(typed["opens"], typed["closes"]),
                who=typed["who"],
                at=moment,
            )
            return render(request, "portal/scanning_registered.html", {"made": made})
    context = {"form": form, "a_day": coordination.SCANS_A_DAY}
    return render(request, "portal/scanning_register.html", context, status=422 if form.errors else 200)


def _homes(asking: Actor) -> list[str]:
    """The organisations for which the asker registers scans."""
    return sorted({home for home, role in asking.roles if role in coordination.REGISTERS})
