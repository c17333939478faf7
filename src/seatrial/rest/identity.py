"""Model identity over HTTP: declarations, fingerprints, statements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status

from seatrial.compute.api import enqueue
from seatrial.kernel.canonical import canonical, plain
from seatrial.kernel.clock import now
from seatrial.kernel.digests import parse_digest
from seatrial.review.identity import api as identity
from seatrial.review.identity.types import (
    DeclarationView,
    EndpointVersion,
    Fingerprint,
    FingerprintView,
    IdentityView,
    StatementView,
)

from .asking import actor_of
from .schemas import schema_of

router = Router(tags=["identity"])


class EndpointIn(Schema):
    version: str
    build: str = ""
    system_prompt: str | None = None
    defaults: dict[str, str] = {}


class DeclarationIn(Schema):
    endpoint: EndpointIn | None = None
    manifest: dict[str, Any] | None = None
    public_key: str | None = None


class TakingIn(Schema):
    purpose: str
    repetitions: int = 6


class FingerprintIn(Schema):
    fingerprint: dict[str, Any]


class StatementIn(Schema):
    manifest: dict[str, Any] | None = None
    public_key: str | None = None
    fingerprint: str | None = None


@router.get("/reviews/{review}/identity", response=schema_of(IdentityView))
def show(request: HttpRequest, review: str) -> Any:
    """What was declared, taken and stated, as far as you may see it."""
    return plain(identity.identity(actor_of(request), review, now()))


@router.get("/organisations/{organisation}/model-key", response=dict[str, str])
def model_key(request: HttpRequest, organisation: str) -> Any:
    """The public key (PEM) that an organisation's signed manifests verify with, if it keeps one here."""
    return {"organisation": organisation, "public_key": identity.published_key(organisation)}


@router.post("/reviews/{review}/identity/declarations", response={201: schema_of(DeclarationView)})
def declare(request: HttpRequest, review: str, body: DeclarationIn) -> Any:
    """Declare an endpoint's version, a signed manifest of weights (a `model.sig`), or both. Yours until shared."""
    endpoint = None
    if body.endpoint is not None:
        prompt = parse_digest(body.endpoint.system_prompt) if body.endpoint.system_prompt else None
        endpoint = EndpointVersion(body.endpoint.version, body.endpoint.build, prompt, body.endpoint.defaults)
    made = identity.declare(
        by=actor_of(request),
        review=review,
        at=now(),
        endpoint=endpoint,
        bundle=_bytes(body.manifest),
        public_key=body.public_key,
    )
    return Status(201, plain(made))


@router.post("/reviews/{review}/identity/declarations/{number}/share", response=schema_of(IdentityView))
def share_declaration(request: HttpRequest, review: str, number: int) -> Any:
    """Let the review body read a declaration."""
    actor, at = actor_of(request), now()
    identity.share_declaration(by=actor, review=review, number=number, at=at)
    return plain(identity.identity(actor, review, at))


@router.post("/reviews/{review}/identity/fingerprints", response={201: schema_of(FingerprintView)})
def record(request: HttpRequest, review: str, body: FingerprintIn) -> Any:
    """Bring a fingerprint of your own endpoint; it is compared with the opening, and stays yours."""
    file = canonical(body.fingerprint)
    made = identity.record_fingerprint(by=actor_of(request), review=review, file=file, at=now())
    return Status(201, plain(made))


@router.post("/reviews/{review}/identity/takings", response={202: dict[str, str]})
def take(request: HttpRequest, review: str, body: TakingIn) -> Any:
    """Take a fingerprint through the gateway in the background, with a key of yours made for it alone."""
    actor = actor_of(request)
    identity.check_taking(by=actor, review=review, purpose=body.purpose, repetitions=body.repetitions, at=now())
    job = enqueue(
        "seatrial.review.identity.tasks.take_fingerprint",
        person=actor.person,
        review=review,
        purpose=body.purpose,
        repetitions=body.repetitions,
    )
    return Status(202, {"job": job})


@router.get("/fingerprints/{fingerprint}", response=schema_of(FingerprintView))
def fingerprint(request: HttpRequest, fingerprint: str) -> Any:
    """One fingerprint and how it compares with the opening."""
    return plain(identity.fingerprint(actor_of(request), fingerprint, now()))


@router.get("/fingerprints/{fingerprint}/answers", response=schema_of(Fingerprint))
def answers(request: HttpRequest, fingerprint: str) -> Any:
    """The answers themselves."""
    return plain(identity.answers(actor_of(request), fingerprint, now()))


@router.post("/reviews/{review}/identity/statements", response={201: schema_of(StatementView)})
def state(request: HttpRequest, review: str, body: StatementIn) -> Any:
    """Sign a statement whether what was released is what was reviewed. Nothing depends on it."""
    made = identity.state_identity(
        by=actor_of(request),
        review=review,
        at=now(),
        bundle=_bytes(body.manifest),
        public_key=body.public_key,
        fingerprint=body.fingerprint,
    )
    return Status(201, plain(made))


@router.post("/reviews/{review}/identity/statements/{statement}/share", response=schema_of(StatementView))
def share_statement(request: HttpRequest, review: str, statement: str) -> Any:
    """Let the review body read a statement."""
    actor, at = actor_of(request), now()
    identity.share_statement(by=actor, review=review, statement=statement, at=at)
    return plain(identity.statement(actor, statement, at))


@router.get("/statements/{statement}/envelope", response=dict[str, Any])
def envelope(request: HttpRequest, statement: str) -> Any:
    """The statement as a DSSE envelope: the file that verifies offline."""
    return plain(identity.statement(actor_of(request), statement, now()).envelope)


def _bytes(manifest: Mapping[str, Any] | None) -> bytes | None:
    """The envelope's payload is base64 inside: writing the JSON anew changes nothing that is signed."""
    return canonical(manifest) if manifest is not None else None
