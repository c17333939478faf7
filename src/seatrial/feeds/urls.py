"""Addresses of the feeds. Each is a capability: whoever has it may read, so it is treated as a secret."""

from __future__ import annotations

from django.urls import re_path

from .pages import exposures_calendar, plan_calendar

urlpatterns = [
    re_path(r"^plans/(?P<secret>[A-Za-z0-9_-]{43})\.ics$", plan_calendar, name="plan-calendar"),
    re_path(r"^exposures/(?P<secret>[A-Za-z0-9_-]{43})\.ics$", exposures_calendar, name="exposures-calendar"),
]
