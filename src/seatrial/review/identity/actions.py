"""Every write of model identity: declare, share, begin and end a taking, bring a fingerprint, state.

The ledger gets digests only. What the developer declares, brings or states is in its own log until it shares it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from seatrial.kernel.canonical import canonical, plain
from seatrial.kernel.digests import Digest, digest, digest_of
from seatrial.kernel.dsse import IN_TOTO
from seatrial.kernel.errors import Conflict, Misuse, NotFound
from seatrial.kernel.labels import Label
from seatrial.ledger import api as ledger
from seatrial.ledger.types import MAIN
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, Role
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import ReviewState, Standing

from .core.comparison import compare
from .core.declared import artefacts_of, check_endpoint, statement_of
from .core.fingerprint import make, read, to_json
from .core.lifecycle import MACHINE, Ending
from .core.manifest import manifest_in
from .core.statement import payload_of, predicate
from .models import DeclarationRow, FingerprintRow, StatementRow
from .ports import Weights
from .queries import (
    DECLARES,
    SHARES,
    check_taking,
    declaration_view,
    declarations,
    fingerprint_view,
    no_such,
    opening,
    readable,
    run_of,
    standing_seen_by,
    statement_view,
    statements,
    taken,
)
from .types import (
    Comparison,
    DeclarationView,
    EndpointVersion,
    Fingerprint,
    FingerprintView,
    Manifest,
    Observation,
    Origin,
    StatementView,
)

_LONGEST_REASON = 500


@transaction.atomic
def declare(
    *,
    by: Actor,
    review: str,
    endpoint: EndpointVersion | None,
    bundle: bytes | None,
    public_key: str | None,
    at: datetime,
    weights: Weights,
) -> DeclarationView:
    """What the developer says its model is: an endpoint's version, a signed manifest of weights, or both.

    It replaces none of its predecessors and stays the developer's alone until shared. Raises ``Misuse``
    (``declaration-invalid``, ``manifest-invalid``, ``signature-invalid``, ``bad-key``) and ``Conflict``
    (``declaration-changed``).
    """
    standing = standing_seen_by(by, review, at)
    by.require(standing.developer, *DECLARES, to="declare the model")
    if endpoint is None and bundle is None:
        raise Misuse("declaration-invalid", "Declare an endpoint’s version, a manifest of weights, or both.")
    if endpoint is not None:
        check_endpoint(endpoint)
    manifest = _verified(bundle, public_key, weights) if bundle is not None else None
    newest = DeclarationRow.objects.filter(review_id=review).aggregate(newest=Max("number"))["newest"]
    number = (newest or 0) + 1
    said = statement_of(review=review, number=number, endpoint=endpoint, manifest=manifest)
    row = DeclarationRow(
        review_id=review,
        number=number,
        statement=canonical(said).decode(),
        digest=digest_of(said),
        bundle=bundle.decode() if bundle is not None else None,
        public_key=public_key if bundle is not None else None,
        declared_by_id=by.person,
        declared_at=at,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(
            "declaration-changed", f"Declaration {number} was made meanwhile; read it, then declare yours again."
        ) from error
    artefacts = list(artefacts_of(endpoint, manifest))
    facts = {"review": review, "number": number, "declaration": row.digest, "artefacts": artefacts}
    _own(standing, "identity.declared", by, facts, at)
    return declaration_view(row, standing.consent)


@transaction.atomic
def share_declaration(*, by: Actor, review: str, number: int, at: datetime) -> None:
    """Let the body read a declaration. Raises ``NotFound`` (``no-such-declaration``) or ``Conflict``."""
    standing = _sharing(by, review, at)
    row = declarations(by, standing).select_for_update().filter(number=number).first()
    if row is None:
        raise no_such("declaration", str(number))
    _share(row, "identity.declaration-shared", by, standing, {"declaration": row.digest, "number": number}, at)


@transaction.atomic
def share_statement(*, by: Actor, review: str, statement: str, at: datetime) -> None:
    """Let the body read a statement. Raises ``NotFound`` (``no-such-statement``) or ``Conflict``."""
    standing = _sharing(by, review, at)
    row = statements(by, standing).select_for_update().filter(id=statement).first()
    if row is None:
        raise no_such("statement", statement)
    _share(row, "identity.statement-shared", by, standing, {"statement": row.digest}, at)


@transaction.atomic
def begin_fingerprint(
    *, by: Actor, review: str, purpose: str, repetitions: int, at: datetime, again: bool = False
) -> FingerprintView:
    """Write down that a fingerprint is about to be taken through the gateway, before anything is sent.

    Raises what ``queries.check_taking`` raises.
    """
    standing, consent = check_taking(by=by, review=review, purpose=purpose, repetitions=repetitions, at=at, again=again)
    row = FingerprintRow.objects.create(
        review_id=review,
        origin=Origin.GATEWAY,
        label=str(Label.among(standing.developer, standing.body).join(consent.label)),
        repetitions=repetitions,
        artefact=consent.artefact,
        consent=consent.digest,
        begun_by_id=by.person,
        begun_at=at,
    )
    facts = {"review": review, "fingerprint": row.id, "repetitions": repetitions, "consent": consent.digest}
    _record(row, "identity.fingerprint-begun", by, facts, at)
    return fingerprint_view(row, at)


def finish_fingerprint(
    *,
    by: Actor,
    fingerprint: str,
    model: str,
    answers: Mapping[str, Sequence[Observation]],
    at: datetime,
) -> FingerprintView:
    """Keep the answers. The first of a build is its opening; a later one is compared with it, and the result kept.

    The comparison is reckoned before the transaction begins, so that nobody waits for it. Raises ``Refused``
    (``wrong-state``, ``ended-by-whoever-began``), ``Misuse`` (``fingerprint-invalid``) and ``Conflict``
    (``opening-changed``).
    """
    row = readable(by, fingerprint, at)
    MACHINE.apply(run_of(row), "finish", Ending(by.person), at)
    made = make(model=model, taken_at=at, answers=answers)
    before = opening(row.review_id, row.artefact)
    found = compare(taken(before), made) if before is not None else None
    with transaction.atomic():
        row = _locked(by, fingerprint, at)
        MACHINE.apply(run_of(row), "finish", Ending(by.person), at)
        if opening(row.review_id, row.artefact) != before:
            raise Conflict("opening-changed", "Another fingerprint became the opening meanwhile; take yours again.")
        _keep(row, made, before, found, at)
        row.save(update_fields=["fingerprint", "digest", "taken_at", "reference", "comparison"])
        _record(row, MACHINE.transitions["finish"].entry, by, _facts(row), at)
    return fingerprint_view(row, at)


@transaction.atomic
def stop_fingerprint(*, by: Actor, fingerprint: str, reason: str, at: datetime) -> FingerprintView:
    """Say that a taking came to nothing, and why, whatever became of the review meanwhile.

    Raises ``NotFound`` (``no-such-fingerprint``) and ``Refused`` (``wrong-state``, ``ended-by-whoever-began``).
    """
    row = FingerprintRow.objects.select_for_update().filter(id=fingerprint, begun_by_id=by.person).first()
    row = row or _locked(by, fingerprint, at)
    MACHINE.apply(run_of(row), "stop", Ending(by.person), at)
    row.stopped_at, row.reason = at, reason[:_LONGEST_REASON]
    row.save(update_fields=["stopped_at", "reason"])
    facts = {"review": row.review_id, "fingerprint": row.id}
    _record(row, MACHINE.transitions["stop"].entry, by, facts, at)
    return fingerprint_view(row, at)


def record_fingerprint(*, by: Actor, review: str, file: bytes, at: datetime) -> FingerprintView:
    """Keep a fingerprint that the developer took at an endpoint of its own; it is the developer's alone.

    It is compared with the review's latest opening, if there is one. Raises ``Misuse`` (``fingerprint-invalid``,
    ``other-probes``, ``taken-later``).
    """
    standing = standing_seen_by(by, review, at)
    by.require(standing.developer, *DECLARES, to="bring a fingerprint")
    made = read(file)
    if made.taken_at > at:
        raise Misuse("taken-later", "This fingerprint says it was taken later than now; see that your clock is right.")
    row = FingerprintRow(
        review_id=review,
        origin=Origin.OWN,
        label=str(Label.among(standing.developer)),
        repetitions=len(next(iter(made.answers.values()))),
        begun_by_id=by.person,
        begun_at=at,
    )
    before = _reviewed(standing)
    _keep(row, made, before, compare(taken(before), made) if before is not None else None, at)
    with transaction.atomic():
        row.save(force_insert=True)
        _own(standing, "identity.fingerprint-recorded", by, _facts(row), at)
    return fingerprint_view(row, at)


def state_identity(
    *,
    by: Actor,
    review: str,
    bundle: bytes | None,
    public_key: str | None,
    fingerprint: str | None,
    at: datetime,
    weights: Weights,
) -> StatementView:
    """Sign a statement whether what was released is what was reviewed, or how it differs.

    Reviewed is the newest declared manifest and the opening fingerprint; released is the ``bundle`` of the released
    weights and one of the developer's own fingerprints. Possible in every state of a review, needed in none.
    Raises ``Misuse`` (``nothing-released``, ``manifest-invalid``, …) and ``NotFound`` (``no-such-fingerprint``).
    """
    standing = standing_seen_by(by, review, at)
    by.require(standing.developer, Role.SIGNATORY, to="state what was released")
    manifest = _verified(bundle, public_key, weights) if bundle is not None else None
    later = _brought(by, standing, fingerprint, at) if fingerprint else None
    declared = declarations(by, standing).filter(bundle__isnull=False).first()
    before = _reviewed(standing)
    said = predicate(
        review=review,
        developer=standing.developer,
        model=cases.review(by, review, at).model,
        at=at,
        consents=(standing.consent.digest,) if standing.consent else (),
        reviewed=(
            manifest_in(declared.bundle.encode()) if declared and declared.bundle else None,
            Digest(before.digest) if before and before.digest else None,
        ),
        released=(manifest, later.digest if later else None),
        comparison=compare(taken(before), later) if before and later else None,
    )
    payload = payload_of(said)
    envelope = parties.sign_envelope(by=by, organisation=standing.developer, payload=payload, payload_type=IN_TOTO)
    row = StatementRow(
        review_id=review,
        envelope=canonical(envelope).decode(),
        digest=digest(payload),
        signed_by_id=by.person,
        signed_at=at,
    )
    with transaction.atomic():
        row.save(force_insert=True)
        _own(standing, "identity.stated", by, {"review": review, "statement": row.digest}, at)
    return statement_view(row)


def _verified(bundle: bytes, public_key: str | None, weights: Weights) -> Manifest:
    if not public_key:
        raise Misuse("bad-key", "Give the public key that the manifest’s signature verifies with.")
    manifest = manifest_in(bundle)
    weights.verify(bundle, manifest=manifest, public_key=public_key)
    return manifest


def _reviewed(standing: Standing) -> FingerprintRow | None:
    """The opening of what the consent names; if there was none of it, the first of the review."""
    artefact = standing.consent.artefact if standing.consent else None
    return opening(standing.review, artefact) or opening(standing.review, None)


def _brought(by: Actor, standing: Standing, fingerprint: str, at: datetime) -> Fingerprint:
    row = readable(by, fingerprint, at)
    if row.review_id != standing.review or row.origin != Origin.OWN or row.taken_at is None:
        raise NotFound(
            "no-such-fingerprint", f"{fingerprint!r} is none of the fingerprints that you brought to this review."
        )
    return taken(row)


def _locked(by: Actor, fingerprint: str, at: datetime) -> FingerprintRow:
    readable(by, fingerprint, at)
    return FingerprintRow.objects.select_for_update().get(id=fingerprint)


def _keep(
    row: FingerprintRow, made: Fingerprint, before: FingerprintRow | None, found: Comparison | None, at: datetime
) -> None:
    row.fingerprint = canonical(to_json(made)).decode()
    row.digest = made.digest
    row.taken_at = at
    row.reference = before
    row.comparison = canonical(plain(found)).decode() if found else None


def _facts(row: FingerprintRow) -> dict[str, Any]:
    return {
        "review": row.review_id,
        "fingerprint": row.id,
        "digest": row.digest,
        "reference": row.reference.digest if row.reference else None,
        "comparison": digest(row.comparison.encode()) if row.comparison else None,
    }


def _sharing(by: Actor, review: str, at: datetime) -> Standing:
    standing = standing_seen_by(by, review, at)
    by.require(standing.developer, *SHARES, to="share the model’s identity")
    if standing.state is ReviewState.DRAFT:
        raise Conflict("not-offered", "This review is still a draft; offer it first, then share.")
    return standing


def _share(
    row: DeclarationRow | StatementRow, kind: str, by: Actor, standing: Standing, facts: dict[str, Any], at: datetime
) -> None:
    if row.shared_at is not None:
        raise Conflict("already-shared", "It was shared already.")
    row.shared_at = at
    row.save(update_fields=["shared_at"])
    label = Label.among(standing.developer, standing.body)
    ledger.append(log=MAIN, kind=kind, actor=by.person, facts={"review": standing.review, **facts}, label=label, at=at)


def _record(row: FingerprintRow, kind: str, by: Actor, facts: dict[str, Any], at: datetime) -> None:
    ledger.append(log=MAIN, kind=kind, actor=by.person, facts=facts, label=Label.parse(row.label), at=at)


def _own(standing: Standing, kind: str, by: Actor, facts: dict[str, Any], at: datetime) -> None:
    developer = standing.developer
    ledger.append(log=developer, kind=kind, actor=by.person, facts=facts, label=Label.among(developer), at=at)
