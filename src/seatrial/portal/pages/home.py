"""The start page: to a visitor what this is; to a person what they can do next."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from seatrial.clearinghouse.coordination import api as coordination
from seatrial.clearinghouse.findings import api as findings
from seatrial.kernel.clock import now
from seatrial.parties import api as parties
from seatrial.parties.types import Role
from seatrial.portal.asking import asker
from seatrial.portal.steps import links, steps
from seatrial.review.cases import api as cases
from seatrial.review.planning import api as planning

SHOWN = 20  # reviews; the list has the rest

_JOBS: dict[Role, str] = {
    Role.GOVERNANCE: "You plan releases, offer reviews and end them. Nothing here can delay a release of yours.",
    Role.SECURITY: "You see every use of your model and can end all access in an instant.",
    Role.SIGNATORY: "Your signature binds your organisation: read before you sign.",
    Role.INTAKE: "You acknowledge offers and ask questions. No clock waits for you, and none is yours to move.",
    Role.EVALUATOR: "You reach a model with your own key, for the consented purpose, inside the window and the budget.",
    Role.AUTHORITY: "You read the evidence, record a finding with its reasons, and share it with the developer.",
    Role.ANALYST: "You handle reports of vulnerabilities.",
    Role.MAINTAINER: "You hear of flaws in your software, at the pace you state, and say what becomes of them.",
    Role.DEFENDER: "You see which of your systems are affected, and say what becomes of each. Every date is your own.",
    Role.COUNSEL: "You advise your organisation, and do what a colleague delegates to you.",
    Role.STEWARD: "You manage your organisation’s people: invitations, roles, who leaves.",
    Role.INSPECTOR: "You read for coercion and trace every access; you change nothing.",
}


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """``/``"""
    asking = asker(request)
    if not asking.person:
        return render(request, "portal/welcome.html")
    views = cases.reviews(asking, now(), limit=SHOWN + 1, ended=False)
    held = {role for _, role in asking.roles}
    names = parties.names(asking.organisations)
    return render(
        request,
        "portal/home.html",
        {
            "organisations": [names.get(home, home) for home in sorted(asking.organisations)],
            "jobs": [words for role, words in _JOBS.items() if role in held],
            "next": [
                (view, [link for link in links(view, steps(view)) if link[0].weight == "main"])
                for view in views[:SHOWN]
            ],
            "more": len(views) > SHOWN,
            "has_desk": bool(planning.desks(asking)),
            "may_plan": Role.GOVERNANCE in held,
            "shared": cases.invitations(asking, now()),
            "scans": bool(held & set(coordination.REGISTERS)),
            "duties": cases.duties(asking, now()),
            "reports": findings.reports(asking) if Role.ANALYST in held else (),
        },
    )
