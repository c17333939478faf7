"""Weights in transfer over HTTP: a manifest, sealed parts that come and go one by one. The room decides.

A part is a file of its own, sealed before it comes here. Sending one again changes nothing, so it needs no key.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Router, Schema, Status

from seatrial.kernel.canonical import plain
from seatrial.kernel.clock import now
from seatrial.kernel.digests import Digest, parse_digest
from seatrial.kernel.errors import Misuse
from seatrial.review.weights import api as weights
from seatrial.review.weights.types import PART_BYTES, TransferView, WeightsFile, WeightsManifest, WeightsPart

from .asking import actor_of
from .downloads import file_answer
from .once import upload
from .schemas import schema_of

router = Router(tags=["weights"])
of_a_review = Router(tags=["weights"])

_PIECE = 2**16
_SHA256 = re.compile(r"sha-256=:([A-Za-z0-9+/]+={0,2}):")


class WeightsFileIn(Schema):
    path: str
    size: int
    digest: str


class ManifestIn(Schema):
    artefact: str
    files: list[WeightsFileIn]
    part_bytes: int = PART_BYTES
    recipients: list[str]

    def manifest(self) -> WeightsManifest:
        """What this offers. Raises ``Misuse`` for a digest that is none."""
        return WeightsManifest(
            artefact=parse_digest(self.artefact),
            files=tuple(WeightsFile(file.path, file.size, parse_digest(file.digest)) for file in self.files),
            part_bytes=self.part_bytes,
            recipients=tuple(map(parse_digest, self.recipients)),
        )


@of_a_review.get("/{review}/weights", response=list[schema_of(TransferView)])  # type: ignore[misc]
def list_transfers(request: HttpRequest, review: str) -> Any:
    """The transfers of a review, newest first."""
    return plain(weights.transfers(actor_of(request), review, now()))


@of_a_review.post("/{review}/weights", response={201: schema_of(TransferView)})
def offer(request: HttpRequest, review: str, body: ManifestIn) -> Any:
    """Begin to hand the weights over that the consent pins. Nothing can be fetched before they are complete."""
    actor, at = actor_of(request), now()
    made = weights.offer(by=actor, review=review, manifest=body.manifest(), at=at)
    return Status(201, plain(weights.transfer(actor, made, at)))


@router.get("/{transfer}", response=schema_of(TransferView))
def show(request: HttpRequest, transfer: str) -> Any:
    """A transfer: how far it is, who fetched, and what you can do now."""
    return plain(weights.transfer(actor_of(request), transfer, now()))


@router.get("/{transfer}/manifest", response=schema_of(WeightsManifest))
def manifest(request: HttpRequest, transfer: str) -> Any:
    """What is sent, file by file."""
    return plain(weights.manifest(actor_of(request), transfer))


@router.get("/{transfer}/parts", response=list[schema_of(WeightsPart)])  # type: ignore[misc]
def parts(request: HttpRequest, transfer: str) -> Any:
    """The sealed parts that have come; whoever was interrupted sends the others."""
    return plain(weights.parts(actor_of(request), transfer))


@router.put("/{transfer}/parts/{number}", response=schema_of(WeightsPart))
@upload
def send_part(request: HttpRequest, transfer: str, number: int) -> Any:
    """A sealed part as the body (application/octet-stream); `Content-Digest` (RFC 9530) says its SHA-256."""
    actor, digest = actor_of(request), _announced(request)
    pieces = _pieces(request)
    return plain(weights.keep_part(by=actor, transfer=transfer, number=number, digest=digest, pieces=pieces, at=now()))


@router.get("/{transfer}/parts/{number}", response={200: bytes})
def fetch_part(request: HttpRequest, transfer: str, number: int) -> HttpResponseBase:
    """A sealed part, while the right to it stands: it breaks off in the moment that ends it. `Range` gives some."""
    found, file = weights.fetch(by=actor_of(request), transfer=transfer, number=number, at=now())
    name = f"{transfer}.{number}.sealed"
    return file_answer(request, file, name=name, media="application/octet-stream", size=found.size, digest=found.digest)


@router.post("/{transfer}/complete", response=schema_of(TransferView))
def complete(request: HttpRequest, transfer: str) -> Any:
    """Hand over what has come: signed for the developer, listed among what left its hands."""
    actor, at = actor_of(request), now()
    weights.complete(by=actor, transfer=transfer, at=at)
    return plain(weights.transfer(actor, transfer, at))


@router.post("/{transfer}/cancel", response=schema_of(TransferView))
def cancel(request: HttpRequest, transfer: str) -> Any:
    """Take it back: every part that is here is destroyed."""
    actor, at = actor_of(request), now()
    weights.cancel(by=actor, transfer=transfer, at=at)
    return plain(weights.transfer(actor, transfer, at))


def _announced(request: HttpRequest) -> Digest:
    found = _SHA256.search(request.headers.get("Content-Digest", ""))
    try:
        raw = base64.b64decode(found.group(1), validate=True) if found is not None else b""
    except binascii.Error:
        raw = b""
    if len(raw) != 32:
        raise Misuse(
            "digest-missing", "Say the part's SHA-256 in the header Content-Digest: sha-256=:…: (RFC 9530, base64)."
        )
    return Digest(f"sha256:{raw.hex()}")


def _pieces(request: HttpRequest) -> Iterator[bytes]:
    while piece := request.read(_PIECE):
        yield piece
