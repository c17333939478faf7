"""The portal and the HTTP API as one ASGI application, for granian or any other server."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "seatrial.config.django")
application = get_asgi_application()
