"""The words of the intake. Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from seatrial.kernel.labels import Label


class ReportState(enum.StrEnum):
    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"


@dataclass(frozen=True, slots=True)
class NewReport:
    """A vulnerability as its finder states it. Lengths in characters are checked by ``core``."""

    title: str  # 8–200
    description: str  # 20–50,000
    product: str  # what it is in, as its vendor names it
    version: str = ""
    finder: str = ""  # credit, verbatim; empty means anonymous
    proof: str = ""  # a runnable claim, or empty
    tlp: str = "AMBER"  # the finder's wish, CLEAR, GREEN, AMBER, AMBER+STRICT or RED


@dataclass(frozen=True, slots=True)
class Receipt:
    """Handed to the reporter. ``code`` is shown this once; whoever holds it can follow the report."""

    code: str
    report: str
    label: Label
    at: datetime
    log: str
    index: int


@dataclass(frozen=True, slots=True)
class ReportView:
    id: str
    title: str
    description: str
    product: str
    version: str
    finder: str
    proof: str
    state: ReportState
    label: Label
    at: datetime
