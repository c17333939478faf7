"""Patches that vendors signed, for everybody: what there is, what machines found of it, and how to take one."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from seatrial.clearinghouse.delivery import api as delivery
from seatrial.parties import api as parties


@require_safe
def patches(request: HttpRequest) -> HttpResponse:
    """``/patches/``"""
    lines = delivery.patches()
    names = parties.names({line.vendor for line in lines})
    context = {
        "lines": [(line, names.get(line.vendor, line.vendor)) for line in lines],
        "portal": settings.SEATRIAL.portal_url,
    }
    return render(request, "portal/patches.html", context)
