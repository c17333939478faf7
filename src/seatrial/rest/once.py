"""Asking twice acts once: the ``Idempotency-Key`` of every change, hooked into the API so that no route can forget it.

A route says of itself what is special: ``@shown_once("id")`` if its answer holds a secret, ``@upload`` if its body is
too large to read for telling it from another (it is told by what it says of itself: type, size, fields, file names).
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any, TypeVar, cast

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from ninja.operation import Operation

from seatrial.idempotency import api as idempotency
from seatrial.idempotency.types import Answer, Asked
from seatrial.kernel.clock import now
from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import SeatrialError

from .asking import SAFE

HEADER, REPLAYED = "Idempotency-Key", "Idempotency-Replayed"

View = TypeVar("View", bound=Callable[..., Any])
Run = Callable[..., HttpResponse]


def shown_once(made: str) -> Callable[[View], View]:
    """The route's answer holds a secret: only its field ``made`` (an id) is kept, and a replay is ``already-done``."""

    def mark(view: View) -> View:
        view.shown_once = made  # type: ignore[attr-defined]
        return view

    return mark


def upload(view: View) -> View:
    """The route takes a file: its bytes are received before the transaction and not read to tell one from another."""
    view.upload = True  # type: ignore[attr-defined]
    return view


def acting_once(run: Run) -> Run:
    """The API's decorator around every operation (Ninja's mode ``view``: around authentication and validation too)."""
    operation = _operation_of(run)

    @functools.wraps(run)
    def wrapped(request: HttpRequest, **path: Any) -> HttpResponse:
        key = request.headers.get(HEADER)
        if key is None or request.method in SAFE:
            return run(request, **path)
        answered: list[HttpResponse] = []

        def act() -> Answer:
            answered.append(run(request, **path))
            return _answer(answered[0], operation)

        try:
            person = next((found(request).person for found in operation.auth_callbacks), "")
            asked = Asked(person, idempotency.parse_key(key), _fingerprint(request, operation))
            answer, replayed = idempotency.once(asked=asked, at=now(), act=act)
        except (SeatrialError, RequestDataTooBig) as error:
            return operation.api.on_exception(request, error)
        if not replayed:
            return answered[0]
        return HttpResponse(
            answer.body, content_type=answer.content_type, status=answer.status, headers={REPLAYED: "true"}
        )

    wrapped.acts_once = True  # type: ignore[attr-defined]
    return wrapped


def _operation_of(run: Any) -> Operation:
    while not isinstance(getattr(run, "__self__", None), Operation):
        run = run.__wrapped__
    return cast(Operation, run.__self__)


def _fingerprint(request: HttpRequest, operation: Operation) -> Digest:
    """Receives the body, so that a slow sender keeps nobody waiting once the transaction is open."""
    method, path = request.method or "", request.get_full_path()
    if not getattr(operation.view_func, "upload", False):
        return idempotency.fingerprint(method, path, request.body)
    files = [[name, file.name, file.size] for name, found in request.FILES.lists() for file in found]
    said = {
        "type": request.content_type or "",
        "size": request.headers.get("Content-Length", ""),
        "digest": request.headers.get("Content-Digest", ""),
        "fields": dict(request.POST.lists()),
        "files": files,
    }
    return idempotency.upload_fingerprint(method, path, said)


def _answer(response: HttpResponse, operation: Operation) -> Answer:
    """What a response says; below 400 the change it tells of stands."""
    stands = response.status_code < 400
    field = getattr(operation.view_func, "shown_once", None)
    made = str(json.loads(response.content)[field]) if stands and field else None
    return Answer(response.status_code, response["Content-Type"], response.content, stands=stands, made=made)
