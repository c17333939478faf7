"""The ledger over HTTP: entries one may read, receipts, checkpoints, the public key."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from seatrial.kernel.canonical import plain
from seatrial.kernel.clock import now
from seatrial.ledger import api as ledger
from seatrial.ledger.types import MAIN, Entry

from .asking import actor_of
from .schemas import schema_of

router = Router(tags=["ledger"])


@router.get("/key", auth=None, response=dict[str, str])
def key(request: HttpRequest) -> Any:
    """The public key that every receipt verifies against."""
    return {"key": ledger.public_key()}


@router.get("/entries", response=list[schema_of(Entry)])  # type: ignore[misc]
def entries(request: HttpRequest, log: str = MAIN, after: int = -1, kind: str | None = None, limit: int = 100) -> Any:
    """The entries you may read, oldest first, after an index."""
    return plain(ledger.entries(actor_of(request), log=log, after=after, kind=kind, limit=min(max(limit, 1), 1000)))


@router.get("/receipts/{log}/{index}", response=dict[str, Any])
def receipt(request: HttpRequest, log: str, index: int) -> Any:
    """The receipt of one entry, verifiable offline."""
    return plain(ledger.receipt(actor_of(request), log=log, index=index, at=now()))


@router.get("/checkpoint", response=dict[str, str])
def checkpoint(request: HttpRequest, log: str = MAIN) -> Any:
    """A signed checkpoint of a log (C2SP signed note)."""
    return {"checkpoint": ledger.checkpoint(log=log, at=now(), asking=actor_of(request))}
