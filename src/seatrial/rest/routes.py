"""The HTTP API."""

from __future__ import annotations

from ninja import NinjaAPI

api = NinjaAPI(title="Seatrial", version="1")
