"""The door to model identity. Binds the endpoint's client, the weights' library and the organisations' model keys.

``weigh``, ``ask`` and what verifies need no database: they work on a lab's own machine.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.conf import settings

from seatrial.kernel.clock import now
from seatrial.kernel.errors import Misuse, NotFound, Refused, SeatrialError
from seatrial.parties import api as parties
from seatrial.parties.types import Actor
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import AccessLevel

from . import actions
from .actions import (
    begin_fingerprint,
    finish_fingerprint,
    record_fingerprint,
    share_declaration,
    share_statement,
    stop_fingerprint,
)
from .adapters.openai_endpoint import OpenAIEndpoint
from .adapters.openssf_weights import OpenSSFWeights, new_key
from .core.comparison import compare
from .core.declared import pin_endpoint, read_defaults
from .core.fingerprint import cost, make, order, probe_set, read, to_json
from .core.manifest import differ, manifest_in, manifest_of
from .core.statement import verify as verify_statement
from .ports import Endpoint, Progress
from .queries import answers, check_taking, fingerprint, identity, statement
from .types import DeclarationView, EndpointVersion, Fingerprint, FingerprintView, Manifest, Observation, StatementView

__all__ = [
    "answers",
    "ask",
    "begin_fingerprint",
    "check_taking",
    "compare",
    "cost",
    "declare",
    "differ",
    "fingerprint",
    "finish_fingerprint",
    "identity",
    "manifest_in",
    "manifest_of",
    "model_key",
    "new_key",
    "own_endpoint",
    "pin_endpoint",
    "probe_set",
    "published_key",
    "read",
    "read_defaults",
    "record_fingerprint",
    "share_declaration",
    "share_statement",
    "sign_weights",
    "state_identity",
    "statement",
    "stop_fingerprint",
    "take_fingerprint",
    "to_json",
    "verify_bundle",
    "verify_statement",
    "weigh",
]


def declare(
    *,
    by: Actor,
    review: str,
    at: datetime,
    endpoint: EndpointVersion | None = None,
    bundle: bytes | None = None,
    public_key: str | None = None,
) -> DeclarationView:
    """See ``actions.declare``; without ``public_key`` the bundle verifies with the developer's key on this instance."""
    public_key = _key_for(by, review, bundle, public_key)
    return actions.declare(
        by=by, review=review, endpoint=endpoint, bundle=bundle, public_key=public_key, at=at, weights=OpenSSFWeights()
    )


def state_identity(
    *,
    by: Actor,
    review: str,
    at: datetime,
    bundle: bytes | None = None,
    public_key: str | None = None,
    fingerprint: str | None = None,
) -> StatementView:
    """See ``actions.state_identity``; without ``public_key`` the developer's key on this instance."""
    public_key = _key_for(by, review, bundle, public_key)
    return actions.state_identity(
        by=by,
        review=review,
        bundle=bundle,
        public_key=public_key,
        fingerprint=fingerprint,
        at=at,
        weights=OpenSSFWeights(),
    )


def take_fingerprint(
    *,
    by: Actor,
    review: str,
    purpose: str,
    repetitions: int,
    base_url: str,
    key: str,
    again: bool = False,
    progress: Progress | None = None,
    endpoint: Endpoint | None = None,
    clock: Callable[[], datetime] = now,
) -> FingerprintView:
    """Take one through the gateway: write down that it begins, ask, keep the answers. Blocks.

    The consent's levels say whether probabilities are asked for. If an answer fails to come, the developer withdraws,
    or the caller interrupts, it is stopped with that reason, no answer is kept and the error goes on its way; what was
    sent is charged to the consent.
    """
    begun = begin_fingerprint(by=by, review=review, purpose=purpose, repetitions=repetitions, again=again, at=clock())
    consent = cases.standing(review, clock()).consent
    if consent is None:
        raise Refused("no-access", "The developer’s consent ended meanwhile.")
    asked = endpoint or OpenAIEndpoint(base_url, key, purpose=purpose)
    try:
        found = ask(
            asked,
            model=consent.model,
            repetitions=repetitions,
            probabilities=AccessLevel.LOGITS in consent.levels,
            seed=int(begun.id.encode().hex(), 16),
            progress=progress,
        )
        return finish_fingerprint(by=by, fingerprint=begun.id, model=consent.model, answers=found, at=clock())
    except BaseException as error:
        reason = error.message if isinstance(error, SeatrialError) else "It was interrupted."
        stop_fingerprint(by=by, fingerprint=begun.id, reason=reason, at=clock())
        raise


def own_endpoint(
    *,
    base_url: str,
    key: str,
    model: str,
    repetitions: int,
    probabilities: bool,
    progress: Progress | None = None,
    clock: Callable[[], datetime] = now,
) -> Fingerprint:
    """A fingerprint of an endpoint that one runs oneself: no gateway, no database, nothing recorded."""
    cost(repetitions)
    found = ask(
        OpenAIEndpoint(base_url, key),
        model=model,
        repetitions=repetitions,
        probabilities=probabilities,
        seed=repetitions,
        progress=progress,
    )
    return make(model=model, taken_at=clock(), answers=found)


def ask(
    endpoint: Endpoint,
    *,
    model: str,
    repetitions: int,
    probabilities: bool,
    seed: int,
    progress: Progress | None = None,
) -> dict[str, list[Observation]]:
    """The answers to every probe, ``repetitions`` times in rounds, one question at a time."""
    found: dict[str, list[Observation]] = {probe.id: [] for probe in probe_set().probes}
    todo = order(repetitions, seed)
    for done, probe in enumerate(todo):
        if progress is not None:
            progress(done, len(todo))
        found[probe.id].append(endpoint.ask(probe, model=model, probabilities=probabilities))
    if progress is not None:
        progress(len(todo), len(todo))
    return found


def weigh(
    folder: Path, *, to: Path | None = None, leave_out: Path | None = None, progress: Progress | None = None
) -> Manifest:
    """The manifest of a model's folder or file. Interrupted, it goes on where it was, by notes beside ``to``.

    ``to`` is where the bundle is going to be, ``leave_out`` where one is: it is no part of the model, even inside it.
    """
    notes = _notes(to)
    if notes is not None:
        _check_writable(notes)
    files = OpenSSFWeights().files(
        folder, leave_out=to or leave_out, notes=notes, progress=progress or (lambda done, total: None)
    )
    return manifest_of(folder.resolve().name, files)


def sign_weights(manifest: Manifest, *, folder: Path, key: Path, to: Path) -> None:
    """Write the signed bundle (``model.sig``), and put away the notes of ``weigh``."""
    OpenSSFWeights().sign(manifest, folder=folder, key=key, to=to, leave_out=to)
    notes = _notes(to)
    if notes is not None:
        notes.unlink(missing_ok=True)


def verify_bundle(bundle: bytes, *, public_key: str) -> Manifest:
    """The manifest of a bundle whose signature verifies. Raises ``Misuse``."""
    manifest = manifest_in(bundle)
    OpenSSFWeights().verify(bundle, manifest=manifest, public_key=public_key)
    return manifest


def model_key(organisation: str) -> Path:
    """Where the organisation's model-signing key lies on this instance, beside its Ed25519 key; made at first use.

    The signing library takes NIST curves only. Raises ``NotFound`` (``no-such-organisation``).
    """
    path = _model_key(parties.organisation(organisation).id)
    new_key(path)
    return path


def published_key(organisation: str) -> str:
    """The public half (PEM) of the organisation's model-signing key on this instance.

    Raises ``NotFound`` (``no-such-organisation``, ``no-model-key``) while it has none.
    """
    path = _model_key(parties.organisation(organisation).id)
    if not path.exists():
        raise NotFound("no-model-key", f"{organisation} keeps no model-signing key here; give its public key.")
    return new_key(path)


def _model_key(organisation: str) -> Path:
    return Path(settings.SEATRIAL.keys) / "model-signing" / f"{organisation}.pem"


def _key_for(by: Actor, review: str, bundle: bytes | None, public_key: str | None) -> str | None:
    """The key that a bundle is to verify with: the one given, or else the developer's own on this instance."""
    if bundle is None or public_key:
        return public_key
    return published_key(cases.developer_of(by, review))


def _notes(to: Path | None) -> Path | None:
    return to.with_name(f"{to.name}.partial") if to is not None else None


def _check_writable(notes: Path) -> None:
    try:
        notes.parent.mkdir(parents=True, exist_ok=True)
        notes.touch()
    except OSError as error:
        raise Misuse(
            "cannot-write", f"{notes.parent} cannot be written ({error.strerror}); name another file."
        ) from error
