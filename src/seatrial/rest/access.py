"""Access over HTTP: keys, the developer's credential, and every use of the model, as JSON or as a table."""

from __future__ import annotations

import csv
import dataclasses
import io
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Router, Schema, Status

from seatrial.kernel.canonical import plain
from seatrial.kernel.clock import now
from seatrial.kernel.money import written
from seatrial.kernel.text import harmless
from seatrial.parties.types import Actor
from seatrial.review.access import api as access
from seatrial.review.access.types import ExchangeView, KeyView, NewKey, Side, Usage

from .asking import actor_of
from .downloads import file_answer
from .once import shown_once
from .schemas import schema_of

router = Router(tags=["access"])
keys = Router(tags=["access"])

_COLUMNS = [field.name for field in dataclasses.fields(ExchangeView) if field.name != "bodies"]


class KeyIn(Schema):
    purpose: str = "capability-evaluation"


class CredentialIn(Schema):
    credential: str


@router.get("/{review}/exchanges", response=list[schema_of(ExchangeView)])  # type: ignore[misc]
def exchanges(request: HttpRequest, review: str, limit: int = 100, before: str | None = None) -> Any:
    """Every use of the model that you may see, newest first; ``before`` is the id of one to go on from."""
    return plain(access.exchanges(_concerned(request, review), review, limit=_bounded(limit), before=before))


@router.get("/{review}/exchanges.csv", response={200: None})
def exchanges_table(request: HttpRequest, review: str, limit: int = 1000) -> Any:
    """The same as a table (RFC 4180), for a spreadsheet or a log store."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    for row in plain(access.exchanges(_concerned(request, review), review, limit=_bounded(limit))):
        if row["money"] is not None:
            row["money"] = written(row["money"])
        writer.writerow([harmless(cell) if isinstance(cell := row[name], str) else cell for name in _COLUMNS])
    return HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8; header=present")


@router.get("/{review}/exchanges/{exchange}/receipt", response=dict[str, Any])
def exchange_receipt(request: HttpRequest, review: str, exchange: str) -> Any:
    """The receipt of one use, verifiable offline; there is one about a second after the use has ended."""
    return plain(access.receipt(actor_of(request), exchange, now(), review=review))


@router.get("/{review}/exchanges/{exchange}/bodies/{side}", response={200: bytes}, url_name="exchange_body")
def exchange_body(request: HttpRequest, review: str, exchange: str, side: Side) -> HttpResponseBase:
    """What was sent or answered, if the consent had it kept: a file sealed for the keys that the consent names, and
    opened with one of them by `seatrial access body open` on your own machine; `Range` gives a part.
    """
    found, file = access.body(actor_of(request), review, exchange, side)
    name = f"{exchange}.{side}.sealed"
    return file_answer(
        request, file, name=name, media="application/octet-stream", size=found.size, digest=str(found.digest)
    )


@router.get("/{review}/usage", response=schema_of(Usage))
def usage(request: HttpRequest, review: str) -> Any:
    """What the standing consent was charged so far."""
    return plain(access.usage(_concerned(request, review), review))


@router.get("/{review}/keys", response=list[schema_of(KeyView)])  # type: ignore[misc]
def list_keys(request: HttpRequest, review: str) -> Any:
    """Your own keys for a review; its developer sees all of them. Never a secret."""
    return plain(access.keys(_concerned(request, review), review))


@router.post("/{review}/keys", response={201: schema_of(NewKey)})
@shown_once("id")
def issue_key(request: HttpRequest, review: str, body: KeyIn) -> Any:
    """Your own access key for a review. Its secret is shown this once."""
    return Status(201, plain(access.issue_key(by=actor_of(request), review=review, purpose=body.purpose, at=now())))


@router.put("/{review}/credential", response={204: None})
def set_credential(request: HttpRequest, review: str, body: CredentialIn) -> Any:
    """Keep your endpoint's API key, sealed: only the gateway ever uses it, and no route shows it."""
    access.set_upstream_credential(by=actor_of(request), review=review, credential=body.credential, at=now())
    return Status(204, None)


@keys.post("/{key}/revoke", response={204: None})
def revoke_key(request: HttpRequest, key: str) -> Any:
    """End a key; streams that use it are cut."""
    access.revoke_key(by=actor_of(request), key=key, at=now())
    return Status(204, None)


def _concerned(request: HttpRequest, review: str) -> Actor:
    """Who asks, if the review is there for them; an empty answer would be one about a review that is not."""
    asking = actor_of(request)
    access.concerns(asking, review, now())
    return asking


def _bounded(limit: int) -> int:
    return min(max(limit, 1), 1000)
