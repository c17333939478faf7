"""How people come in: by invitation only; and, on a demonstration instance, who there is to be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest

PERSONAS = Path("demo") / "personas.json"  # below the data folder; only the demo writes it


class ClosedSignup(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Nobody makes their own account; people come by invitation."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


def demonstration() -> bool:
    """True if the demo has run here, so that everybody in this instance is invented."""
    return (settings.SEATRIAL.home / PERSONAS).is_file()


def personas() -> list[dict[str, str]]:
    """Name, roles, job and e-mail of the demo's people. Their passwords stay where the demo printed them."""
    try:
        rows: list[dict[str, Any]] = json.loads((settings.SEATRIAL.home / PERSONAS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    shown = ("name", "organisation", "roles", "job", "email")
    return [{key: str(row.get(key, "")) for key in shown} for row in rows]
