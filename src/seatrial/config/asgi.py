"""The portal, the HTTP API and the feeds as one ASGI application, for granian or any other server."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

from seatrial.config.bodies import ROOM_FOR_FIELDS, BoundedBodies
from seatrial.config.environment import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seatrial.config.django")
_django = BoundedBodies(get_asgi_application(), limit=settings().attachment_limit + ROOM_FOR_FIELDS)

from seatrial.feeds.front import FeedsInFront  # noqa: E402 - it reads tables, which Django knows only now

application = FeedsInFront(_django, origin=settings().ledger_origin)
