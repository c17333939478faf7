"""Every read of model identity.

A declaration and a statement are their developer's alone until shared. A fingerprint taken through the gateway is
seen by the developer, always, and by the body's people as its label says; one that the developer brought is the
developer's. A withdrawn review shows the body nothing of it any more (V10).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from seatrial.kernel.canonical import from_json
from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import NotFound, Refused
from seatrial.kernel.labels import Label
from seatrial.parties.types import Actor, Role
from seatrial.review.access import api as access
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import Consent, ReviewState, Standing

from .core.declared import artefacts_of
from .core.fingerprint import check_repetitions, cost, read
from .core.lifecycle import Run, state_of
from .core.manifest import manifest_in
from .core.statement import verify
from .models import DeclarationRow, FingerprintRow, StatementRow
from .types import (
    Comparison,
    DeclarationView,
    EndpointVersion,
    FilesDiffer,
    Fingerprint,
    FingerprintView,
    IdentityView,
    Origin,
    ProbeShift,
    Sameness,
    StatementView,
)

DECLARES = (Role.GOVERNANCE, Role.SECURITY, Role.SIGNATORY)
SHARES = (Role.GOVERNANCE, Role.SIGNATORY)
_MOST = 200  # of each kind on one page


def identity(asking: Actor, review: str, now: datetime) -> IdentityView:
    """All that the asker may see of a review's identity. Raises ``NotFound`` (``no-such-review``)."""
    standing = standing_seen_by(asking, review, now)
    return IdentityView(
        review=review,
        declarations=tuple(declaration_view(row, standing.consent) for row in declarations(asking, standing)[:_MOST]),
        fingerprints=tuple(
            fingerprint_view(row, now)
            for row in fingerprints(asking, standing).defer("fingerprint")[:_MOST]
            if asking.may_read(Label.parse(row.label))
        ),
        statements=tuple(statement_view(row) for row in statements(asking, standing)[:_MOST]),
        may=_may(asking, standing),
    )


def fingerprint(asking: Actor, fingerprint_id: str, now: datetime) -> FingerprintView:
    """Raises ``NotFound`` (``no-such-fingerprint``), also for one the asker may not know of."""
    return fingerprint_view(readable(asking, fingerprint_id, now), now)


def answers(asking: Actor, fingerprint_id: str, now: datetime) -> Fingerprint:
    """The answers themselves. Raises ``NotFound`` (``no-such-fingerprint``) also while there are none yet."""
    row = readable(asking, fingerprint_id, now)
    if row.fingerprint is None:
        raise no_such("fingerprint", fingerprint_id)
    return taken(row)


def statement(asking: Actor, statement_id: str, now: datetime) -> StatementView:
    """Raises ``NotFound`` (``no-such-statement``), also for one the asker may not know of."""
    row = StatementRow.objects.filter(id=statement_id).first()
    if row is not None and _knows(asking, row.review_id, now):
        standing = cases.standing(row.review_id, now)
        if statements(asking, standing).filter(id=row.id).exists():
            return statement_view(row)
    raise no_such("statement", statement_id)


def readable(asking: Actor, fingerprint_id: str, now: datetime) -> FingerprintRow:
    """The row, for an asker who may read it. Raises ``NotFound`` (``no-such-fingerprint``)."""
    row = FingerprintRow.objects.filter(id=fingerprint_id).first()
    if row is not None and asking.may_read(Label.parse(row.label)) and _knows(asking, row.review_id, now):
        standing = cases.standing(row.review_id, now)
        if fingerprints(asking, standing).filter(id=row.id).exists():
            return row
    raise no_such("fingerprint", fingerprint_id)


def standing_seen_by(asking: Actor, review: str, now: datetime) -> Standing:
    """A review's standing, for whoever may know of it. Raises ``NotFound`` (``no-such-review``)."""
    cases.developer_of(asking, review)
    return cases.standing(review, now)


def declarations(asking: Actor, standing: Standing) -> QuerySet[DeclarationRow]:
    """Those the asker may see, newest first."""
    rows = DeclarationRow.objects.filter(review_id=standing.review).order_by("-number")
    return rows if _ours(asking, standing) else _shared(rows, standing)


def statements(asking: Actor, standing: Standing) -> QuerySet[StatementRow]:
    """Those the asker may see, newest first."""
    rows = StatementRow.objects.filter(review_id=standing.review).order_by("-signed_at", "-id")
    return rows if _ours(asking, standing) else _shared(rows, standing)


def fingerprints(asking: Actor, standing: Standing) -> QuerySet[FingerprintRow]:
    """Those the asker may know of, newest first; the label of each is still to be asked."""
    rows = FingerprintRow.objects.filter(review_id=standing.review).order_by("-begun_at", "-id")
    if _ours(asking, standing):
        return rows
    return rows.none() if standing.state is ReviewState.WITHDRAWN else rows.filter(origin=Origin.GATEWAY)


def opening(review: str, artefact: str | None) -> FingerprintRow | None:
    """The first fingerprint taken through the gateway of what a consent names: what later ones are compared with."""
    rows = FingerprintRow.objects.filter(review_id=review, origin=Origin.GATEWAY, taken_at__isnull=False)
    if artefact is not None:
        rows = rows.filter(artefact=artefact)
    return rows.order_by("taken_at", "id").first()


def check_taking(
    *, by: Actor, review: str, purpose: str, repetitions: int, at: datetime, again: bool = False
) -> tuple[Standing, Consent]:
    """What a taking through the gateway goes by, if ``by`` may begin one now.

    For an evaluator of the body whom the consent names, for a purpose it names; ``again`` wants an opening to compare
    it with. Raises ``Forbidden`` (``role-missing``), ``Refused`` (``no-access``, ``not-named``,
    ``purpose-not-consented``, ``budget-too-small``, ``no-opening``) and ``Misuse`` (``bad-repetitions``).
    """
    standing = standing_seen_by(by, review, at)
    by.require(standing.body, Role.EVALUATOR, to="take a fingerprint through the gateway")
    check_repetitions(repetitions)
    consent = standing.consent
    if standing.reason is not None or consent is None:
        raise Refused("no-access", standing.reason or "The developer has signed no consent for this review.")
    _may_call(by, consent, purpose)
    _affords(by, review, consent, repetitions)
    if again and opening(review, consent.artefact) is None:
        raise Refused("no-opening", "There is no opening fingerprint of this build yet to compare it with; take one.")
    return standing, consent


def run_of(row: FingerprintRow) -> Run:
    return Run(row.begun_by_id, row.begun_at, row.taken_at, row.stopped_at)


def taken(row: FingerprintRow) -> Fingerprint:
    """The answers of a row that has them."""
    return read((row.fingerprint or "").encode())


def declaration_view(row: DeclarationRow, consent: Consent | None) -> DeclarationView:
    """The frozen form; whoever calls has checked who asks."""
    said: dict[str, Any] = json.loads(row.statement)
    endpoint = EndpointVersion(**said["endpoint"]) if said["endpoint"] else None
    manifest = manifest_in(row.bundle.encode()) if row.bundle else None
    artefacts = artefacts_of(endpoint, manifest)
    return DeclarationView(
        id=row.id,
        number=row.number,
        by=row.declared_by_id,
        at=row.declared_at,
        shared_at=row.shared_at,
        endpoint=endpoint,
        manifest=manifest,
        public_key=row.public_key,
        artefacts=artefacts,
        digest=Digest(row.digest),
        consented=consent.artefact in artefacts if consent else None,
    )


def fingerprint_view(row: FingerprintRow, now: datetime) -> FingerprintView:
    """The frozen form; whoever calls has checked who asks."""
    return FingerprintView(
        id=row.id,
        review=row.review_id,
        origin=Origin(row.origin),
        state=state_of(run_of(row), now),
        by=row.begun_by_id,
        begun_at=row.begun_at,
        ended_at=row.taken_at or row.stopped_at,
        reason=row.reason,
        artefact=Digest(row.artefact) if row.artefact else None,
        consent=Digest(row.consent) if row.consent else None,
        repetitions=row.repetitions,
        digest=Digest(row.digest) if row.digest else None,
        reference=row.reference_id,
        comparison=comparison_in(json.loads(row.comparison)) if row.comparison else None,
        label=Label.parse(row.label),
    )


def statement_view(row: StatementRow) -> StatementView:
    """The frozen form; whoever calls has checked who asks."""
    envelope: Any = from_json(row.envelope, "The statement")
    said = verify(row.envelope.encode(), key=envelope["signatures"][0]["keyid"])
    predicate: Any = said.payload["predicate"]
    files = predicate["weights"].get("differences")
    return StatementView(
        id=row.id,
        by=row.signed_by_id,
        at=row.signed_at,
        shared_at=row.shared_at,
        weights=said.weights,
        files=_files(files) if files else None,
        behaviour=said.behaviour,
        sentence=said.sentence,
        digest=Digest(row.digest),
        envelope=envelope,
    )


def comparison_in(said: Mapping[str, Any]) -> Comparison:
    """A comparison from its plain form."""
    shifts = tuple(ProbeShift(**shift) for shift in said["shifts"])
    return Comparison(**{**said, "word": Sameness(said["word"]), "shifts": shifts})


def no_such(kind: str, given: str) -> NotFound:
    return NotFound(f"no-such-{kind}", f"There is no {kind} {given!r} that you may see.")


def _may_call(by: Actor, consent: Consent, purpose: str) -> None:
    if by.person not in consent.people:
        raise Refused("not-named", "The consent does not name you; only those it names reach the model.")
    if purpose not in consent.purposes:
        named = ", ".join(sorted(consent.purposes))
        raise Refused("purpose-not-consented", f"The consent does not name the purpose {purpose!r}; it names {named}.")


def _affords(by: Actor, review: str, consent: Consent, repetitions: int) -> None:
    """Nothing is begun that could not be finished."""
    needs, used = cost(repetitions), access.usage(by, review)
    requests, tokens = consent.budget.requests - used.requests, consent.budget.tokens - used.tokens
    if needs.requests > requests or needs.tokens > tokens:
        raise Refused(
            "budget-too-small",
            f"This needs up to {needs.requests:,} requests and {needs.tokens:,} tokens; {max(0, requests):,} and "
            f"{max(0, tokens):,} are left of the consent. Take it with fewer repetitions.",
        )


def _files(said: Mapping[str, Any]) -> FilesDiffer:
    return FilesDiffer(tuple(said["added"]), tuple(said["removed"]), tuple(said["changed"]), said["unchanged"])


def _shared(rows: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
    return rows.none() if standing.state is ReviewState.WITHDRAWN else rows.filter(Q(shared_at__isnull=False))


def _ours(asking: Actor, standing: Standing) -> bool:
    return standing.developer in asking.organisations


def _knows(asking: Actor, review: str, now: datetime) -> bool:
    try:
        cases.developer_of(asking, review)
    except NotFound:
        return False
    return True


def _may(asking: Actor, standing: Standing) -> tuple[str, ...]:
    """What the asker's roles and the review's standing leave them to do now."""
    found = []
    if any(asking.has(role, standing.developer) for role in DECLARES):
        found += ["declare", "record"]
    if any(asking.has(role, standing.developer) for role in SHARES) and standing.state is not ReviewState.DRAFT:
        found.append("share")
    if asking.has(Role.SIGNATORY, standing.developer):
        found.append("state")
    consent = standing.consent
    evaluates = asking.has(Role.EVALUATOR, standing.body) and standing.reason is None
    if evaluates and consent is not None and asking.person in consent.people:
        found.append("take")
    return tuple(found)
