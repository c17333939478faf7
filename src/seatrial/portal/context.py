"""What every page knows: who is here, where one is, how the pages are dressed."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from . import assets, signin
from .asking import asker


def portal(request: HttpRequest) -> dict[str, Any]:
    """The context processor named in the settings."""
    return {
        "asking": asker(request) if hasattr(request, "user") else None,
        "dressed": assets.dressed(),
        "demonstration": signin.demonstration(),
        "personas": signin.personas,  # a function: read only by the sign-in page
        "section": request.path.strip("/").split("/")[0],
        "system_high": settings.SEATRIAL.system_high,
    }
