"""Operators' inventories over HTTP, and which advisories speak of them: for their own people alone."""

from __future__ import annotations

from itertools import islice
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status

from seatrial.clearinghouse.exposure import api as exposure
from seatrial.clearinghouse.exposure.types import AdvisoryLine, InventoryView, MatchView, SystemView, Verdict
from seatrial.kernel.canonical import plain
from seatrial.kernel.clock import now
from seatrial.kernel.errors import Misuse
from seatrial.kernel.labels import OPEN, Label

from .asking import actor_of
from .once import upload
from .schemas import schema_of

router = Router(tags=["inventories"])

_MOST = 1000
_PIECE = 2**16


class Learned(Schema):
    changed: list[str]


@router.get("/inventories", response=list[schema_of(InventoryView)])  # type: ignore[misc]
def inventories(request: HttpRequest) -> Any:
    """Your organisations' inventories, by name."""
    return plain(exposure.inventories(actor_of(request)))


@router.post("/inventories", response={201: schema_of(InventoryView)})
@upload
def add(request: HttpRequest, organisation: str, name: str) -> Any:
    """Keep an inventory, all of it or nothing, in place of the one of that name; it is matched when this answers.

    The body is a CycloneDX or SPDX document in JSON or a list of devices in CSV; or a form with several such, each as
    `files`. Each bill of materials is a system.
    """
    made = exposure.add_inventory(
        by=actor_of(request), organisation=organisation, name=name, files=_files(request, name), at=now()
    )
    return Status(201, plain(made))


@router.get("/inventories/{inventory}", response=schema_of(InventoryView))
def show(request: HttpRequest, inventory: str) -> Any:
    """One of your inventories, with what of it could not be used."""
    return plain(exposure.inventory(actor_of(request), inventory))


@router.delete("/inventories/{inventory}", response={204: None})
def remove(request: HttpRequest, inventory: str) -> Any:
    """Forget an inventory, its systems, and whatever of it nobody else has."""
    exposure.remove_inventory(by=actor_of(request), inventory=inventory, at=now())
    return Status(204, None)


@router.get("/inventories/{inventory}/systems", response=list[schema_of(SystemView)])  # type: ignore[misc]
def systems(request: HttpRequest, inventory: str, after: str = "", limit: int = 100) -> Any:
    """The systems of an inventory by name; `after` goes on behind that name."""
    return plain(exposure.systems(actor_of(request), inventory, after=after, limit=limit))


@router.get("/matches", response=list[schema_of(MatchView)])  # type: ignore[misc]
def matches(request: HttpRequest, inventory: str = "", verdict: Verdict | None = None, limit: int = 100) -> Any:
    """Which advisories speak of your systems, and why."""
    found = exposure.matches(actor_of(request), inventory=inventory, verdict=verdict)
    return [plain(one) for one in islice(found, max(1, min(limit, _MOST)))]


@router.get("/matches/advisories", response=list[schema_of(AdvisoryLine)])  # type: ignore[misc]
def advisories(request: HttpRequest, after: str = "", limit: int = 100) -> Any:
    """The advisories that are matched, as far as you may know of them, by name."""
    return plain(exposure.advisories(actor_of(request), after=after, limit=limit))


@router.post("/matches/advisories", response=Learned)
@upload
def learn(request: HttpRequest, label: str = str(OPEN)) -> Any:
    """Give advisories from elsewhere, as an analyst: OSV or CSAF, one, or a list of them."""
    changed = exposure.learn(
        by=actor_of(request), files=_files(request, "advisories"), label=Label.parse(label), at=now()
    )
    return {"changed": changed}


def _files(request: HttpRequest, name: str) -> dict[str, bytes]:
    """The body, or the files of a form by their names. Raises ``Misuse`` (``body-too-large``, ``body-invalid``)."""
    if request.content_type == "multipart/form-data":
        sent = request.FILES.getlist("files")
        found = {file.name or "": file.read() for file in sent}
        if not found or len(found) < len(sent):
            raise Misuse("body-invalid", "Send each file as 'files', under a name of its own.")
        return found
    data = bytearray()
    while piece := request.read(_PIECE):
        data += piece
        if len(data) > exposure.LARGEST:
            raise Misuse("body-too-large", f"At most {exposure.LARGEST // 2**20} MiB at once; send it in parts.")
    return {name: bytes(data)}
