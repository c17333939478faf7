"""Members over HTTP: whose feeds are followed and mirrored, for analysts. What is mirrored is under /.well-known/."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status

from seatrial.clearinghouse.members import api as members
from seatrial.clearinghouse.members.types import FaultView, MemberView
from seatrial.kernel.canonical import plain
from seatrial.kernel.clock import now

from .asking import actor_of
from .schemas import schema_of

router = Router(tags=["members"])


class MemberIn(Schema):
    """`url` is a domain's address or that of a `provider-metadata.json`; `keys` are fingerprints that you were told by
    another way."""

    url: str
    name: str = ""
    mirror: bool = True
    keys: list[str] = []


@router.get("", response=list[schema_of(MemberView)])  # type: ignore[misc]
def list_members(request: HttpRequest, ended: bool = False) -> Any:
    """Those that are followed, or that were, by name."""
    return plain(members.members(actor_of(request), ended=ended))


@router.post("", response={201: schema_of(MemberView)})
def add(request: HttpRequest, body: MemberIn) -> Any:
    """Look at a CSAF provider, and follow it from now on. Without `keys` those it names now are kept."""
    actor = actor_of(request)
    made = members.add_member(by=actor, at=now(), **body.dict())
    return Status(201, plain(members.member(actor, made)))


@router.get("/{member}", response=schema_of(MemberView))
def show(request: HttpRequest, member: str) -> Any:
    """One, by its id or name."""
    return plain(members.member(actor_of(request), member))


@router.get("/{member}/faults", response=list[schema_of(FaultView)])  # type: ignore[misc]
def faults(request: HttpRequest, member: str) -> Any:
    """What of it could not be mirrored, and why."""
    return plain(members.faults(actor_of(request), member))


@router.delete("/{member}", response={204: None})
def end(request: HttpRequest, member: str) -> Any:
    """Follow it no more; nothing of it is served or matched any longer."""
    members.end_member(by=actor_of(request), member=member, at=now())
    return Status(204, None)
