"""Where each surface lives."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from seatrial.rest.routes import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api.urls),
    path("tuf/", include("seatrial.feeds.tuf")),
    path("feeds/", include("seatrial.feeds.urls")),
    path("", include("seatrial.feeds.roots")),
    path("accounts/", include("allauth.account.urls")),
    path("", include("seatrial.portal.urls")),
]
