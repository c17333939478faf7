"""The whole case as one signed file over HTTP: what would be in it, and the file itself."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Router

from seatrial.kernel.canonical import plain
from seatrial.kernel.clock import now
from seatrial.review.casefiles import api as casefiles
from seatrial.review.casefiles.types import Preview

from .asking import actor_of
from .downloads import file_answer
from .schemas import schema_of

router = Router(tags=["case files"])


@router.get("/{review}/case", response=schema_of(Preview))
def preview(request: HttpRequest, review: str) -> Any:
    """What the case's file would hold for you, and what it leaves out."""
    return plain(casefiles.preview(actor_of(request), review, now()))


@router.get("/{review}/case/file", url_name="case_file")
def export(request: HttpRequest, review: str) -> HttpResponseBase:
    """The whole case as you may read it: one ZIP that anybody verifies with the ledger's public key alone.

    Each time it is made anew, with an entry in your own side's record.
    """
    made, file = casefiles.export(by=actor_of(request), review=review, at=now())
    return file_answer(request, file, name=made.name, media="application/zip", size=made.bytes, digest=made.digest)
