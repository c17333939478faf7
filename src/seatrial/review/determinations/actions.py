"""Every write of determinations: draft, sign, share back, attach the developer's statement."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from seatrial.kernel.canonical import canonical
from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Misuse
from seatrial.kernel.labels import Label
from seatrial.ledger import api as ledger
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, Role
from seatrial.review.benchmarks import api as benchmarks
from seatrial.review.cases import api as cases

from .core.lifecycle import BODY, MACHINE, Facts, Signing, Statement
from .core.memo import evidence
from .models import Determination, DeterminationSignature
from .queries import ROLES, facts_of, readable, statement_of
from .types import Finding

LONGEST_TEXT = 20_000


@transaction.atomic
def draft(*, by: Actor, review: str, campaign: str, finding: Finding, reasons: str, at: datetime) -> str:
    """A determination on a campaign's evidence as it stands; its memo is fixed now. Returns its id."""
    found = cases.review(by, review, at)
    by.require(found.body, Role.AUTHORITY, to="draft a determination")
    _check_text(reasons, "reasons")
    seen = benchmarks.campaign(by, campaign)
    if seen.review != review:
        raise Misuse("foreign-campaign", f"The campaign {campaign} belongs to another review; name one of this review.")
    content = canonical(evidence(seen, model=found.model, finding=finding, reasons=reasons.strip()))
    label = Label.among(found.body).join(seen.label)
    row = Determination(
        review_id=review,
        campaign=campaign,
        finding=finding,
        reasons=reasons.strip(),
        memo=content.decode(),
        memo_digest=digest(content),
        label=str(label),
        drafted_by_id=by.person,
        drafted_at=at,
    )
    row.save(force_insert=True)
    facts = {"review": review, "determination": row.id, "finding": finding, "memo": row.memo_digest}
    ledger.append(kind="determination.drafted", actor=by.person, facts=facts, label=label, at=at)
    return row.id


def sign(*, by: Actor, determination: str, at: datetime) -> None:
    """One of the two signatures, over the finding, the reasons and the memo's digest."""

    def stored(row: Determination, _facts: Facts) -> None:
        by.require(row.review.body_id, Role.AUTHORITY, to="sign a determination")
        made = parties.sign(by=by, organisation=row.review.body_id, statement=statement_of(row), at=at)
        DeterminationSignature.objects.create(
            determination=row, person_id=by.person, at=at, public_key=made.public_key, value=made.value
        )

    _happen(by=by, determination=determination, event="sign", at=at, details=Signing(by.person), then=stored)


def share(*, by: Actor, determination: str, at: datetime) -> None:
    """Let the developer read it: its label changes, and says so on the ledger."""

    def stored(row: Determination, facts: Facts) -> None:
        row.shared_at = facts.shared_at
        row.label = str(Label.among(row.review.developer_id, row.review.body_id))

    _happen(by=by, determination=determination, event="share", at=at, then=stored)


def attach_statement(*, by: Actor, determination: str, text: str, at: datetime) -> None:
    """The developer's own words beside the finding, as they are."""
    _check_text(text, "statement")

    def stored(row: Determination, facts: Facts) -> None:
        row.statement, row.statement_at = facts.statement, at

    details = Statement(text.strip())
    _happen(by=by, determination=determination, event="attach_statement", at=at, details=details, then=stored)


@transaction.atomic
def _happen(
    *,
    by: Actor,
    determination: str,
    event: str,
    at: datetime,
    then: Callable[[Determination, Facts], None],
    details: object = None,
) -> None:
    Determination.objects.select_for_update().filter(id=determination).first()
    row = readable(by, determination)
    transition = MACHINE.transitions[event]
    home = row.review.body_id if transition.by == BODY else row.review.developer_id
    by.require(home, ROLES[event], to=event.replace("_", " "))
    then(row, MACHINE.apply(facts_of(row), event, details, at))
    row.save()
    facts = {"review": row.review_id, "determination": row.id, "memo": row.memo_digest, "label": row.label}
    ledger.append(kind=transition.entry, actor=by.person, facts=facts, label=Label.parse(row.label), at=at)


def _check_text(text: str, name: str) -> None:
    if not 0 < len(text.strip()) <= LONGEST_TEXT:
        raise Misuse("bad-text", f"The {name} must have 1 to {LONGEST_TEXT:,} characters.")
