"""What one and one's organisations reported, and what became of it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from seatrial.clearinghouse.coordination import api as coordination
from seatrial.clearinghouse.findings import api as findings
from seatrial.clearinghouse.remediation import api as remediation
from seatrial.kernel.clock import now
from seatrial.portal.asking import asker

_PART = 50


@login_required
@require_safe
def portfolio(request: HttpRequest) -> HttpResponse:
    """``/portfolio/``, newest first; ``?after=`` goes on. What became of each is told without a name or a word."""
    asking, moment, after = asker(request), now(), request.GET.get("after", "")
    found = findings.mine(asking, _PART + 1, after=after)
    part = found[:_PART]
    progress = coordination.progresses([one.id for one in part], moment)
    protected = remediation.protected_by([one.id for one in part])
    context = {
        "reports": [(one, progress.get(one.id), protected.get(one.id)) for one in part],
        "more": part[-1].id if len(found) > _PART else "",
        "after": after,
        "cases": () if after else coordination.cases(asking, moment, limit=_PART),
    }
    return render(request, "portal/portfolio.html", context)


@login_required
@require_safe
def receipt(request: HttpRequest, report_id: str) -> HttpResponse:
    """``/portfolio/<report>/receipt.json``: shows offline that the report is on the ledger, and when it came."""
    made = findings.ledger_receipt(asker(request), report_id, at=now())
    answer = JsonResponse(made, json_dumps_params={"indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="{report_id}-receipt.json"'
    return answer
