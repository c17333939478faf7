"""Vulnerability reports: anyone hands in one or many and follows them by receipt code; no account is needed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from seatrial.clearinghouse.coordination import api as coordination
from seatrial.clearinghouse.findings import api as findings
from seatrial.clearinghouse.findings.types import NewReport
from seatrial.clearinghouse.remediation import api as remediation
from seatrial.kernel.clock import now
from seatrial.kernel.errors import NotFound
from seatrial.kernel.labels import Tlp
from seatrial.parties.types import Actor, Role
from seatrial.portal.asking import address, asker
from seatrial.portal.buttons import press
from seatrial.portal.forms import PortalForm, long_text, objections

_HANDLES = (Role.ANALYST, findings.CLEARINGHOUSE)
_WISHES = {
    Tlp.CLEAR: "may be passed on to anyone",
    Tlp.GREEN: "may be passed on within the community",
    Tlp.AMBER: "the handling organisations and those they must tell",
    Tlp.AMBER_STRICT: "the handling organisation only",
    Tlp.RED: "only the people who must know",
}


class ManyFiles(forms.ClearableFileInput):
    """A file input that takes several."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """What a report brings with it, none by default."""

    def clean(self, data: Any, initial: Any = None) -> dict[str, Any]:
        """Each by its name; what they may be is for the rules to say."""
        found = {file.name: file.chunks for file in data or ()}
        if len(found) < len(data or ()):
            raise forms.ValidationError("Two files have the same name; give each its own.")
        return found


class Ours(PortalForm):
    """For which organisation somebody reports, where they act for several."""

    organisation = forms.ChoiceField(label="You report for", required=False)

    def __init__(self, asking: Actor, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        if len(asking.organisations) > 1:
            choices = [(one, one) for one in sorted(asking.organisations)]
            self.fields["organisation"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["organisation"]


class Report(Ours):
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
    attached = FilesField(
        label="Files",
        required=False,
        widget=ManyFiles(attrs={"class": "portal-file"}),
        help_text="Inputs, logs or pictures. They are kept sealed, and deleted if you withdraw the report.",
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
    asking = asker(request)
    form = Report(asking, request.POST or None, request.FILES or None)
    if form.is_valid():
        said = dict(form.cleaned_data)
        files, organisation = said.pop("attached"), said.pop("organisation", "")
        with objections(to=form):
            receipt = findings.submit(
                report=NewReport(**said),
                files=files,
                by=asking,
                organisation=organisation,
                address=address(request),
                at=now(),
                source="page",
            )
            # Shown in the answer itself: the code is a secret, and a redirect would have to keep it somewhere.
            return render(request, "portal/report_received.html", {"receipt": receipt})
    return render(request, "portal/report.html", {"form": form}, status=422 if form.errors else 200)


class Many(Ours):
    """A file of reports, and what is said for those in it that do not say it."""

    reports = forms.FileField(
        label="File", help_text="Our own JSON format, SARIF 2.1.0, OSV or CSAF; one or many, also packed with gzip."
    )
    product = forms.CharField(
        label="Product", max_length=200, required=False, help_text="For reports that name none, as SARIF does."
    )
    version = forms.CharField(label="Version", max_length=200, required=False)
    tlp = forms.ChoiceField(
        label="How far they may travel",
        required=False,
        choices=[("", "as each of them says, or TLP:AMBER")] + [(tlp.word[4:], tlp.word) for tlp in _WISHES],
    )


@require_http_methods(["GET", "POST"])
def many(request: HttpRequest) -> HttpResponse:
    """``/reports/many/``: the result of each item stands in the answer, with its code where there is one."""
    asking = asker(request)
    form = Many(asking, request.POST or None, request.FILES or None)
    if form.is_valid():
        said = form.cleaned_data
        with objections(to=form):
            made = findings.import_file(
                pieces=said["reports"].chunks(),
                given=findings.Given(said["product"], said["version"], said["tlp"]),
                by=asking,
                organisation=said.get("organisation", ""),
                address=address(request),
                at=now(),
                source="page",
            )
            return render(request, "portal/reports_taken.html", {"made": made})
    return render(request, "portal/reports_many.html", {"form": form}, status=422 if form.errors else 200)


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
            code = form.cleaned_data["code"]
            if "withdraw" in request.POST:
                with objections(to=form):
                    findings.withdraw(code=code, at=now())
            found = findings.follow(code)
            progress = coordination.progresses([found.id], now()).get(found.id)
            protected = remediation.protected_by([found.id]).get(found.id)
            context = {"report": found, "form": form, "progress": progress, "protected": protected}
            return render(request, "portal/report_followed.html", context)
        except NotFound as error:
            form.add_error("code", error.message)
    return render(request, "portal/report_follow.html", {"form": form}, status=422 if form.errors else 200)


@login_required
@require_safe
def one_report(request: HttpRequest, report_id: str) -> HttpResponse:
    """``/reports/<id>/``: for the clearinghouse's analysts, and whose report it is."""
    asking = asker(request)
    found = findings.report(asking, report_id)
    facts = {"report": found, "is_own": findings.is_ours(asking, found), "handles": asking.has(*_HANDLES)}
    return render(request, "portal/report_page.html", facts)


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


@login_required
@require_POST
def report_withdraw(request: HttpRequest, report_id: str) -> HttpResponse:
    """``/reports/<id>/withdraw/``"""
    return press(
        request,
        lambda: findings.withdraw(by=asker(request), report=report_id, at=now()),
        done="Withdrawn. Its attachments are deleted.",
        back=("report-page", report_id),
    )
