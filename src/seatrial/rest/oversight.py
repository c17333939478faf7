"""Oversight over HTTP: indicators, one review's traces and pointers, samples. It only reads."""

from __future__ import annotations

import secrets
from typing import Any

from django.http import HttpRequest
from ninja import Router

from seatrial.kernel.canonical import plain
from seatrial.kernel.clock import now
from seatrial.review.cases.types import ReviewView
from seatrial.review.oversight import api as oversight
from seatrial.review.oversight.types import Indicators, Inspection, Sample

from .asking import actor_of
from .schemas import schema_of

router = Router(tags=["oversight"])


@router.get("/bodies", response=list[schema_of(Indicators)])  # type: ignore[misc]
def bodies(request: HttpRequest) -> Any:
    """What was counted of how each body conducts reviews, each figure with how many it rests on."""
    return plain(oversight.bodies(actor_of(request), now()))


@router.get("/reviews", response=list[schema_of(ReviewView)])  # type: ignore[misc]
def reviews(request: HttpRequest, after: str = "", limit: int = 50) -> Any:
    """The reviews you may inspect, newest first; `after` is the last id of the part before."""
    return plain(oversight.reviews(actor_of(request), now(), after=after, limit=limit))


@router.get("/reviews/{review}", response=schema_of(Inspection))
def inspection(request: HttpRequest, review: str) -> Any:
    """One review: places to look, who used the model when and for what, and refusals."""
    return plain(oversight.inspection(actor_of(request), review, now()))


@router.get("/sample", response=schema_of(Sample))
def sample(
    request: HttpRequest,
    n: int = 20,
    seed: str = "",
    head: int | None = None,
    review: str | None = None,
    uses_only: bool = False,
) -> Any:
    """A random sample of entries with their receipts; the same `seed` and `head` draw the same again."""
    drawn = seed or secrets.token_hex(8)
    actor = actor_of(request)
    return plain(oversight.sample(actor, now(), n=n, seed=drawn, head=head, review=review, uses_only=uses_only))
