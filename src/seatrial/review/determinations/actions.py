"""Every write of determinations: draft, sign, share back, attach the developer's statement."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction

from seatrial.kernel.canonical import canonical
from seatrial.kernel.digests import digest
from seatrial.kernel.errors import Misuse, Refused
from seatrial.kernel.labels import Label
from seatrial.ledger import api as ledger
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, Role
from seatrial.review.benchmarks import api as benchmarks
from seatrial.review.cases import api as cases
from seatrial.review.cases.types import ReviewState

from .core.lifecycle import MACHINE, NEEDS, WITHDRAWN, Facts, Signing, Statement, shared_label
from .core.memo import memo
from .models import Determination, DeterminationSignature
from .queries import facts_of, home_of, readable, statement_of
from .types import Finding

LONGEST_TEXT = 20_000
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")  # no database or page keeps these


@transaction.atomic
def draft(*, by: Actor, review: str, campaign: str, finding: Finding, reasons: str, at: datetime) -> str:
    """A determination on a campaign's evidence as it stands; its memo is fixed now. Returns its id.

    Raises ``Forbidden`` (``role-missing``), ``Refused`` (``review-withdrawn``), ``Misuse`` (``bad-text``,
    ``foreign-campaign``) and ``NotFound`` for a review or a campaign that ``by`` may not see.
    """
    found = cases.review(by, review, at)
    by.require(found.body, Role.AUTHORITY, to="draft a determination")
    if found.state is ReviewState.WITHDRAWN:
        raise Refused("review-withdrawn", WITHDRAWN)
    _check_text(reasons, "reasons")
    seen = benchmarks.campaign(by, campaign)
    if seen.review != review:
        raise Misuse("foreign-campaign", f"The campaign {campaign} belongs to another review; name one of this review.")
    beside = benchmarks.campaigns(by, review)
    content = canonical(memo(seen, model=found.model, finding=finding, reasons=reasons.strip(), beside=beside))
    label = Label.among(found.body).join(seen.label)
    for one in beside:
        label = label.join(one.label)  # the memo names each of them
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
    facts = {
        "review": review,
        "determination": row.id,
        "campaign": campaign,
        "finding": finding,
        "memo": row.memo_digest,
    }
    ledger.append(kind="determination.drafted", actor=by.person, facts=facts, label=label, at=at)
    return row.id


def sign(*, by: Actor, determination: str, at: datetime) -> None:
    """One of the two signatures, over the finding, the reasons and the memo's digest."""

    def stored(row: Determination, _facts: Facts) -> dict[str, Any]:
        made = parties.sign(by=by, organisation=row.review.body_id, statement=statement_of(row), at=at)
        DeterminationSignature.objects.create(
            determination=row, person_id=by.person, at=at, public_key=made.public_key, value=made.value
        )
        return {"signed": made.statement, "signature": made.value}

    _happen(by=by, determination=determination, event="sign", at=at, details=Signing(by.person), then=stored)


def share(*, by: Actor, determination: str, at: datetime) -> None:
    """Let the developer read it: its label changes, and the ledger keeps both labels."""

    def stored(row: Determination, facts: Facts) -> dict[str, Any]:
        before = row.label
        row.shared_at = facts.shared_at
        row.label = str(shared_label(Label.parse(before), row.review.developer_id, row.review.body_id))
        return {"label_before": before}

    _happen(by=by, determination=determination, event="share", at=at, then=stored)


def attach_statement(*, by: Actor, determination: str, text: str, at: datetime) -> None:
    """The developer's own words beside the finding, as they are."""
    _check_text(text, "statement")

    def stored(row: Determination, facts: Facts) -> dict[str, Any]:
        row.statement, row.statement_at = facts.statement, at
        return {"statement": digest(details.text.encode())}

    details = Statement(text.strip())
    _happen(by=by, determination=determination, event="attach_statement", at=at, details=details, then=stored)


@transaction.atomic
def _happen(
    *,
    by: Actor,
    determination: str,
    event: str,
    at: datetime,
    then: Callable[[Determination, Facts], dict[str, Any]],
    details: object = None,
) -> None:
    """Lock, check roles and table, let ``then`` store what changed and say what the entry adds, append the entry."""
    Determination.objects.select_for_update().filter(id=determination).first()
    row = readable(by, determination)
    for role in NEEDS[event]:
        by.require(home_of(row, event), role, to=_SAID[event])
    added = then(row, MACHINE.apply(facts_of(row), event, details, at))
    row.save(update_fields=["label", "shared_at", "statement", "statement_at"])
    facts = {"review": row.review_id, "determination": row.id, "memo": row.memo_digest, "label": row.label, **added}
    ledger.append(
        kind=MACHINE.transitions[event].entry, actor=by.person, facts=facts, label=Label.parse(row.label), at=at
    )


_SAID = {
    "sign": "sign a determination",
    "share": "share a determination",
    "attach_statement": "attach the developer's statement",
}


def _check_text(text: str, name: str) -> None:
    if not 0 < len(text.strip()) <= LONGEST_TEXT:
        raise Misuse("bad-text", f"The {name} must have 1 to {LONGEST_TEXT:,} characters.")
    if _UNPRINTABLE.search(text):
        raise Misuse("bad-text", f"The {name} must not contain control characters; keep to text and line breaks.")
