"""The words of the intake. Pure."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from seatrial.kernel.digests import Digest
from seatrial.kernel.labels import Label

FORMAT = "seatrial-report/1"


class ReportState(enum.StrEnum):
    DRAFT = "draft"  # its writers' alone
    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"  # an analyst has seen it
    RETURNED = "returned"  # given back with a reason
    ACCEPTED = "accepted"  # a flaw that is handled
    WITHDRAWN = "withdrawn"  # by its reporter


@dataclass(frozen=True, slots=True)
class NewReport:
    """A vulnerability as its finder states it, the short form. Lengths in characters are checked by ``core``."""

    title: str  # 8–200
    description: str  # 20–50,000
    product: str  # what it is in, as its vendor names it
    version: str = ""
    finder: str = ""  # credit, verbatim; empty means anonymous
    proof: str = ""  # a runnable claim, or empty
    tlp: str = "AMBER"  # the finder's wish, CLEAR, GREEN, AMBER, AMBER+STRICT or RED


@dataclass(frozen=True, slots=True)
class Receipt:
    """Handed to the reporter. ``code`` is shown this once; whoever holds it can follow the report.

    It is empty for a report that is known already, and for one with an account, which finds it among its own.
    ``log`` and ``index`` name the ledger entry that records the report.
    """

    code: str
    report: str
    label: Label
    at: datetime
    log: str
    index: int
    known: bool = False


@dataclass(frozen=True, slots=True)
class AttachmentView:
    """A file that came with a report; ``digest`` is of its bytes, ``size`` counts them."""

    id: str
    name: str
    media: str
    size: int
    digest: Digest


@dataclass(frozen=True, slots=True)
class ReportView:
    """``document`` is the whole report in the own format, as it came; the fields before it are taken from there."""

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
    organisation: str = ""  # whose report it is; empty without an account
    runnable: bool = False  # it brings a recipe
    reason: str = ""  # why it was returned, for its reporter
    document: Mapping[str, Any] = field(default_factory=dict)
    attachments: tuple[AttachmentView, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A report in a list."""

    id: str
    title: str
    product: str
    version: str
    finder: str
    state: ReportState
    label: Label
    at: datetime
    organisation: str
    runnable: bool


class Outcome(enum.StrEnum):
    TAKEN = "taken"
    KNOWN = "known"  # this reporter sent it before; the report that stands is named
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ItemResult:
    """What came of one item among many. ``pointer`` says where it stood in what was sent."""

    pointer: str
    outcome: Outcome
    report: str = ""
    code: str = ""  # without an account: shown this once
    refusal: str = ""  # the code of the refusal
    why: str = ""  # its sentence
    log: str = ""
    index: int | None = None


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What came of a file of reports, item by item in their order. ``digest`` is of the bytes that were sent."""

    digest: Digest
    taken: int
    known: int
    refused: int
    items: tuple[ItemResult, ...]
    retry_after: int = 0  # seconds until what the quota refused can be sent again
