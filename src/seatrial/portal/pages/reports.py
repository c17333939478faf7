"""Vulnerability reports: anyone hands one in and follows it with its receipt code; no account is needed."""

from __future__ import annotations

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from seatrial.clearinghouse.findings import api as findings
from seatrial.clearinghouse.findings.types import NewReport
from seatrial.kernel.clock import now
from seatrial.kernel.errors import NotFound
from seatrial.kernel.labels import Tlp
from seatrial.portal.asking import asker
from seatrial.portal.buttons import press
from seatrial.portal.forms import PortalForm, long_text, objections

_WISHES = {
    Tlp.CLEAR: "may be passed on to anyone",
    Tlp.GREEN: "may be passed on within the community",
    Tlp.AMBER: "the handling organisations and those they must tell",
    Tlp.AMBER_STRICT: "the handling organisation only",
    Tlp.RED: "only the people who must know",
}


class Report(PortalForm):
    """What a finder says."""

    title = forms.CharField(label="Title", max_length=200, help_text="One line, for example: Crash when a PNG is cut.")
    product = forms.CharField(label="Product", max_length=200, help_text="What it is in, as its vendor names it.")
    version = forms.CharField(label="Version", max_length=100, required=False)
    description = forms.CharField(
        label="Description",
        widget=long_text(8),
        max_length=50_000,
        help_text="What happens, how, and what it leads to.",
    )
    proof = forms.CharField(
        label="Proof", widget=long_text(6), max_length=200_000, required=False, help_text="Input or code that shows it."
    )
    finder = forms.CharField(
        label="Credit", max_length=200, required=False, help_text="Shown exactly as you write it. Empty is anonymous."
    )
    tlp = forms.ChoiceField(
        label="How far it may travel",
        choices=[(tlp.word.removeprefix("TLP:"), f"{tlp.word}: {meaning}") for tlp, meaning in _WISHES.items()],
        initial="AMBER",
    )


@require_http_methods(["GET", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """``/reports/``"""
    form = Report(request.POST or None)
    if form.is_valid():
        with objections(to=form):
            receipt = findings.submit(report=NewReport(**form.cleaned_data), at=now(), source="page")
            # Shown in the answer itself: the code is a secret, and a redirect would have to keep it somewhere.
            return render(request, "portal/report_received.html", {"receipt": receipt})
    return render(request, "portal/report.html", {"form": form}, status=422 if form.errors else 200)


class Code(PortalForm):
    """The receipt code of a report."""

    code = forms.CharField(
        label="Receipt code",
        max_length=60,
        help_text="Five groups of five letters and digits, given to you when you reported.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


@require_http_methods(["GET", "POST"])
def follow(request: HttpRequest) -> HttpResponse:
    """``/reports/follow/``: by POST, so that the code stands in no address and no log."""
    form = Code(request.POST or None)
    if form.is_valid():
        try:
            found = findings.follow(form.cleaned_data["code"])
            return render(request, "portal/report_followed.html", {"report": found})
        except NotFound as error:
            form.add_error("code", error.message)
    return render(request, "portal/report_follow.html", {"form": form}, status=422 if form.errors else 200)


@login_required
@require_safe
def one_report(request: HttpRequest, report_id: str) -> HttpResponse:
    """``/reports/<id>/``: for the clearinghouse's analysts."""
    return render(request, "portal/report_page.html", {"report": findings.report(asker(request), report_id)})


@login_required
@require_POST
def report_acknowledge(request: HttpRequest, report_id: str) -> HttpResponse:
    """``/reports/<id>/acknowledge/``"""
    return press(
        request,
        lambda: findings.acknowledge(by=asker(request), report=report_id, at=now()),
        done="Acknowledged. The finder sees it with the receipt code.",
        back=("report-page", report_id),
    )
