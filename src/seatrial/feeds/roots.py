"""Addresses that protocols fix themselves, at the root of the instance."""

from __future__ import annotations

from django.urls import re_path

from .pages import feed

urlpatterns = [
    re_path(r"^taxii2/", feed, name="taxii"),
    re_path(r"^osv/", feed, name="osv"),
    re_path(r"^\.well-known/csaf/", feed, name="csaf"),
    re_path(r"^\.well-known/csaf-aggregator/", feed, name="csaf-aggregator"),
    re_path(r"^\.well-known/security\.txt$", feed, name="security-txt"),
]
