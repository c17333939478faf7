"""What joins a report on its way: who passed it on, and what other coordinators call it. Only ever appended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from seatrial.clearinghouse.findings.core.document import checked
from seatrial.clearinghouse.findings.core.intake import CLEARINGHOUSE
from seatrial.clearinghouse.findings.models import Carried
from seatrial.clearinghouse.findings.queries import belongs, carried_document, row_of, view
from seatrial.clearinghouse.findings.types import ReportState, ReportView
from seatrial.kernel.canonical import canonical
from seatrial.kernel.clock import iso
from seatrial.kernel.errors import Forbidden, Refused
from seatrial.kernel.labels import Label
from seatrial.ledger import api as ledger
from seatrial.parties.types import Actor, Role


@transaction.atomic
def pass_on(
    *, by: Actor, report: str, organisation: str, at: datetime, identifier: str = "", note: str = ""
) -> ReportView:
    """It was passed on by ``organisation``, which calls it ``identifier``: a hop of its chain.

    Raises ``Misuse`` (``report-invalid``), ``Forbidden`` (``role-missing``), ``Refused`` (``wrong-state``).
    """
    said = {"organisation": organisation, "identifier": identifier, "at": iso(at), "note": note}
    return _carry(by, report, "chain", {name: value for name, value in said.items() if value}, at)


@transaction.atomic
def exchange_identifier(*, by: Actor, report: str, organisation: str, identifier: str, at: datetime) -> ReportView:
    """``organisation`` handles it as ``identifier`` (VU#, GHSA, an internal id). Raises as ``pass_on`` does."""
    return _carry(by, report, "handling", {"organisation": organisation, "identifier": identifier}, at)


def _carry(by: Actor, report: str, kind: str, entry: Mapping[str, Any], at: datetime) -> ReportView:
    row = row_of(by, report)
    if not (belongs(by, row) or by.has(Role.ANALYST, CLEARINGHOUSE)):
        raise Forbidden("role-missing", "Only its reporter or an analyst of the clearinghouse adds to a report.")
    if row.state in (ReportState.DRAFT, ReportState.WITHDRAWN):
        raise Refused("wrong-state", f"Nothing joins a report that is {row.state}; send it first, or report it anew.")
    document = carried_document(row)
    if entry in document.get(kind, []):
        return view(row)
    checked({**document, kind: [*document.get(kind, []), entry]})
    Carried.objects.create(report=row, kind=kind, data=canonical(entry).decode(), by=by.person, at=at)
    facts = {"report": row.id, "part": kind, "entry": dict(entry)}
    ledger.append(kind="report.carried", actor=by.person, facts=facts, label=Label.parse(row.label), at=at)
    return view(row)
