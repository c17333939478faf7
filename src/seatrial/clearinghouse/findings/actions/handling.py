"""What becomes of a report that was received: acknowledged, accepted or returned here, withdrawn by its reporter."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from seatrial.clearinghouse.findings.core.intake import CLEARINGHOUSE
from seatrial.clearinghouse.findings.core.lifecycle import MACHINE, Return, Standing
from seatrial.clearinghouse.findings.models import Attachment, Report
from seatrial.clearinghouse.findings.queries import belongs, no_such_report, row_of, view
from seatrial.clearinghouse.findings.types import ReportState, ReportView
from seatrial.kernel.digests import Digest
from seatrial.kernel.errors import Conflict, Forbidden
from seatrial.kernel.labels import Label
from seatrial.ledger import api as ledger
from seatrial.parties.types import Actor, Role


@transaction.atomic
def acknowledge(*, by: Actor, report: str, at: datetime) -> ReportView:
    """An analyst has seen it. Raises ``Conflict`` (``already-acknowledged``), ``Refused`` (``wrong-state``)."""
    row = _held(by, report)
    by.require(CLEARINGHOUSE, Role.ANALYST, to="handle reports")
    if row.state == ReportState.ACKNOWLEDGED:
        raise Conflict("already-acknowledged", f"The report {report} was acknowledged already.")
    return _moved(row, "acknowledge", by, at)


@transaction.atomic
def accept(*, by: Actor, report: str, at: datetime) -> ReportView:
    """It is a flaw, and it is handled from here on. Raises ``Refused`` (``wrong-state``)."""
    row = _held(by, report)
    by.require(CLEARINGHOUSE, Role.ANALYST, to="handle reports")
    return _moved(row, "accept", by, at)


@transaction.atomic
def return_report(*, by: Actor, report: str, reason: str, at: datetime) -> ReportView:
    """Give it back with ``reason``, which its reporter reads. Raises ``Refused`` (``wrong-state``, ``says-why``)."""
    row = _held(by, report)
    by.require(CLEARINGHOUSE, Role.ANALYST, to="handle reports")
    return _moved(row, "return", by, at, reason=reason)


@transaction.atomic
def withdraw(*, by: Actor, report: str, at: datetime, with_code: bool = False) -> tuple[ReportView, frozenset[Digest]]:
    """Its reporter takes it back; ``with_code``: whoever asks showed its receipt code. Its words stay, under its label;
    its attachments go, and the digests of what nobody else's report holds are returned for the shelf.

    Raises ``Refused`` (``wrong-state``), ``Forbidden`` (``not-your-report``).
    """
    row = Report.objects.select_for_update().filter(id=report).first()
    own = row is not None and (with_code or belongs(by, row))
    if row is None or not (own or by.may_read(Label.parse(row.label))):
        raise no_such_report(report)
    if not own:
        raise Forbidden("not-your-report", "Only whoever reported it withdraws a report; an analyst returns it.")
    files = frozenset(Digest(one) for one in row.attachments.values_list("digest", flat=True))
    row.attachments.all().delete()
    held = frozenset(Attachment.objects.filter(digest__in=files).values_list("digest", flat=True))
    return _moved(row, "withdraw", by, at), files - held


def judged(*, report: str, at: datetime) -> None:
    """The machine is done with it; part of the transaction in which its judgement is taken down."""
    Report.objects.filter(id=report).update(judged_at=at)


def _held(by: Actor, report: str) -> Report:
    row_of(by, report)
    return Report.objects.select_for_update().get(id=report)


def _moved(row: Report, event: str, by: Actor, at: datetime, *, reason: str = "") -> ReportView:
    """``row`` after ``event``, with the entry that records it."""
    standing = Standing(ReportState(row.state))
    row.state = MACHINE.apply(standing, event, Return(reason), at).state
    row.reason = reason.strip()
    row.save(update_fields=["state", "reason"])
    facts = {"report": row.id, **({"reason": row.reason} if row.reason else {})}
    entry = MACHINE.transitions[event].entry
    ledger.append(kind=entry, actor=by.person or "anyone", facts=facts, label=Label.parse(row.label), at=at)
    return view(row)
