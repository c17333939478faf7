"""Delivery over HTTP: the roles in force, and a vendor's own taken in. What clients fetch is served under /tuf/."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from seatrial.clearinghouse.delivery import api as delivery
from seatrial.clearinghouse.delivery.types import PatchLine, RoleView
from seatrial.kernel.canonical import plain
from seatrial.kernel.clock import now
from seatrial.kernel.errors import Misuse

from .asking import Anyone, actor_of
from .schemas import schema_of

router = Router(tags=["delivery"])


class SignedIn(Schema):
    metadata: str
    files: dict[str, str] = {}


class Taken(Schema):
    version: int


@router.get("/roles", response=list[schema_of(RoleView)])  # type: ignore[misc]
def roles(request: HttpRequest) -> Any:
    """The roles of the repository in force: versions, ends, keys, and what each signs."""
    actor_of(request)
    return plain(delivery.roles())


@router.get("/patches", response=list[schema_of(PatchLine)], auth=Anyone())  # type: ignore[misc]
def patches(request: HttpRequest) -> Any:
    """The files that vendors sign now, with what machines here found of them. Fetch one with `seatrial fetch-patch`."""
    return plain(delivery.patches())


@router.post("/vendors/{vendor}", response=Taken)
def publish(request: HttpRequest, vendor: str, body: SignedIn) -> Any:
    """Take in your own role, signed on your machine (`metadata` as it was written), and new files in base64 by name."""
    try:
        files = {name: base64.b64decode(text, validate=True) for name, text in body.files.items()}
    except (binascii.Error, ValueError) as error:
        raise Misuse("bad-target", "The files are sent in base64.") from error
    data = body.metadata.encode()
    return {"version": delivery.publish(by=actor_of(request), role=vendor, data=data, files=files, at=now())}
