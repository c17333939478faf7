"""Documents made from a dossier: what there is, what each still asks for, and the files."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from seatrial.kernel.canonical import plain
from seatrial.kernel.clock import now
from seatrial.review.dossiers import api as dossiers
from seatrial.review.dossiers.types import Audience, ExportsView, Form

from .asking import actor_of
from .schemas import schema_of

router = Router(tags=["dossiers"])


@router.get("/{review}/dossier/exports", response=schema_of(ExportsView))
def list_exports(
    request: HttpRequest, review: str, audience: Audience | None = None, partner: str = "", version: int | None = None
) -> Any:
    """The documents that can be made, and what the dossier still lacks for each."""
    return plain(dossiers.exports(actor_of(request), review, audience=audience, partner=partner, version=version))


@router.get("/{review}/dossier/exports/{form}", url_name="dossier_export")
def export(
    request: HttpRequest,
    review: str,
    form: Form,
    audience: Audience | None = None,
    partner: str = "",
    version: int | None = None,
) -> HttpResponse:
    """One document as a file: as you may read the dossier, or (for its developer) as an audience may."""
    made = dossiers.export(
        actor_of(request), review, form, at=now(), audience=audience, partner=partner, version=version
    )
    headers = {"Content-Disposition": f'attachment; filename="{made.name}"', "ETag": f'"{made.digest}"'}
    return HttpResponse(made.data, content_type=made.media_type, headers=headers)
