"""What every page knows: who is here, where one is, how the pages are dressed."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from seatrial.parties.types import Role

from . import assets, signin
from .asking import asker

_DEVELOPERS = frozenset({Role.GOVERNANCE, Role.SECURITY})
_BODIES = frozenset({Role.INTAKE, Role.EVALUATOR, Role.AUTHORITY})
_REPORTS = frozenset({"reports", "portfolio", "scanning"})
_ASKING = _DEVELOPERS | _BODIES | {Role.SIGNATORY, Role.INSPECTOR}


def portal(request: HttpRequest) -> dict[str, Any]:
    """The context processor named in the settings."""
    asking = asker(request) if hasattr(request, "user") else None
    section = request.path.strip("/").split("/")[0]
    return {
        "asking": asking,
        # Only developers have these roles; their other people find their desk from the start page.
        "plans_own": asking is not None and any(role in _DEVELOPERS for _, role in asking.roles),
        "asks_findings": asking is not None and any(role in _ASKING for _, role in asking.roles),
        "triages": asking is not None and any(role is Role.ANALYST for _, role in asking.roles),
        "defends": asking is not None and any(role is Role.DEFENDER for _, role in asking.roles),
        "takes_reports": asking is not None and any(role is Role.MAINTAINER for _, role in asking.roles),
        # Everybody may have reported something; the link is shown where one looks for it, so that no page asks.
        "at_reports": asking is not None and bool(asking.person) and section in _REPORTS,
        "inspects": asking is not None and any(role is Role.INSPECTOR for _, role in asking.roles),
        "dressed": assets.dressed(),
        "demonstration": signin.demonstration(),
        "personas": signin.personas,  # a function: read only by the sign-in page
        "section": section,
        "system_high": settings.SEATRIAL.system_high,
    }
