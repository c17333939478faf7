"""The analyst's queue, a finding with what machines saw of it, clusters, and the flow of it all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from seatrial.clearinghouse.coordination import api as coordination
from seatrial.clearinghouse.triage import api as triage
from seatrial.kernel.clock import now
from seatrial.portal.asking import asker
from seatrial.portal.buttons import press
from seatrial.portal.forms import PortalForm, objections

_A_PAGE = 50
_DAYS = 30


@login_required
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """``/findings/``, from the report ``after`` on."""
    after = request.GET.get("after", "")
    lines = triage.queue(asker(request), limit=_A_PAGE + 1, after=after)
    context = {
        "lines": lines[:_A_PAGE],
        "more": lines[_A_PAGE - 1].report if len(lines) > _A_PAGE else "",
        "after": after,
    }
    return render(request, "portal/findings.html", context)


@login_required
@require_safe
def finding(request: HttpRequest, report_id: str) -> HttpResponse:
    """``/findings/<report>/``"""
    view = triage.finding(asker(request), report_id)
    latest = view.judgements[0] if view.judgements else None
    runs = [_run(one) for one in triage.transcript(asker(request), latest.id).get("runs", [])] if latest else []
    case = coordination.case_about(asker(request), report_id, now())
    return render(request, "portal/finding.html", {"finding": view, "latest": latest, "runs": runs, "case": case})


def _run(run: Mapping[str, Any]) -> dict[str, str]:
    """A run of a transcript as the page shows it: why, and what was said where it is text."""
    said = [run[stream].get("text", "(not text)") for stream in ("stderr", "stdout")]
    return {"why": run["why"], "said": "\n".join(filter(None, said))}


@login_required
@require_safe
def transcript(request: HttpRequest, judgement_id: str) -> HttpResponse:
    """``/judgements/<id>/transcript/``: the file that 'seatrial finding replay' runs again."""
    found = triage.transcript(asker(request), judgement_id)
    answer = JsonResponse(dict(found), json_dumps_params={"indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="{judgement_id}.json"'
    return answer


class Point(PortalForm):
    """A decision point that a person sets."""

    point = forms.ChoiceField(
        label="Decision point",
        choices=[
            ("exploitation", "Exploitation"),
            ("automatable", "Automatable"),
            ("technical_impact", "Technical impact"),
            ("mission_impact", "Mission and well-being"),
        ],
    )
    value = forms.CharField(
        label="Value",
        max_length=20,
        help_text="none, public poc or active; no or yes; partial or total; low, medium or high.",
    )
    reason = forms.CharField(label="Why", max_length=500, help_text="It stands beside the point.")


@login_required
@require_http_methods(["GET", "POST"])
def point(request: HttpRequest, report_id: str) -> HttpResponse:
    """``/findings/<report>/point/``"""
    view = triage.finding(asker(request), report_id)
    form = Point(request.POST or None, initial={"point": request.GET.get("point", "exploitation")})
    if form.is_valid():
        with objections(to=form):
            triage.say_point(by=asker(request), report=report_id, at=now(), **form.cleaned_data)
            messages.success(request, "Set. The queue is in order again.")
            return redirect("finding", report_id)
    context = {"form": form, "finding": view, "here": "Set a decision point", "button": "Set it"}
    return render(request, "portal/finding_form.html", context, status=422 if form.errors else 200)


class Together(PortalForm):
    """What a person says of two reports."""

    other = forms.CharField(label="The other report", max_length=40, help_text="Its id, as the queue shows it.")
    which = forms.ChoiceField(
        label="They are",
        choices=[("same", "one flaw"), ("apart", "two flaws")],
        widget=forms.RadioSelect,
        initial="same",
    )
    reason = forms.CharField(label="Why", max_length=500)


@login_required
@require_http_methods(["GET", "POST"])
def link(request: HttpRequest, report_id: str) -> HttpResponse:
    """``/findings/<report>/link/``"""
    view = triage.finding(asker(request), report_id)
    form = Together(request.POST or None, initial={"other": request.GET.get("other", "")})
    if form.is_valid():
        with objections(to=form):
            typed = form.cleaned_data
            said = {"by": asker(request), "reason": typed["reason"], "at": now()}
            if typed["which"] == "same":
                triage.say_same(reports=[report_id, typed["other"]], **said)
            else:
                triage.say_apart(left=[report_id], right=[typed["other"]], **said)
            messages.success(request, "Said. It can be undone on the cluster's page.")
            return redirect("finding", report_id)
    context = {"form": form, "finding": view, "here": "Compare with another report", "button": "Say so"}
    return render(request, "portal/finding_form.html", context, status=422 if form.errors else 200)


class Candidate(PortalForm):
    """A patch to check."""

    diff = forms.FileField(label="Patch", help_text="A unified diff against the target, as 'git diff' writes it.")


@login_required
@require_http_methods(["GET", "POST"])
def patch(request: HttpRequest, report_id: str) -> HttpResponse:
    """``/findings/<report>/patch/``"""
    view = triage.finding(asker(request), report_id)
    form = Candidate(request.POST or None, request.FILES or None)
    if form.is_valid():
        with objections(to=form):
            diff = form.cleaned_data["diff"].read()
            triage.give_patch(by=asker(request), report=report_id, diff=diff, at=now())
            messages.success(request, "Taken in. A machine checks it when it is its turn; nothing is applied.")
            return redirect("finding", report_id)
    context = {"form": form, "finding": view, "here": "Give a patch to check", "button": "Give it"}
    return render(request, "portal/finding_form.html", context, status=422 if form.errors else 200)


@login_required
@require_safe
def cluster(request: HttpRequest, cluster_id: str) -> HttpResponse:
    """``/clusters/<id>/``"""
    return render(request, "portal/cluster.html", {"cluster": triage.cluster(asker(request), cluster_id)})


@login_required
@require_POST
def undo(request: HttpRequest, cluster_id: str, decision: int) -> HttpResponse:
    """``/clusters/<id>/decisions/<number>/undo/``"""
    return press(
        request,
        lambda: triage.undo_decision(by=asker(request), decision=decision, at=now()),
        done="Undone. The clusters are as if it had never been.",
        back=("cluster", cluster_id),
    )


@login_required
@require_safe
def flow(request: HttpRequest) -> HttpResponse:
    """``/findings/flow/``"""
    found = triage.flow(asker(request), days=_DAYS, at=now())
    figure = SafeString(triage.flow_figure(found))
    return render(request, "portal/findings_flow.html", {"flow": found, "figure": figure})
