"""Who is asking: a personal token (``Authorization: Bearer sta-…``), the portal's session, or this very process.

A request made inside this process carries its actor as a Python object in an attribute of its own class. Requests
from the network are never of that class, and nothing that they carry becomes such an attribute.
"""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict
from ninja.security import HttpBearer
from ninja.utils import check_csrf

from seatrial.kernel.addresses import client_address
from seatrial.kernel.clock import now
from seatrial.kernel.errors import Forbidden, Misuse, NotFound
from seatrial.parties import api as parties
from seatrial.parties.types import ANYONE, Actor


class LocalRequest(HttpRequest):
    """A request of this process to itself, for ``local_actor``. Its form is read from its body when it is asked for."""

    local_actor: Actor
    _post: QueryDict
    _files: MultiValueDict[str, Any]

    def _read_post(self) -> QueryDict:
        self._read_form()
        return self._post

    def _read_files(self) -> MultiValueDict[str, Any]:
        self._read_form()
        return self._files

    def _begin_empty(self, empty: object) -> None:
        """Django begins every request with empty ones."""

    def _read_form(self) -> None:
        if not hasattr(self, "_post"):
            self._load_post_and_files()

    POST = property(_read_post, _begin_empty)
    FILES = property(_read_files, _begin_empty)


SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Asking(HttpBearer):
    """Ninja's hook: whoever asks becomes ``request.auth``.

    Raises ``Misuse`` (``sign-in-needed``, ``unknown-token``), or ``Forbidden`` (``csrf``) for a change
    asked for by a session without its CSRF token: a cookie alone proves nothing.
    """

    def __call__(self, request: HttpRequest) -> Actor:
        if isinstance(request, LocalRequest):
            return request.local_actor
        header = request.headers.get("Authorization", "")
        if header.startswith("Bearer "):
            return self.authenticate(request, header.removeprefix("Bearer ").strip())
        if not request.user.is_authenticated:
            raise Misuse("sign-in-needed", "Sign in, or send a personal API token as 'Authorization: Bearer …'.")
        if request.method not in SAFE and check_csrf(request) is not None:
            raise Forbidden(
                "csrf", "A change from a browser session needs its CSRF token; send the X-CSRFToken header."
            )
        try:
            return parties.actor(str(request.user.pk), now())
        except NotFound as gone:  # removed since this request began
            raise Misuse("sign-in-needed", "Your account is no longer active here.") from gone

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        return parties.actor_by_token(token, now())


class Anyone(Asking):
    """For what strangers may do too: ``request.auth`` is the public where nobody is named."""

    def __call__(self, request: HttpRequest) -> Actor:
        if isinstance(request, LocalRequest) or "Authorization" in request.headers or request.user.is_authenticated:
            return super().__call__(request)
        return ANYONE


def address_of(request: HttpRequest) -> str:
    """Where a request came from; empty for this very process, and where that cannot be known."""
    if isinstance(request, LocalRequest):
        return ""
    proxies, forwarded = settings.SEATRIAL.proxies, request.headers.get("X-Forwarded-For", "")
    return client_address(request.META.get("REMOTE_ADDR", ""), forwarded, proxies)


def actor_of(request: HttpRequest) -> Actor:
    """Whom ``Asking`` found behind this request."""
    return cast(Actor, request.auth)  # type: ignore[attr-defined]
