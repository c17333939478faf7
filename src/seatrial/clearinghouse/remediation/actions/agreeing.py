"""What an operator is asked to take upon itself, and what it says to that."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from seatrial.clearinghouse.findings.api import CLEARINGHOUSE
from seatrial.clearinghouse.remediation.core import undertakings
from seatrial.clearinghouse.remediation.models import UndertakingRow
from seatrial.clearinghouse.remediation.queries.loading import ANSWERS, side, undertaking_row
from seatrial.clearinghouse.remediation.types import UndertakingState
from seatrial.kernel.errors import Misuse
from seatrial.kernel.labels import Label
from seatrial.kernel.text import checked
from seatrial.ledger import api as ledger
from seatrial.parties import api as parties
from seatrial.parties.types import Actor, OrganisationKind, Role

LONGEST = 2000


@transaction.atomic
def offer_undertaking(*, by: Actor, organisation: str, text: str, at: datetime) -> str:
    """The clearinghouse asks an operator for something; nothing follows from it but what the operator says. Its id.

    Raises ``Forbidden``, ``NotFound``, ``Misuse`` (``bad-text``, ``no-operator``).
    """
    by.require(CLEARINGHOUSE, Role.ANALYST, to="ask operators for anything")
    if parties.organisation(organisation).kind is not OrganisationKind.OPERATOR:
        raise Misuse("no-operator", f"{organisation} is no operator; only operators are asked.")
    text = checked("What is asked", text, longest=LONGEST)
    row = UndertakingRow.objects.create(
        organisation_id=organisation,
        text=text,
        state=UndertakingState.OFFERED,
        offered_at=at,
        moved_at=at,
        moved_by=by.person,
    )
    _record("remediation.undertaking.offered", by, row, at)
    return row.id


@transaction.atomic
def move_undertaking(*, by: Actor, undertaking: str, move: str, at: datetime) -> UndertakingState:
    """``agree``, ``decline`` or ``end``.

    Raises ``NotFound`` (``no-such-undertaking``), ``Refused`` (``undertaking-moved``), ``Forbidden``.
    """
    row = undertaking_row(by, undertaking, lock=True)
    who = side(by, row)
    if who == undertakings.OPERATOR:
        by.require(row.organisation_id, *ANSWERS, to="agree for it")
    row.state = undertakings.move(UndertakingState(row.state), move, who)
    row.moved_at, row.moved_by = at, by.person
    row.save(update_fields=["state", "moved_at", "moved_by"])
    _record(f"remediation.undertaking.{row.state}", by, row, at)
    return UndertakingState(row.state)


def _record(kind: str, by: Actor, row: UndertakingRow, at: datetime) -> None:
    label = Label.among(row.organisation_id, CLEARINGHOUSE)
    facts = {"undertaking": row.id, "organisation": row.organisation_id}
    ledger.append(kind=kind, actor=by.person, facts=facts, label=label, at=at)
