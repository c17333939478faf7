"""Who may act, and the one ledger entry that each act leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import reduce

from seatrial.clearinghouse.findings import api as findings
from seatrial.clearinghouse.triage.models import Place
from seatrial.kernel.labels import Label
from seatrial.ledger import api as ledger
from seatrial.parties.types import Actor, Role


def check_analyst(by: Actor, *, to: str) -> None:
    """Raises ``Forbidden`` (``role-missing``)."""
    by.require(findings.CLEARINGHOUSE, Role.ANALYST, to=to)


def note(kind: str, actor: str, facts: Mapping[str, object], reports: Sequence[str], at: datetime) -> None:
    """The entry, under a label that everybody who reads it may read all of ``reports`` by."""
    labels = Place.objects.filter(report__in=reports).values_list("label", flat=True)
    label = reduce(Label.join, map(Label.parse, labels))
    ledger.append(kind=kind, actor=actor, facts=dict(facts), label=label, at=at)
