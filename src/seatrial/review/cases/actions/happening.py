"""The one way in which anything happens to a review: load, apply the table, store, one ledger entry."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction

from seatrial.kernel.errors import Forbidden
from seatrial.kernel.labels import Label
from seatrial.ledger import api as ledger
from seatrial.ledger.types import MAIN
from seatrial.parties import api as parties
from seatrial.parties.types import Actor
from seatrial.review.cases.core.case import Case
from seatrial.review.cases.core.table import MACHINE
from seatrial.review.cases.models import (
    Review,
)
from seatrial.review.cases.queries import (
    OUTLIVING,
    ROLES,
    case_of,
    home_of,
    no_such_review,
    side_of,
    touchable,
)

FINDER = "finder"  # who reports a canary without an account


LONGEST_TEXT = 10_000  # characters of what somebody writes on a review


@transaction.atomic
def happen(
    *,
    by: Actor | None,
    review: str,
    event: str,
    at: datetime,
    details: object = None,
    before: Callable[[Review, Case], None] | None = None,
    facts: Callable[[Review], dict[str, Any]] | None = None,
    label: Callable[[Review], Label] | None = None,
) -> None:
    """The one way in which anything happens to a review.

    ``details`` is what the table's guards and effects get, or makes it from the locked row; ``before`` stores
    what the row itself does not hold, given the case as it has become. ``by`` is ``None`` for a finder whom nobody
    knows. The developer's drafts are recorded in its own log, everything else in the shared one (V10).
    """
    row = _locked(by, review, event)
    transition = MACHINE.transitions[event]
    if by is not None:
        side = side_of(by, row)
        if side is None or side not in transition.by:
            raise Forbidden("not-yours", f"Only the {transition.by} can do this to a review.")
        by.require(home_of(by, row), *ROLES[event], to=event.replace("_", " "))
    made = details(row) if callable(details) else details
    case = MACHINE.apply(case_of(row), event, made, at)
    if before is not None:
        before(row, case)
    _store(row, case)
    ledger.append(
        log=MAIN if case.offered_at is not None else row.developer_id,
        kind=transition.entry,
        actor=by.person if by else FINDER,
        facts={"review": row.id, **(facts(row) if facts else {})},
        label=label(row) if label else Label.parse(row.label),
        at=at,
    )


def _locked(by: Actor | None, review: str, event: str) -> Review:
    """The row, locked until the transaction ends. Raises ``NotFound`` if the actor may not know of it."""
    if not Review.objects.select_for_update().filter(id=review).exists():
        raise no_such_review(review)
    row = (touchable(by, event) if by else Review.objects).filter(id=review).first()
    outlives = by is None or event in OUTLIVING
    if row is None or not (outlives or (by and by.may_read(Label.parse(row.label)))):
        raise no_such_review(review)
    return row


def _store(row: Review, case: Case) -> None:
    row.partner_release, row.public_release = case.partner_release, case.public_release
    row.offered_at, row.acknowledged_at = case.offered_at, case.acknowledged_at
    row.withdrawn_at, row.released_at, row.closed_at = case.withdrawn_at, case.released_at, case.closed_at
    row.earliest_release, row.contained = case.earliest_release, case.contained
    row.save()


def policy_said(body: str, version: str) -> dict[str, Any]:
    """The policy by version and digest, in what the developer signs: both have signed it then (V17)."""
    return {"policy": version, "policy_digest": parties.policy(body, version).digest}
