"""The dossier over HTTP: write it whole from TOML or JSON, read it, compare versions, share and sign its twins."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema, Status

from seatrial.kernel.canonical import plain
from seatrial.kernel.clock import now
from seatrial.review.dossiers import api as dossiers
from seatrial.review.dossiers.types import (
    Audience,
    DiffView,
    DossierView,
    TwinPreview,
    TwinView,
    VersionView,
    Withheld,
)

from .asking import actor_of
from .schemas import schema_of

router = Router(tags=["dossiers"])

_WHOLE = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"type": "object", "description": "As /dossiers/schema says."}},
            "application/toml": {"schema": {"type": "string"}},
        },
    }
}


class DossierOut(Schema):
    """A version as you may read it: `document` is in the form of the published schema, without what is `withheld`."""

    review: str
    version: int
    document: dict[str, Any]
    withheld: list[schema_of(Withheld)]  # type: ignore[valid-type]
    digest: str
    source: str
    at: datetime
    twins: list[schema_of(TwinView)]  # type: ignore[valid-type]


class PreviewOut(Schema):
    """The twin that sharing would make."""

    audience: Audience
    partner: str
    version: int
    document: dict[str, Any]
    withheld: list[schema_of(Withheld)]  # type: ignore[valid-type]
    digest: str
    statement: str


class TwinIn(Schema):
    audience: Audience = Audience.BODY
    partner: str = ""
    version: int | None = None


class SignatureIn(Schema):
    version: int
    audience: Audience = Audience.BODY
    partner: str = ""


@router.get("/reviews/{review}/dossier", response=DossierOut)
def show(request: HttpRequest, review: str, version: int | None = None) -> Any:
    """A version of the dossier as you may read it, the newest by default."""
    return _out(dossiers.dossier(actor_of(request), review, version))


@router.put("/reviews/{review}/dossier", response={201: DossierOut}, openapi_extra=_WHOLE)
def write(request: HttpRequest, review: str, based_on: int | None = None) -> Any:
    """Keep a new version from a whole document in JSON, or in TOML as `application/toml`.

    With `based_on`, the version you read (0 for none), nothing is written over what came meanwhile. Every fault comes
    at once in `facts.faults`, each with its line and field.
    """
    kind = "toml" if "toml" in request.headers.get("Content-Type", "") else "json"
    document = dossiers.from_bytes(request.body, kind)
    made = dossiers.compose(by=actor_of(request), review=review, document=document, at=now(), based_on=based_on)
    return Status(201, _out(made))


@router.get("/reviews/{review}/dossier/source", response={200: dict[str, Any]})
def source(request: HttpRequest, review: str, version: int | None = None, format: str = "json") -> Any:
    """The whole source, for its developer: a file that reads back to exactly this version (`format` json or toml)."""
    document = dossiers.source(actor_of(request), review, version)
    if format == "toml":
        return HttpResponse(dossiers.as_toml(document), content_type="application/toml; charset=utf-8")
    return dossiers.as_json(document)


@router.get("/reviews/{review}/dossier/versions", response=list[schema_of(VersionView)])  # type: ignore[misc]
def versions(request: HttpRequest, review: str) -> Any:
    """The versions you may know of, newest first, with the twins that were shared."""
    return plain(dossiers.versions(actor_of(request), review))


@router.get("/reviews/{review}/dossier/diff", response=schema_of(DiffView))
def diff(request: HttpRequest, review: str, old: int, new: int) -> Any:
    """What changed between two versions, of what you may read in both."""
    return plain(dossiers.diff(actor_of(request), review, old, new))


@router.get("/reviews/{review}/dossier/twin", response=PreviewOut)
def twin(
    request: HttpRequest,
    review: str,
    audience: Audience = Audience.BODY,
    partner: str = "",
    version: int | None = None,
) -> Any:
    """The twin that sharing would make, proven to lack what it withholds; for its developer to read first."""
    return _out(dossiers.preview(actor_of(request), review, audience, partner, version))


@router.post("/reviews/{review}/dossier/twins", response={201: schema_of(TwinView)})
def share(request: HttpRequest, review: str, body: TwinIn) -> Any:
    """Share a version as the twin made for an audience. Signed in the same step if you are a signatory."""
    made = dossiers.share(
        by=actor_of(request),
        review=review,
        version=body.version,
        audience=body.audience,
        partner=body.partner,
        at=now(),
    )
    return Status(201, plain(made))


@router.post("/reviews/{review}/dossier/signatures", response={201: schema_of(TwinView)})
def sign(request: HttpRequest, review: str, body: SignatureIn) -> Any:
    """Sign, for the developer, the statement beside a twin that was shared."""
    made = dossiers.sign(
        by=actor_of(request),
        review=review,
        version=body.version,
        audience=body.audience,
        partner=body.partner,
        at=now(),
    )
    return Status(201, plain(made))


@router.get("/dossiers/schema", auth=None, response=dict[str, Any])
def schema(request: HttpRequest) -> Any:
    """The JSON Schema (draft 2020-12) of a dossier file."""
    return dossiers.schema()


@router.get("/dossiers/blank", auth=None, response=str)
def blank(request: HttpRequest) -> Any:
    """A TOML file to start from: every field with its question."""
    return HttpResponse(dossiers.blank(), content_type="application/toml; charset=utf-8")


def _out(found: DossierView | TwinPreview) -> dict[str, Any]:
    said = {f.name: plain(getattr(found, f.name)) for f in fields(found) if f.name != "document"}
    return said | {"document": dossiers.as_json(found.document)}
